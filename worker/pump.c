#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"

#define ROUNDS		4		/* of one pump_run() */
#define RETRY		1000000U	/* us, while the disk is full */
#define BLOCK		4096U
#define NQUANTA		16		/* of the cap */

static uint64_t
whole(uint64_t n, uint64_t unit)
{
	return n - n % unit;
}

/*
 * Only whole blocks can be punched out; a partial one would read as zeros that
 * nobody wrote.
 */
static void
plan(struct pump *p, uint64_t block)
{
	if (p->cap != 0 && p->cap < 2 * block)
		p->cap = 2 * block;
	p->head = whole(p->cap / 2, block);
	p->quantum = whole(p->cap / NQUANTA, block);
	if (p->quantum == 0)
		p->quantum = block;
}

int
pump_init(struct pump *p, int from, int spool, uint64_t cap)
{
	struct stat st;

	p->from = from;
	p->spool = spool;
	p->cap = cap;
	p->tap = NULL;
	if (fstat(spool, &st) == -1 || fd_nonblock(from) == -1)
		return -1;
	p->total = (uint64_t)st.st_size;
	plan(p, st.st_blksize > (blksize_t)BLOCK ? (uint64_t)st.st_blksize :
	    BLOCK);
	return 0;
}

void
pump_fini(struct pump *p)
{
	fd_close(&p->from);
}

static void
note(struct pump *p, const char *what, int error)
{
	p->note = what;
	p->error = error;
}

/* The tool learns of it by SIGPIPE, which is better than a silent gap. */
static void
give_up(struct pump *p, int error)
{
	note(p, "output", error);
	p->have = 0;
	fd_close(&p->from);
}

/*
 * At least cap - head last bytes stay, at most a quantum more; so a file is
 * never longer on disk than cap and a quantum.
 */
static void
punch(struct pump *p)
{
	uint64_t from = p->head + p->lost, to;

	if (p->cap == 0 || p->total <= p->cap)
		return;
	to = p->head + whole(p->total - p->cap, p->quantum);
	if (to <= from)
		return;
	if (fallocate(p->spool, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    (off_t)from, (off_t)(to - from)) == 0) {
		p->lost += to - from;
		return;
	}
	/* A file system without holes in files would grow past its cap. */
	give_up(p, errno);
}

/* false: the disk is full, or the stream is over. */
static bool
put(struct pump *p)
{
	ssize_t n;

	while (p->have > 0) {
		n = write(p->spool, p->data + p->at, p->have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && (errno == ENOSPC || errno == EDQUOT)) {
			if (p->retry_at == 0)
				note(p, "disk full", errno);
			p->retry_at = clock_now() + RETRY;
			return false;
		}
		if (n == -1) {
			give_up(p, errno);
			return false;
		}
		if (p->tap != NULL)
			p->tap(p->tap_arg, (struct bytes){ p->data + p->at,
			    (size_t)n });
		p->at += (size_t)n;
		p->have -= (size_t)n;
		p->total += (uint64_t)n;
		p->retry_at = 0;
		punch(p);
	}
	return true;
}

/* 1: some, 0: none now, -1: no more. */
static int
take(struct pump *p)
{
	ssize_t n;

	do
		n = read(p->from, p->data, sizeof(p->data));
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	p->at = 0;
	p->have = (size_t)n;
	return 1;
}

bool
pump_is_reading(const struct pump *p)
{
	return p->from != -1 && p->have == 0;
}

void
pump_run(struct pump *p)
{
	/* To look at lines takes long enough with one. */
	int i, got = 1, rounds = p->tap != NULL ? 1 : ROUNDS;

	for (i = 0; i < rounds && put(p) && p->from != -1; i++)
		if ((got = take(p)) <= 0)
			break;
	if (got == -1)
		fd_close(&p->from);
	else
		put(p);
}

bool
pump_drain(struct pump *p, bool force)
{
	for (;;) {
		while (!put(p)) {
			if (p->from == -1)	/* an error ended it */
				return true;
			if (!force)
				return false;
			note(p, "last output lost", ENOSPC);
			p->have = 0;
			p->retry_at = 0;
		}
		if (p->from == -1 || take(p) <= 0)
			break;
	}
	fd_close(&p->from);
	return true;
}
