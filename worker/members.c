#include "members.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"

static void
add(struct members *m, pid_t pid, pid_t parent)
{
	if (m->n == sizeof(m->list) / sizeof(m->list[0])) {
		m->cut = true;
		return;
	}
	m->list[m->n++] = (struct member){ pid, parent };
}

/* 0: "." and the like. */
static pid_t
number(const char *name)
{
	return isdigit((unsigned char)*name) ? (pid_t)atol(name) : 0;
}

void
members_of_namespace(struct members *m)
{
	struct dirent *e;
	pid_t pid;
	DIR *d;

	m->n = 0;
	m->cut = false;
	if ((d = opendir("/proc")) == NULL) {
		m->cut = true;
		return;
	}
	while ((e = readdir(d)) != NULL)
		if ((pid = number(e->d_name)) > 1)
			add(m, pid, 0);
	closedir(d);
}

static void
add_list(struct members *m, FILE *f, pid_t parent)
{
	long pid;

	while (fscanf(f, "%ld", &pid) == 1)
		add(m, (pid_t)pid, parent);
}

/* Each thread has a list of its own. */
static void
add_children(struct members *m, pid_t parent)
{
	char path[64];
	struct dirent *e;
	FILE *f;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)parent);
	if ((d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (number(e->d_name) == 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		    (int)parent, (int)number(e->d_name));
		if ((f = fopen(path, "re")) == NULL)
			continue;
		add_list(m, f, parent);
		fclose(f);
	}
	closedir(d);
}

void
members_children(struct members *m, pid_t parent)
{
	m->n = 0;
	m->cut = false;
	add_children(m, parent);
}

void
members_below(struct members *m, pid_t root)
{
	size_t i;

	members_children(m, root);
	for (i = 0; i < m->n; i++)
		add_children(m, m->list[i].pid);
}

/* A file of /proc/PID, as a string; false: it is gone. */
static bool
slurp(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	n = fd_read_all(fd, text, size - 1);
	fd_close(&fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return true;
}

bool
members_look(pid_t pid, struct look *l)
{
	char text[1024], *open, *close;
	int parent, group;

	if (!slurp(pid, "stat", text, sizeof(text)))
		return false;
	/* The name may hold anything, parentheses too. */
	if ((open = strchr(text, '(')) == NULL ||
	    (close = strrchr(text, ')')) == NULL)
		return false;
	*close = '\0';
	if (sscanf(close + 1, " %c %d %d", &l->state, &parent, &group) != 3)
		return false;
	l->parent = (pid_t)parent;
	l->group = (pid_t)group;
	strlcpy(l->name, open + 1, sizeof(l->name));
	return true;
}

bool
members_is_dead(const struct look *l)
{
	return l->state == 'Z' || l->state == 'X';
}

/* Clock ticks: its own, and its children's. */
static uint64_t
ticks(pid_t pid)
{
	unsigned long long own[2], children[2];
	char text[1024], *close;

	if (!slurp(pid, "stat", text, sizeof(text)) ||
	    (close = strrchr(text, ')')) == NULL ||
	    sscanf(close + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
	    "%llu %llu %llu %llu", &own[0], &own[1], &children[0],
	    &children[1]) != 4)
		return 0;
	return own[0] + own[1] + children[0] + children[1];
}

uint64_t
members_cpu(const struct members *m)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < m->n; i++)
		n += ticks(m->list[i].pid);
	return n * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* The number behind a name in /proc/PID/status. */
static uint64_t
field(const char *status, const char *name, int base)
{
	const char *at = strstr(status, name);

	return at == NULL ? 0 : strtoull(at + strlen(name), NULL, base);
}

/*
 * A parent in vfork() waits in state D for its child, which is stopped; it will
 * stop when it is let go.
 */
static bool
stands(const char *status, char state)
{
	if (state == 'D')
		return field(status, "\nShdPnd:", 16) &
		    UINT64_C(1) << (SIGSTOP - 1);
	return state == 'T' || state == 't';
}

static void
mix(uint64_t *digest, uint64_t n)
{
	*digest = (*digest ^ n) * UINT64_C(0x100000001b3);
}

bool
members_are_still(const struct members *m, uint64_t *digest)
{
	char status[4096], *at;
	size_t i;

	*digest = 0;
	if (m->cut)
		return false;
	for (i = 0; i < m->n; i++) {
		if (!slurp(m->list[i].pid, "status", status, sizeof(status)) ||
		    (at = strstr(status, "\nState:\t")) == NULL)
			continue;
		at += strlen("\nState:\t");
		if (*at == 'Z' || *at == 'X')
			continue;
		if (!stands(at, *at))
			return false;
		mix(digest, (uint64_t)m->list[i].pid);
		mix(digest, field(at, "\nvoluntary_ctxt_switches:", 10));
		mix(digest, field(at, "\nnonvoluntary_ctxt_switches:", 10));
	}
	return true;
}

/* The descriptor first: what it names cannot become another one any more. */
static bool
is_same(const struct member *m)
{
	struct look l;

	return m->parent == 0 ||
	    (members_look(m->pid, &l) && l.parent == m->parent);
}

void
members_signal(const struct member *m, int signo)
{
	int fd;

	if ((fd = (int)syscall(SYS_pidfd_open, m->pid, 0)) == -1) {
		if (errno == ENOSYS && is_same(m))
			kill(m->pid, signo);
		return;
	}
	if (is_same(m))
		syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0);
	fd_close(&fd);
}

bool
members_has_children_file(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
	    (int)getpid());
	return access(path, R_OK) == 0;
}
