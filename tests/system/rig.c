#include "rig.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOBODY	65534

uint64_t
rig_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void
rig_fail(struct rig *r, const char *fmt, ...)
{
	char *words, *log = NULL;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	if (vasprintf(&words, fmt, ap) == -1)
		abort();
	va_end(ap);
	if (r != NULL && r->folder != NULL)
		log = rig_log(r);
	n = log == NULL ? 0 : strlen(log);
	cr_assert_fail("%s\n--- the supervisor's log ends\n%s", words,
	    log == NULL ? "" : log + (n > 4000 ? n - 4000 : 0));
	abort();
}

char *
rig_keep(struct rig *r, char *s)
{
	r->strings = reallocarray(r->strings, r->nstrings + 1,
	    sizeof(*r->strings));
	if (s == NULL || r->strings == NULL)
		abort();
	return r->strings[r->nstrings++] = s;
}

void
rig_keep_json(struct rig *r, json_t *j)
{
	json_array_append_new(r->jsons, j);
}

static void
drop_kept(struct rig *r)
{
	size_t i;

	for (i = 0; i < r->nstrings; i++)
		free(r->strings[i]);
	free(r->strings);
	json_decref(r->jsons);
}

char *
rig_path(struct rig *r, const char *in_folder)
{
	char *path;

	if (asprintf(&path, "%s/%s", r->folder, in_folder) == -1)
		abort();
	return rig_keep(r, path);
}

void
rig_write(struct rig *r, const char *in_folder, const char *text, mode_t mode)
{
	const char *path = rig_path(r, in_folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd == -1 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		rig_fail(r, "%s: %s", path, strerror(errno));
	fchmod(fd, mode);
	close(fd);
	if (r->conf.as_nobody && geteuid() == 0 &&
	    chown(path, NOBODY, NOBODY) == -1)
		rig_fail(r, "%s: %s", path, strerror(errno));
}

char *
rig_read(struct rig *r, const char *in_folder)
{
	FILE *f = fopen(rig_path(r, in_folder), "re");
	char *text = NULL;
	size_t size = 0;

	if (f == NULL)
		return NULL;
	if (getdelim(&text, &size, '\0', f) == -1) {
		free(text);
		text = strdup("");
	}
	fclose(f);
	return rig_keep(r, text);
}

char *
rig_log(struct rig *r)
{
	char *log = rig_read(r, "log");

	return log == NULL ? rig_keep(r, strdup("")) : log;
}

static char *
pair(struct rig *r, const char *name, const char *value)
{
	char *s;

	if (asprintf(&s, "%s=%s", name, value) == -1)
		abort();
	return rig_keep(r, s);
}

static char *
passed_on(struct rig *r, const char *name)
{
	const char *value = getenv(name);

	return pair(r, name, value == NULL ? "" : value);
}

char **
rig_environment(struct rig *r)
{
	char **e = calloc(20, sizeof(*e));
	size_t n = 0;

	if (e == NULL)
		abort();
	e[n++] = pair(r, "PATH", "/usr/local/bin:/usr/bin:/bin");
	e[n++] = pair(r, "HOME", rig_path(r, "home"));
	e[n++] = pair(r, "SIGBOX_STATE", rig_path(r, "state"));
	e[n++] = pair(r, "SIGBOX_RUNTIME", rig_path(r, "run"));
	e[n++] = pair(r, "XDG_CONFIG_HOME", rig_path(r, "home/.config"));
	e[n++] = pair(r, "SIGBOX_RIG", r->name);
	e[n++] = pair(r, "LANG", "C.UTF-8");
	/* A client must not mend what a test has broken. */
	e[n++] = pair(r, "SIGBOX_SUPERVISOR", "/bin/false");
	e[n++] = passed_on(r, "SIGBOX_WORKER");
	e[n++] = passed_on(r, "ASAN_OPTIONS");
	e[n++] = passed_on(r, "UBSAN_OPTIONS");
	rig_keep(r, (char *)e);
	return e;
}

void
rig_become(const struct rig *r)
{
	if (r->conf.as_nobody && geteuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setresgid(NOBODY, NOBODY, NOBODY) == -1 ||
	    setresuid(NOBODY, NOBODY, NOBODY) == -1))
		_exit(126);
	/* A change of user clears it, so it comes last. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void
make_folder(struct rig *r, const char *in_folder, mode_t mode, bool of_user)
{
	const char *path = rig_path(r, in_folder);

	if (mkdir(path, mode) == -1 || chmod(path, mode) == -1)
		rig_fail(r, "%s: %s", path, strerror(errno));
	if (of_user && geteuid() == 0 && chown(path, NOBODY, NOBODY) == -1)
		rig_fail(r, "%s: %s", path, strerror(errno));
}

static void
make_folders(struct rig *r)
{
	char template[] = "/tmp/sigbox-XXXXXX";
	bool user = r->conf.as_nobody;

	if (mkdtemp(template) == NULL || (r->folder = strdup(template)) == NULL)
		rig_fail(NULL, "%s: %s", template, strerror(errno));
	r->name = strrchr(r->folder, '/') + 1;
	r->guard = rig_guard(r);
	chmod(r->folder, 0755);
	make_folder(r, "state", 0700, user);
	make_folder(r, "run", 0700, user);
	make_folder(r, "home", 0700, user);
	make_folder(r, "home/.config", 0700, user);
	make_folder(r, "tools", 0755, user);
	make_folder(r, "model", 0700, false);
	/* Under root the tools run as the owner of their folder (B3). */
	make_folder(r, "work", 0755, true);
}

