#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "place.h"
#include "runtime.h"
#include "scratch.h"
#include "xalloc.h"

#define NOBODY	65534

static const char *dir;

static char *
in(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void
set(const char *variable, const char *name)
{
	char *path = in(name);

	setenv(variable, path, 1);
	free(path);
}

static void
start(void)
{
	static const char *const silent[] = {
		"STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_STATE_HOME",
		"XDG_RUNTIME_DIR", "LISTEN_PID", "LISTEN_FDS"
	};
	size_t i;

	for (i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		unsetenv(silent[i]);
	dir = scratch_new();
	set("SIGBOX_STATE", "state");
	set("SIGBOX_RUNTIME", "runtime");
}

static void
stop(void)
{
	scratch_remove(dir);
}

TestSuite(place, .init = start, .fini = stop, .timeout = 60);

static void
same(const char *got, const char *want)
{
	cr_assert(got != NULL && strcmp(got, want) == 0, "%s, not %s", got,
	    want);
}

static void
open_place(struct place *p)
{
	char *why = NULL;

	cr_assert(place_open(p, &why) == 0, "%s", why);
}

static void
open_listening(struct place *p)
{
	char *why = NULL;

	open_place(p);
	cr_assert(place_listen(p, &why) == 0, "%s", why);
}

static void
check_refused(int error, const char *name, const char *words)
{
	char *why = NULL, *want = xasprintf("%s/%s: %s", dir, name, words);
	struct place p;

	cr_assert(eq(int, place_open(&p, &why), -1));
	cr_assert(eq(int, errno, error));
	same(why, want);
	free(why);
	free(want);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	cr_assert(lstat(path, &st) == 0, "%s", path);
	return st.st_mode & 07777;
}

Test(place, folders_and_socket_are_for_us_alone)
{
	struct place p;

	umask(0);
	set("SIGBOX_STATE", "deep/down/state");
	open_listening(&p);
	cr_assert(eq(u32, mode_of(p.state), 0700));
	cr_assert(eq(u32, mode_of(p.tasks), 0700));
	cr_assert(eq(u32, mode_of(p.runtime), 0700));
	cr_assert(eq(u32, mode_of(p.socket), 0600));
	cr_assert(eq(u32, umask(0), 0));
	place_close(&p);
}

Test(place, what_others_could_read_is_made_tight)
{
	char *path = in("state");
	struct place p;

	cr_assert(mkdir(path, 0755) == 0);
	open_place(&p);
	cr_assert(eq(u32, mode_of(path), 0700));
	place_close(&p);
	free(path);
}

Test(place, what_others_could_write_is_refused)
{
	char *path = in("runtime");

	cr_assert(mkdir(path, 0700) == 0);
	cr_assert(chmod(path, 0777) == 0);
	check_refused(EPERM, "runtime", "others can write to it");
	free(path);
}

Test(place, the_folder_of_another_user_is_refused)
{
	char *path = in("state");

	if (geteuid() != 0)
		cr_skip_test("only root can give a folder away");
	cr_assert(mkdir(path, 0700) == 0);
	cr_assert(chown(path, NOBODY, NOBODY) == 0);
	check_refused(EPERM, "state", "belongs to another user");
	free(path);
}

Test(place, our_own_link_is_followed_and_that_of_another_is_not)
{
	char *path = in("state"), *target = in("elsewhere");
	struct place p;

	cr_assert(mkdir(target, 0700) == 0);
	cr_assert(symlink(target, path) == 0);
	open_place(&p);
	place_close(&p);
	if (geteuid() == 0) {
		cr_assert(lchown(path, NOBODY, NOBODY) == 0);
		check_refused(EPERM, "state", strerror(EPERM));
	}
	free(path);
	free(target);
}

Test(place, a_file_in_the_way_is_refused)
{
	char *path = in("state");

	close(open(path, O_CREAT | O_WRONLY, 0600));
	check_refused(ENOTDIR, "state", strerror(ENOTDIR));
	free(path);
}

Test(place, a_path_too_long_for_a_socket_is_refused)
{
	char name[120], *words;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	set("SIGBOX_RUNTIME", name);
	words = xasprintf("%s/sigbox.sock", name);
	check_refused(ENAMETOOLONG, words, "longer than the 107 bytes that "
	    "a socket's path may have; SIGBOX_RUNTIME can say another folder");
	free(words);
}

Test(place, a_second_supervisor_is_told_who_runs)
{
	struct place p;
	char *words = xasprintf("already running as pid %d", (int)getpid());

	open_place(&p);
	check_refused(EBUSY, "state", words);
	place_close(&p);
	open_place(&p);			/* and now it may */
	place_close(&p);
	free(words);
}

/* A supervisor that is killed with the lock and the socket in its hands. */
static void
die_in_office(void)
{
	struct place p;
	pid_t pid;

	if ((pid = fork()) == 0) {
		open_listening(&p);
		raise(SIGKILL);
	}
	cr_assert(waitpid(pid, NULL, 0) == pid);
}

static int
connect_to(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un sun;

	cr_assert(runtime_address(&sun, path) == 0);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

Test(place, what_a_dead_supervisor_left_is_no_obstacle)
{
	char *path = in("runtime/sigbox.sock");
	struct place p;
	int fd;

	die_in_office();
	cr_assert(access(path, F_OK) == 0);
	open_listening(&p);
	fd = connect_to(path);
	cr_assert(fd != -1);
	close(fd);
	place_close(&p);
	cr_assert(access(path, F_OK) == -1);
	free(path);
}

Test(place, a_socket_that_answers_is_not_taken_away)
{
	struct place first, second;
	char *why = NULL, *want;

	open_listening(&first);
	set("SIGBOX_STATE", "other");
	open_place(&second);
	cr_assert(eq(int, place_listen(&second, &why), -1));
	cr_assert(eq(int, errno, EBUSY));
	want = xasprintf("%s: another supervisor answers there", first.socket);
	same(why, want);
	place_close(&second);
	cr_assert(access(first.socket, F_OK) == 0);
	place_close(&first);
	free(why);
	free(want);
}

Test(place, a_file_where_the_socket_belongs_is_left_alone)
{
	char *why = NULL;
	struct place p;

	open_place(&p);
	close(open(p.socket, O_CREAT | O_WRONLY, 0600));
	cr_assert(eq(int, place_listen(&p, &why), -1));
	cr_assert(eq(int, errno, EEXIST));
	cr_assert(access(p.socket, F_OK) == 0);
	place_close(&p);
	free(why);
}

Test(place, the_listener_blocks_nobody_and_is_nobody_elses)
{
	struct place p;

	open_listening(&p);
	cr_assert(ne(int, fcntl(p.listener, F_GETFL) & O_NONBLOCK, 0));
	cr_assert(fcntl(p.listener, F_GETFD) & FD_CLOEXEC);
	cr_assert(fcntl(p.lock, F_GETFD) & FD_CLOEXEC);
	place_close(&p);
}

/* As systemd does it: descriptor 3, and three variables. */
static void
activate(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un sun;
	char pid[16];

	cr_assert(runtime_address(&sun, path) == 0);
	cr_assert(bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0);
	cr_assert(listen(fd, 1) == 0);
	if (fd != 3) {
		cr_assert(dup2(fd, 3) == 3);
		close(fd);
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "sigbox.socket", 1);
}

/* In a child: descriptor 3 is the test's own business elsewhere. */
static void
check_child(void (*child)(void))
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		child();
		_exit(0);
	}
	cr_assert(waitpid(pid, &status, 0) == pid);
	cr_assert(eq(int, status, 0));
}

static void
be_activated(void)
{
	char *path = in("given.sock");
	struct place p;
	int fd;

	activate(path);
	open_listening(&p);
	cr_assert(p.given);
	same(p.socket, path);
	cr_assert(fcntl(p.listener, F_GETFD) & FD_CLOEXEC);
	cr_assert(getenv("LISTEN_PID") == NULL);
	cr_assert(getenv("LISTEN_FDS") == NULL);
	cr_assert(getenv("LISTEN_FDNAMES") == NULL);
	fd = connect_to(path);
	cr_assert(fd != -1);
	place_close(&p);
	/* Systemd's socket stays for the next one. */
	cr_assert(access(path, F_OK) == 0);
}

Test(place, a_given_socket_is_taken_and_left)
{
	check_child(be_activated);
}

static void
be_passed_over(void)
{
	char *path = in("given.sock");
	struct place p;

	activate(path);
	setenv("LISTEN_PID", "1", 1);
	open_listening(&p);
	cr_assert(not(p.given));
	place_close(&p);
}

Test(place, a_socket_for_another_process_is_not_taken)
{
	check_child(be_passed_over);
}

static void
be_given_a_pipe(void)
{
	char *path = in("given.sock"), *why = NULL;
	struct place p;
	int fds[2];

	activate(path);
	cr_assert(pipe(fds) == 0 && dup2(fds[0], 3) == 3);
	open_place(&p);
	cr_assert(eq(int, place_listen(&p, &why), -1));
	same(why, "LISTEN_FDS: not a listening unix socket");
	place_close(&p);
}

Test(place, what_is_given_must_be_a_listening_socket)
{
	check_child(be_given_a_pipe);
}

static void
check_state(const char *want)
{
	struct place p;

	open_place(&p);
	same(p.state, want);
	place_close(&p);
}

Test(place, the_nearest_variable_says_where_the_state_is)
{
	char *path;

	set("STATE_DIRECTORY", "systemd:/elsewhere");
	set("XDG_STATE_HOME", "xdg");
	set("HOME", "home");
	path = in("state");
	check_state(path);
	free(path);
	unsetenv("SIGBOX_STATE");
	setenv("STATE_DIRECTORY", "", 1);
	path = in("xdg/sigbox");
	check_state(path);
	free(path);
	set("STATE_DIRECTORY", "systemd:/elsewhere");
	path = in("systemd");
	check_state(path);
	free(path);
}

Test(place, a_relative_folder_is_made_absolute)
{
	char *path = in("near");

	cr_assert(chdir(dir) == 0);
	setenv("SIGBOX_STATE", "near", 1);
	check_state(path);
	free(path);
}

static void
check_runtime(const char *want)
{
	char *folder = runtime_folder();

	same(folder, want);
	free(folder);
}

Test(runtime, the_nearest_variable_says_where_the_socket_is)
{
	char *own;

	unsetenv("SIGBOX_RUNTIME");
	unsetenv("RUNTIME_DIRECTORY");
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	check_runtime("/run/user/7/sigbox");
	setenv("RUNTIME_DIRECTORY", "/run/a:/run/b", 1);
	check_runtime("/run/a");
	setenv("SIGBOX_RUNTIME", "/run/c", 1);
	check_runtime("/run/c");
	unsetenv("SIGBOX_RUNTIME");
	unsetenv("RUNTIME_DIRECTORY");
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	own = geteuid() == 0 ? xstrdup("/run/sigbox") :
	    xasprintf("/tmp/sigbox-%u", (unsigned)geteuid());
	check_runtime(own);
	free(own);
}

static void
check_trust(const char *path, const char *want)
{
	const char *why = "trusted";

	cr_assert(eq(int, runtime_check(path, &why), want == NULL ? 0 : -1));
	same(why, want == NULL ? "trusted" : want);
}

static void
be_a_client(void)
{
	char *path = in("folder");

	/* Not root: root trusts anybody's. */
	cr_assert(seteuid(NOBODY) == 0);
	check_trust(path, "belongs to another user");
}

TestSuite(runtime, .init = start, .fini = stop, .timeout = 60);

Test(runtime, a_client_trusts_only_what_nobody_else_could_have_put_there)
{
	char *path = in("folder"), *link = in("link"), *file = in("file");

	check_trust(path, "cannot be looked at");
	cr_assert(mkdir(path, 0700) == 0 && symlink(path, link) == 0);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	check_trust(path, NULL);
	check_trust(link, NULL);
	check_trust(file, "not a folder");
	if (geteuid() == 0) {
		cr_assert(chown(path, 1, 1) == 0 && chmod(dir, 0755) == 0);
		check_trust(path, NULL);
		check_child(be_a_client);
	}
	cr_assert(chmod(path, 0770) == 0);
	check_trust(path, "others can write to it");
	free(path);
	free(link);
	free(file);
}
