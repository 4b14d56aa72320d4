/*
 * What systemd is told (sd_notify's protocol, in our own words). It says
 * nothing, at no cost, where nobody listens.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

struct notify;

/* Takes NOTIFY_SOCKET and WATCHDOG_* out of the environment. NULL: nobody. */
struct notify	*notify_new(void);
void		 notify_free(struct notify *);

/* NULL is fine for all of them; what does not arrive is not missed. */
void		 notify_ready(struct notify *);
void		 notify_reloading(struct notify *);	/* then ready again */
void		 notify_stopping(struct notify *);
void		 notify_status(struct notify *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		 notify_alive(struct notify *);	/* feeds the watchdog */
/* In how many microseconds it must come; half of it is wise. 0: never. */
uint64_t	 notify_watchdog(const struct notify *);

#endif
