/*
 * One HTTP/1.1 connection to the fake model: requests are read whole, judged
 * and booked, their answers played step by step. It never blocks.
 */
#ifndef FAKE_LINE_H
#define FAKE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct book;

struct line {
	TAILQ_ENTRY(line)	 link;
	int			 fd;
	struct book		*book;
	const char		*key;		/* what must authorize */
	char			*in;
	size_t			 nin, size;
	uint64_t		 first_us;	/* of the request in in */
	struct answer		*answer;	/* being played, or NULL */
	uint64_t		 request;	/* that it answers; 0: none */
	size_t			 step, sent;
	uint64_t		 due;		/* end of a pause; 0: none */
};
TAILQ_HEAD(lines, line);

struct line	*line_new(int fd, struct book *, const char *key);
void		 line_free(struct line *);

short		 line_events(const struct line *);
/* Does what can be done now; false: it is over, free it. */
bool		 line_go(struct line *, short revents);

#endif