static void
write_config(struct rig *r)
{
	char *text;

	if (asprintf(&text, "[tasks]\nenvironment=SIGBOX_RIG\n"
	    "[model]\nprovider=openai\n"
	    "base_url=http://127.0.0.1:%u/v1\nmodel=fake\nkey_file=%s\n%s",
	    r->port, rig_path(r, "key"),
	    r->conf.conf == NULL ? "" : r->conf.conf) == -1)
		abort();
	rig_write(r, "key", "sk-fake\n", 0600);
	rig_write(r, "sigbox.conf", text, 0644);
	free(text);
}

struct rig *
rig_new(const struct rig_conf *conf)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	signal(SIGPIPE, SIG_IGN);
	if (conf != NULL)
		r->conf = *conf;
	r->jsons = json_array();
	make_folders(r);
	rig_start_model(r);
	write_config(r);
	rig_start(r);
	return r;
}

static void
exec_supervisor(struct rig *r, char **environment)
{
	char *argv[] = { (char *)"sigboxd", (char *)"-f", (char *)"-c",
	    rig_path(r, "sigbox.conf"), NULL };
	int log = open(rig_path(r, "log"), O_WRONLY | O_CREAT | O_APPEND,
	    0666);
	int null = open("/dev/null", O_RDONLY);

	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	close_range(3, ~0U, 0);
	if (chdir(r->folder) == -1)
		_exit(126);
	rig_become(r);
	if (r->conf.no_namespaces)
		rig_lose_namespaces();
	execve(getenv("SIGBOXD"), argv, environment);
	_exit(127);
}

/* The one socket in the folder of sockets; NULL: not yet. */
static char *
find_socket(struct rig *r)
{
	const char *run = rig_path(r, "run");
	char *path, *found = NULL;
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(run);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (asprintf(&path, "%s/%s", run, e->d_name) == -1)
			abort();
		rig_keep(r, path);
		if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode))
			found = path;
	}
	if (d != NULL)
		closedir(d);
	return found;
}

static int
try_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

int
rig_connect(struct rig *r)
{
	int fd = r->socket == NULL ? -1 : try_connect(r->socket);

	if (fd == -1)
		rig_fail(r, "no connection to the supervisor: %s",
		    strerror(errno));
	return fd;
}

/*
 * A file that was left there by a killed supervisor is a socket too, so
 * that connecting is the only proof. Between tries it waits for a change of
 * the folder or the process's end; a listen() changes neither, hence 5 ms.
 */
static bool
is_up(struct rig *r, int watch, int pidfd)
{
	struct pollfd p[] = { { watch, POLLIN, 0 }, { pidfd, POLLIN, 0 } };
	char drain[4096];
	int fd;

	r->socket = find_socket(r);
	if (r->socket != NULL && (fd = try_connect(r->socket)) != -1) {
		close(fd);
		return true;
	}
	poll(p, 2, 5);
	if (p[1].revents != 0)
		rig_fail(r, "the supervisor ended at once, with %d",
		    rig_exit(r));
	if (p[0].revents != 0 && read(watch, drain, sizeof(drain)) == -1)
		rig_fail(r, "inotify: %s", strerror(errno));
	return false;
}

void
rig_start(struct rig *r)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), pidfd;
	char **environment = rig_environment(r);

	inotify_add_watch(watch, rig_path(r, "run"), IN_CREATE | IN_MOVED_TO);
	if ((r->pid = fork()) == 0)
		exec_supervisor(r, environment);
	if (r->pid == -1 || (pidfd = pidfd_open(r->pid, 0)) == -1)
		rig_fail(r, "sigboxd: %s", strerror(errno));
	while (!is_up(r, watch, pidfd))
		if (rig_now() > deadline)
			rig_fail(r, "the supervisor does not listen");
	close(watch);
	close(pidfd);
}

void
rig_signal(struct rig *r, int sig)
{
	if (r->pid == 0 || kill(r->pid, sig) == -1)
		rig_fail(r, "no supervisor to signal");
}

int
rig_exit(struct rig *r)
{
	struct pollfd p = { pidfd_open(r->pid, 0), POLLIN, 0 };
	int status = -1;

	if (poll(&p, 1, RIG_DEADLINE_MS) != 1)
		rig_fail(r, "the supervisor does not end");
	close(p.fd);
	waitpid(r->pid, &status, 0);
	r->pid = 0;
	return status;
}

void
rig_crash(struct rig *r)
{
	rig_signal(r, SIGKILL);
	rig_exit(r);
}

static void
stop_model(struct rig *r)
{
	close(r->model_stdin);
	waitpid(r->model_pid, NULL, 0);
	r->model_pid = 0;
}

void
rig_free(struct rig *r)
{
	struct job *j;
	int status = 0;

	for (j = r->jobs; j != NULL; j = j->next)
		if (j->code == -1) {
			rig_kill(j, SIGTERM);
			rig_finish(j);
		}
	rig_check_heads(r);
	if (r->pid != 0) {
		rig_signal(r, SIGTERM);
		status = rig_exit(r);
	}
	rig_gone(r, NULL);
	rig_check_requests(r);
	stop_model(r);
	if (status != 0)
		rig_fail(r, "the supervisor ended with status %#x", status);
	rig_sweep(r->name, r->folder);
	if (write(r->guard, "k", 1) == 1)
		close(r->guard);
	while ((j = r->jobs) != NULL) {
		r->jobs = j->next;
		free(j->out);
		free(j->err);
		free(j);
	}
	drop_kept(r);
	free(r->folder);
	free(r);
}
