#include "stage.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "fd.h"
#include "stage_files.h"
#include "stage_ipc.h"

void
stage_tell(struct stage *s, const char *name, const char *value)
{
	if (value[0] != '\0')
		buf_printf(&s->facts, "%s=%s%c", name, value, 0);
}

void
stage_tell_number(struct stage *s, const char *name, unsigned long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", n);
	stage_tell(s, name, text);
}

/* As the tool's user, with a secret in its environment and in its memory. */
static void
be_victim(struct stage *s, int out)
{
	char program[PATH_MAX];
	char *argv[] = { (char []){ "attack" }, (char []){ "--victim" },
	    NULL };
	char *env[] = { (char []){ "SIGBOX_SECRET=" SECRET }, NULL };

	snprintf(program, sizeof(program), "%s", s->attack);
	if (dup2(out, STDOUT_FILENO) == -1 || chdir(s->hidden) == -1 ||
	    setresgid(s->uid, s->uid, s->uid) == -1 ||
	    setresuid(s->uid, s->uid, s->uid) == -1)
		_exit(71);
	execve(program, argv, env);
	_exit(72);
}

static void
start_victim(struct stage *s)
{
	unsigned long at;
	char text[64];
	int fds[2], fd;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) == -1 || (s->victim = fork()) == -1)
		err(71, "victim");
	if (s->victim == 0)
		be_victim(s, fds[1]);
	fd_close(&fds[1]);
	s->victim_out = fds[0];
	if ((n = read(fds[0], text, sizeof(text) - 1)) <= 0)
		errx(71, "the victim does not speak");
	text[n] = '\0';
	if (sscanf(text, "%d %lu", &fd, &at) != 2)
		errx(71, "the victim says: %s", text);
	stage_tell_number(s, "victim", (unsigned long)s->victim);
	stage_tell_number(s, "victim_fd", (unsigned long)fd);
	stage_tell_number(s, "victim_at", at);
}

void
stage_init(struct stage *s, uid_t uid, bool root_folder)
{
	memset(s, 0, sizeof(*s));
	s->uid = uid;
	s->root_folder = root_folder;
	files_make(s);
	ipc_make(s);
	start_victim(s);
	files_look(s, &s->before);
}

void
stage_renew(struct stage *s)
{
	files_renew(s);
}

void
stage_fini(struct stage *s)
{
	kill(s->victim, SIGKILL);
	waitpid(s->victim, NULL, 0);
	fd_close(&s->victim_out);
	ipc_remove(s);
	files_remove(s);
	buf_fini(&s->facts);
	buf_fini(&s->hide);
	buf_fini(&s->before);
}

static void
hear_datagrams(struct stage *s, void (*heard)(void *, const char *), void *arg)
{
	char name[64];
	unsigned i;
	ssize_t n;

	for (i = 0; i < s->ndgrams; i++)
		while ((n = recv(s->dgrams[i], name, sizeof(name) - 1,
		    MSG_DONTWAIT)) >= 0) {
			name[n] = '\0';
			heard(arg, name);
		}
}

/* The greatest number comes last, so all before it has been told. */
void
stage_hear(struct stage *s, void (*heard)(void *, const char *), void *arg)
{
	unsigned char signo;

	hear_datagrams(s, heard, arg);
	if (kill(s->victim, SIGRTMAX) == -1) {
		heard(arg, "victim_kill");
		return;
	}
	while (read(s->victim_out, &signo, 1) == 1 && signo != SIGRTMAX) {
		if (signo == SIGURG)
			heard(arg, "kill_all");
		if (signo == SIGUSR1)
			heard(arg, "victim_kill");
		if (signo == SIGUSR2)
			heard(arg, "victim_sigio");
	}
}

struct line {
	const char	*text;
	size_t		 len;
};

static bool
has_line(const struct buf *b, struct line l)
{
	const char *at = b->data, *end = at + b->len;

	for (; at < end; at += strcspn(at, "\n") + 1)
		if (strcspn(at, "\n") == l.len &&
		    memcmp(at, l.text, l.len) == 0)
			return true;
	return false;
}

/* Lines of `a` that are not in `b`; a path is what a line ends in. */
static void
differing(const struct buf *a, const struct buf *b,
    void (*found)(void *, const char *), void *arg)
{
	const char *at = a->data, *end = at + a->len;
	char path[PATH_MAX];

	for (; at < end; at += strcspn(at, "\n") + 1) {
		struct line l = { at, strcspn(at, "\n") };
		const char *slash = memchr(at, '/', l.len);

		if (has_line(b, l) || slash == NULL)
			continue;
		snprintf(path, sizeof(path), "%.*s",
		    (int)(l.len - (size_t)(slash - at)), slash);
		found(arg, path);
	}
}

void
stage_compare(struct stage *s, void (*found)(void *, const char *), void *arg)
{
	struct buf now = { 0 };

	files_look(s, &now);
	differing(&now, &s->before, found, arg);
	differing(&s->before, &now, found, arg);
	files_find_set_id(s, found, arg);
	buf_fini(&now);
}

/* Of the user, but for the victim; kills them too, if it is asked to. */
static unsigned
count(const struct stage *s, bool is_end)
{
	struct dirent *e;
	struct stat st;
	unsigned n = 0;
	DIR *d = opendir("/proc");

	if (d == NULL)
		err(71, "/proc");
	while ((e = readdir(d)) != NULL) {
		pid_t pid = (pid_t)atol(e->d_name);

		if (pid <= 0 || pid == s->victim || fstatat(dirfd(d),
		    e->d_name, &st, 0) == -1 || st.st_uid != s->uid)
			continue;
		n++;
		if (is_end)
			kill(pid, SIGKILL);
	}
	closedir(d);
	return n;
}

unsigned
stage_alive(const struct stage *s)
{
	unsigned n = 0, i;

	/* Without root our own would be counted, and others of the user. */
	if (geteuid() != 0)
		return 0;
	for (i = 0; i < 1000 && (n = count(s, false)) > 0; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		poll(NULL, 0, 1);
	}
	if (n > 0)
		count(s, true);
	return n;
}
