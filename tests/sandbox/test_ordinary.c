/* Ordinary work goes on inside. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

struct job {
	const char	*needs;		/* programs; without them it is skipped */
	const char	*script;	/* with set -e; its last word is "done" */
};

static const struct job jobs[] = {
	{ "sh", "x=$(echo a | tr a b); [ $x = b ]; : >f; [ -e f ]; rm f;"
	    " (exit 3) || [ $? = 3 ]; sleep 0.01 & wait" },
	{ "bash", "bash -c 'a=(1 2); [[ ${a[1]} = 2 ]];"
	    " diff <(echo x) <(echo x); coproc cat; exec {COPROC[1]}>&-; wait'" },
	{ "mktemp", "t=$(mktemp -d); echo x >$t/x; [ -s $t/x ];"
	    " [ \"${TMPDIR:-/tmp}\" = \"${t%/*}\" ]; cd; pwd >p; [ -s p ]" },
	{ "tar gzip", "mkdir d; seq 1000 >d/a; ln -s a d/l; ln d/a d/h;"
	    " tar -czf d.tgz d; rm -r d; tar -xzf d.tgz; [ $(wc -l <d/l) = 1000 ]" },
	{ "find sort xargs sed awk", "mkdir -p a/b; touch a/b/c; [ \"$(find a"
	    " -type f | sort | xargs ls | sed s,/,:,g | awk -F: '{print NF}')\""
	    " = 3 ]" },
	{ "gcc make", "printf 'int two(void);int main(void){return two()-2;}\\n'"
	    " >m.c; printf 'int two(void){return 2;}\\n' >t.c;"
	    " printf 'm: m.o t.o\\n\\tcc -o m m.o t.o\\ncheck: m\\n\\t./m\\n'"
	    " >Makefile; make -j2 check >log 2>&1" },
	{ "git", "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b"
	    " GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b; mkdir g; cd g;"
	    " git init -q .; echo 1 >f; git add f; git commit -qm one;"
	    " echo 2 >f; git commit -qam two; git checkout -q HEAD~1;"
	    " git checkout -qb side; git gc -q; cd ..; git clone -q g h;"
	    " [ $(git -C h rev-list --count HEAD) = 1 ]" },
	{ "perl", "perl -e 'open F, \">f\"; print F 7; close F; system(\"true\")"
	    " == 0 or die; my $p = fork // die; exit 0 unless $p; wait;"
	    " $SIG{ALRM} = sub { exit 0 }; alarm 1; kill ALRM => $$; sleep 5;"
	    " die'" },
	{ "python3", "python3 -c 'import subprocess,tempfile,threading,sqlite3,"
	    "multiprocessing as m,json,time;"
	    "tempfile.TemporaryFile().write(b\"x\");"
	    "t=threading.Thread(target=print);t.start();t.join();"
	    "subprocess.run([\"true\"],check=True);"
	    "c=sqlite3.connect(\"db\");c.execute(\"create table t(a)\");"
	    "c.commit()' >/dev/null" },
	{ "node", "node -e 'const c=require(\"child_process\");"
	    "c.execSync(\"true\");require(\"fs\").writeFileSync(\"n\",\"1\");"
	    "new (require(\"worker_threads\").Worker)"
	    "(\"process.exit(0)\",{eval:true})'" },
	{ "timeout", "timeout 5 true; timeout --foreground 5 true" },
	{ "ps", "[ $(ps ax 2>/dev/null | wc -l) -ge 1 ]" },
	{ "nproc free", "nproc >/dev/null; free >/dev/null; uname -a >/dev/null;"
	    " date >/dev/null; id >/dev/null" },
};

static char *
wrap(const struct job *j)
{
	return xasprintf("for p in %s; do command -v $p >/dev/null || "
	    "{ echo lacks $p; exit 0; }; done; set -e\n%s\necho done",
	    j->needs, j->script);
}

static void
work(struct rig *r, const struct job *j)
{
	char *script = wrap(j), *out, *err;
	struct rig_task t;
	size_t len;

	rig_run(&t, r, script);
	out = rig_read(&t, "out", &len);
	err = rig_read(&t, "err", &len);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect(t.end.code == 0 && (strcmp(out, "done\n") == 0 ||
	    strncmp(out, "lacks ", 6) == 0), "%s: %d, %s%s", j->needs,
	    t.end.code, out, err);
	free(script);
	free(out);
	free(err);
}

RIG_TEST(ordinary, work_goes_on_inside)
{
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(jobs) / sizeof(*jobs); i++) {
		rig_init(&r, at);
		work(&r, &jobs[i]);
		rig_fini(&r);
	}
}
