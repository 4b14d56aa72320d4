#include "play_life.h"

const struct life_rules	play_plain = { .grace = 10 * SEC };

bool
play_feed(struct play *p, struct life_event ev)
{
	ev.now = p->now;
	return life_step(&p->l, &ev, &p->out);
}

void
play_ring(struct play *p)
{
	cr_assert_neq(p->l.alarm, 0, "no alarm is set");
	cr_assert_geq(p->l.alarm, p->now);
	p->now = p->l.alarm;
	MUST(p, LIFE_EV_TICK);
}

struct play
play_new(const struct life_rules *rules)
{
	struct play	p = { .now = 1000 * SEC };

	life_init(&p.l, rules);
	return p;
}

struct play
play_in(enum life_state state, const struct life_rules *rules)
{
	struct play	p = play_new(rules);

	if (state >= LIFE_STARTING)
		MUST(&p, LIFE_EV_PLACE);
	if (state >= LIFE_RUNNING)
		MUST(&p, LIFE_EV_RUNNING);
	if (state == LIFE_SUSPENDED) {
		MUST(&p, LIFE_EV_SUSPEND, .by = BYTES("ann"));
		MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	} else if (state == LIFE_STOPPING)
		MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	else if (state == LIFE_ENDED)
		MUST(&p, LIFE_EV_GONE, .clean = true);
	cr_assert_eq(p.l.state, state);
	return p;
}

const char *
play_effects(const struct play *p)
{
	static char	words[128];
	size_t		i;

	words[0] = '\0';
	for (i = 0; i < p->out.n; i++) {
		if (i > 0)
			strlcat(words, " ", sizeof(words));
		strlcat(words, life_effect_name(p->out.fx[i].type),
		    sizeof(words));
	}
	return words;
}
