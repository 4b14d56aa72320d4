/* A life and the clock it goes by, for tests: events in, effects as words. */
#ifndef PLAY_LIFE_H
#define PLAY_LIFE_H

#include <criterion/criterion.h>

#include "life.h"

#define SEC	UINT64_C(1000000)

struct play {
	struct life	 l;
	struct life_out	 out;	/* of the last step */
	uint64_t	 now;
};

extern const struct life_rules play_plain;	/* grace of 10 s, no limit */

struct play	 play_new(const struct life_rules *);
/* In that state, on the plainest way. */
struct play	 play_in(enum life_state, const struct life_rules *);
bool		 play_feed(struct play *, struct life_event);
/* The clock comes to the alarm that was asked for. */
void		 play_ring(struct play *);
/* The last effects, "state term alarm". */
const char	*play_effects(const struct play *);

#define GIVE(p, ...)	play_feed((p), (struct life_event){ __VA_ARGS__ })
#define MUST(p, ...) \
	cr_assert(GIVE((p), __VA_ARGS__), "%s while %s", #__VA_ARGS__, \
	    life_state_name((p)->l.state))
#define MUST_NOT(p, ...) \
	cr_assert_not(GIVE((p), __VA_ARGS__), "%s while %s", #__VA_ARGS__, \
	    life_state_name((p)->l.state))
#define LEFT(p, words)	cr_assert_str_eq(play_effects(p), words)
#define IN(p, name)	cr_assert_str_eq(life_state_name((p)->l.state), name)
#define ENDS(p, name) \
	do { \
		IN((p), "ended"); \
		cr_assert_str_eq(life_end_name((p)->l.end), name); \
	} while (0)

#endif
