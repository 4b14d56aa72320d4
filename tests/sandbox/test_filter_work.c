#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

#define NOBODY_ID	65534
#define ABSENT		77		/* the script's word for it */

static char	dir[] = "/tmp/sigbox-filter-XXXXXX";

static void
set_up(void)
{
	cr_assert_not_null(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
	cr_assert(geteuid() != 0 || chown(dir, NOBODY_ID, NOBODY_ID) == 0);
	setenv("HOME", dir, 1);
	setenv("TMPDIR", dir, 1);
	setenv("PATH", "/usr/bin:/bin", 1);
}

static int
remove_it(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void
tear_down(void)
{
	nftw(dir, remove_it, 16, FTW_DEPTH | FTW_PHYS);
}

/* The script's exit code; it begins with what it needs. */
static int
run(enum filter f, const char *needs, const char *script)
{
	char text[4096], number[8];
	int status;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", (int)f);
	snprintf(text, sizeof(text), "for p in %s; do command -v $p >/dev/null "
	    "|| exit %d; done; set -e\n%s", needs, ABSENT, script);
	if ((pid = fork()) == 0) {
		execl(FILTERED, "filtered", number, "/bin/sh", "-c", text,
		    (char *)NULL);
		_exit(127);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status), "signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static void
expect_in(enum filter f, const char *needs, const char *script)
{
	int code = run(f, needs, script);

	if (code == ABSENT)
		cr_skip_test("this machine lacks one of: %s", needs);
	cr_assert_eq(code, 0, "filter %d: exit %d of: %s", (int)f, code,
	    script);
}

/* What every tool may do, in whatever tier it is. */
static void
expect(const char *needs, const char *script)
{
	expect_in(FILTER_TOOL, needs, script);
	expect_in(FILTER_TOOL_LANDLOCK, needs, script);
	expect_in(FILTER_TOOL_OLD, needs, script);
	expect_in(FILTER_TOOL_NONE, needs, script);
}

TestSuite(work, .init = set_up, .fini = tear_down, .timeout = 120);

Test(work, shells_run_jobs_pipes_and_substitutions)
{
	expect("sh", "test \"$(printf 'b\\na\\n' | sort | head -1)\" = a\n"
	    "sleep 0 & wait $!\nulimit -n 64\ntrap : USR1; kill -USR1 $$");
	expect("bash", "bash -c '[[ $(cat <(echo hi) <<<x) == hi ]] && "
	    "mapfile -t l < <(seq 3) && ((${#l[@]} == 3))'");
}

Test(work, shells_have_job_control_in_tier_full)
{
	expect_in(FILTER_TOOL, "bash setsid timeout", "bash -c 'set -me; "
	    "sleep 0 & wait $!; setsid true; timeout 60 true'");
}

Test(work, files_are_made_copied_found_and_packed)
{
	expect("tar find", "mkdir -p a/b; echo x >a/b/f; mkfifo a/p\n"
	    "ln -s b a/l; ln a/b/f a/g; chmod 1755 a/b; chmod 640 a/b/f\n"
	    "cp -a a c; mv c d; touch -d 2001-01-01 d/g\n"
	    "truncate -s 4096 d/t 2>/dev/null || : >d/t\n"
	    "tar czf a.tgz a; mkdir e; tar xzf a.tgz -C e\n"
	    "test \"$(find e -type f | wc -l)\" = 2\n"
	    "sort --parallel=2 -o s /etc/passwd; install -m 755 s i\n"
	    "df . >df; stat a >st; rm -rf a d e s i df st a.tgz");
}

Test(work, processes_are_listed)
{
	expect("ps", "ps -ef | grep -q '[p]s -ef'");
}

Test(work, programs_are_compiled_and_made)
{
	expect("gcc make", "rm -rf m; mkdir m; cd m\n"
	    "printf '#include <pthread.h>\\n#include <stdio.h>\\n"
	    "static void *f(void *p) { puts(\"hello\"); return p; }\\n"
	    "int main(void) { pthread_t t; "
	    "return pthread_create(&t, 0, f, 0) || pthread_join(t, 0); }\\n' "
	    ">hello.c\n"
	    "printf 'all: one hello\\none:\\n\\ttouch one\\n' >Makefile\n"
	    "make -s -j2 CFLAGS='-pipe -pthread'\n"
	    "test \"$(./hello)\" = hello; cd ..; rm -rf m");
}

Test(work, git_commits_and_clones)
{
	expect("git", "rm -rf g h; git init -q g; cd g; echo a >f; git add f\n"
	    "git -c user.name=n -c user.email=e@x commit -q -m one; cd ..\n"
	    "git clone -q g h; git clone -q file://$PWD/g i\n"
	    "cd h; git log --oneline | grep -q one; git gc -q; cd ..\n"
	    "rm -rf g h i");
}

Test(work, perl_forks_and_opens_pipes)
{
	expect("perl", "perl -MIO::Select -MFile::Temp=tempfile -e '"
	    "open(my $p, \"-|\", \"echo\", \"x\") or die;"
	    "<$p> eq \"x\\n\" or die;"
	    "pipe(my $r, my $w); if (!fork) { print $w \"y\\n\"; exit }"
	    "wait; close $w; <$r> eq \"y\\n\" or die; tempfile(UNLINK => 1);"
	    "alarm 60; select undef, undef, undef, 0'");
}

Test(work, python_has_threads_children_and_loops)
{
	expect("python3", "cat >t.py <<'E'\n"
	    "import asyncio, mmap, multiprocessing, os, subprocess, tempfile\n"
	    "from concurrent.futures import ThreadPoolExecutor\n"
	    "def twice(n):\n return 2 * n\n"
	    "async def say():\n"
	    " p = await asyncio.create_subprocess_exec('echo', stdout=-1)\n"
	    " return (await p.communicate())[0]\n"
	    "if __name__ == '__main__':\n"
	    " assert sum(ThreadPoolExecutor(4).map(twice, range(9))) == 72\n"
	    " assert multiprocessing.Pool(2).map(twice, [4]) == [8]\n"
	    " assert asyncio.run(say()) == b'\\n'\n"
	    " assert subprocess.check_output(['echo', 'y']) == b'y\\n'\n"
	    " os.close(os.memfd_create('m'))\n"
	    " os.close(os.pidfd_open(os.getpid()))\n"
	    " tempfile.TemporaryFile().write(os.getrandom(8))\n"
	    " mmap.mmap(-1, 4096)\n"
	    "E\npython3 t.py");
}

Test(work, node_has_children_and_threads)
{
	expect("node", "cat >t.js <<'E'\n"
	    "const { Worker } = require('worker_threads');\n"
	    "const { execFileSync, spawn } = require('child_process');\n"
	    "const fs = require('fs');\n"
	    "if (String(execFileSync('echo')) !== '\\n') process.exit(1);\n"
	    "fs.promises.writeFile('n', 'z').then(() => fs.unlinkSync('n'));\n"
	    "fs.watch('.').close();\n"
	    "spawn('true').on('exit', (c) => { process.exitCode = c; });\n"
	    "new Worker('setTimeout(() => {}, 1)', { eval: true })\n"
	    " .on('exit', (code) => { if (code) process.exit(2); });\n"
	    "E\nnode t.js");
}

Test(work, sockets_of_the_internet_work_in_tier_full)
{
	expect_in(FILTER_TOOL, "python3", "python3 -c '\n"
	    "import socket\n"
	    "s = socket.create_server((\"127.0.0.1\", 0))\n"
	    "c = socket.create_connection(s.getsockname())\n"
	    "s.accept()[0].sendall(b\"x\"); assert c.recv(1) == b\"x\"'");
}

Test(work, what_a_tool_must_not_do_is_refused)
{
	expect_in(FILTER_TOOL, "python3 unshare", "touch f\n"
	    "! chmod u+s f 2>/dev/null || exit 1\n"
	    "! chmod g+s f 2>/dev/null || exit 1\n"
	    "! install -m 4755 f g 2>/dev/null || exit 1\n"
	    "! unshare -U true 2>/dev/null || exit 1\n"
	    "test -z \"$(find . -perm /6000)\"\n"
	    "cat >t.py <<'E'\n"
	    "import os, signal, socket\n"
	    "def refused(f, *args):\n"
	    " try:\n  f(*args)\n"
	    " except PermissionError:\n  return True\n"
	    "assert refused(os.kill, 0, signal.SIGKILL)\n"
	    "assert refused(os.kill, 0, signal.SIGSTOP)\n"
	    "assert refused(socket.socket, socket.AF_UNIX)\n"
	    "assert refused(os.open, 'h', os.O_CREAT, 0o4755)\n"
	    "assert refused(os.mknod, 'h', 0o104755)\n"
	    "os.kill(0, 0); socket.socketpair()\n"
	    "E\npython3 t.py");
}
