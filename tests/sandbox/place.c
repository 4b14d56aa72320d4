#include "place.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "landlock.h"
#include "xalloc.h"

#define NOBODY		65534
#define OTHER_STEP	255	/* how a child says that */

const char *
place_path(const struct place *p, const char *below)
{
	static char paths[4][256];
	static unsigned i;
	char *path = paths[i++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", p->base, below);
	return path;
}

/* A child may make itself nobody only if it is somebody. */
static int
be_nobody(void)
{
	if (getuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setresgid(NOBODY, NOBODY, NOBODY) == -1 ||
	    setresuid(NOBODY, NOBODY, NOBODY) == -1))
		return -1;
	/* What is private to the dead must not fail for that alone. */
	return prctl(PR_SET_DUMPABLE, 1);
}

static void
make_file(const char *root, const char *name, const char *text, mode_t mode)
{
	char *path = xasprintf("%s/%s", root, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	cr_assert_neq(fd, -1);
	cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
	cr_assert_eq(fchmod(fd, mode), 0);
	fd_close(&fd);
	free(path);
}

static void
make_folder(const char *root, const char *name)
{
	char *path = xasprintf("%s/%s", root, name);

	cr_assert_eq(mkdir(path, 0755), 0);
	free(path);
}

static int
give_away(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return lchown(path, NOBODY, NOBODY);
}

static void
make_tree(struct place *p)
{
	static const char *const folders[] = {
		"work", "work/sub", "outside", "rw", "tools", "tmp"
	};
	char *link;
	size_t i;

	p->root = xstrdup("/tmp/sigbox-landlock-XXXXXX");
	cr_assert_not_null(mkdtemp(p->root));
	cr_assert_eq(chmod(p->root, 0755), 0);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		make_folder(p->root, folders[i]);
	make_file(p->root, "work/own", "own", 0644);
	make_file(p->root, "work/sub/own", "own", 0644);
	make_file(p->root, "outside/secret", "secret", 0644);
	make_file(p->root, "outside/run", "#!/bin/sh\n", 0755);
	make_file(p->root, "tools/run", "#!/bin/sh\n", 0755);
	link = xasprintf("%s/work/link", p->root);
	cr_assert_eq(symlink("../outside/secret", link), 0);
	free(link);
	if (getuid() == 0)
		cr_assert_eq(nftw(p->root, give_away, 16, FTW_PHYS), 0);
}

static void
make_policy(struct place *p, enum tier tier)
{
	static char *rw[2];
	struct stat st;
	char *work = xasprintf("%s/work", p->root);

	cr_assert_eq(stat(work, &st), 0);
	free(work);
	rw[0] = xstrdup(place_path(p, "rw"));
	p->policy = (struct policy){ .profile = PROFILE_WORKSPACE,
	    .tier = tier, .landlock = landlock_abi(), .uid = NOBODY,
	    .gid = NOBODY, .cwd = xstrdup(place_path(p, "work")),
	    .cwd_dev = st.st_dev, .cwd_ino = st.st_ino,
	    .tools = xstrdup(place_path(p, "tools")),
	    .tmp = xstrdup(place_path(p, "tmp")), .rw = rw };
}

static void
listen_at(int fd, const void *at, size_t len)
{
	const union { const void *p; const struct sockaddr *sa; } u = { at };

	cr_assert_neq(fd, -1);
	cr_assert_eq(bind(fd, u.sa, (socklen_t)len), 0);
	cr_assert_eq(listen(fd, SOMAXCONN), 0);
}

static void
make_sockets(struct place *p)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	/* No name: the kernel finds one that is free. */
	p->abstract = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	listen_at(p->abstract, &un, offsetof(struct sockaddr_un, sun_path));
	p->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	listen_at(p->tcp, &in, sizeof(in));
}

/* Ready when it is nobody: it says so by closing its end. */
static void
make_other(struct place *p)
{
	int ready[2];
	char c;

	cr_assert_eq(pipe2(ready, O_CLOEXEC), 0);
	if ((p->other = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (be_nobody() == -1)
			_exit(1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	fd_close(&ready[1]);
	cr_assert_eq(read(ready[0], &c, 1), 0);
	fd_close(&ready[0]);
}

void
place_init(struct place *p, enum tier tier, const char *base)
{
	int fd;

	*p = (struct place){ 0 };
	if (landlock_abi() == 0)
		cr_skip_test("no Landlock in this kernel");
	make_tree(p);
	p->base = base == NULL ? p->root : base;
	make_policy(p, tier);
	make_sockets(p);
	make_other(p);
	for (fd = 0; fd < 256; fd++)
		p->descriptors += fcntl(fd, F_GETFD) != -1;
}

static int
remove_it(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
place_fini(struct place *p)
{
	kill(p->other, SIGKILL);
	waitpid(p->other, NULL, 0);
	fd_close(&p->abstract);
	fd_close(&p->tcp);
	nftw(p->root, remove_it, 16, FTW_DEPTH | FTW_PHYS);
	free(p->policy.cwd);
	free(p->policy.tools);
	free(p->policy.tmp);
	free(p->policy.rw[0]);
	free(p->root);
}

static void __attribute__((noreturn))
be_child(const struct place *p, attempt try, const char *expected_step)
{
	const char *step = "";

	if ((p->view != NULL && p->view(p) == -1) ||
	    chdir(p->policy.cwd) == -1 || be_nobody() == -1)
		_exit(OTHER_STEP);
	if (expected_step != NULL) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (landlock_enter(&p->policy, &step) == -1)
			_exit(strcmp(step, expected_step) == 0 ? errno :
			    OTHER_STEP);
	}
	_exit(try == NULL ? 0 : try(p));
}

static int
run(const struct place *p, attempt try, const char *expected_step)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0)
		be_child(p, try, expected_step);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void
place_expect(const struct place *p, const char *what, attempt try, int why)
{
	int r;

	r = run(p, try, NULL);
	cr_expect_eq(r, 0, "control: %s: %s", what, strerror(r));
	r = run(p, try, "");
	cr_expect_eq(r, why, "%s: %s", what, strerror(r));
}

void
place_expect_allowed(const struct place *p, const char *what, attempt try)
{
	place_expect(p, what, try, 0);
}

void
place_expect_refused(const struct place *p, const char *step, int why)
{
	int r = run(p, NULL, step);

	cr_expect_eq(r, why, "%s: %s", step, r == OTHER_STEP ?
	    "another step" : strerror(r));
}
