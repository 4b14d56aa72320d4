#include <criterion/criterion.h>

#include "sim.h"

#define RUNS	700
#define STEPS	150	/* times RUNS: more than 100,000 */

/* SIM_SEED plays one again, SIM_RUNS says how many. */
static uint64_t
number(const char *name, uint64_t fallback)
{
	const char *s = getenv(name);

	return s == NULL ? fallback : strtoull(s, NULL, 10);
}

static void
play(uint64_t seed)
{
	struct sim *s = sim_new(seed);
	const char *why = NULL;
	int i;

	for (i = 0; i < STEPS && why == NULL; i++)
		why = sim_step(s);
	if (why == NULL)
		why = sim_settle(s);
	cr_expect(why == NULL, "seed %ju, step %d: %s", (uintmax_t)seed, i,
	    why);
	sim_free(s);
}

Test(sim, whatever_happens_each_request_is_legal_and_all_comes_to_one_end)
{
	uint64_t seed = number("SIM_SEED", 0), runs, i;

	if (seed != 0) {
		play(seed);
		return;
	}
	runs = number("SIM_RUNS", RUNS);
	fprintf(stderr, "sim: seeds 1 to %ju, %d steps each; SIM_SEED=n plays "
	    "one again\n", (uintmax_t)runs, STEPS);
	for (i = 1; i <= runs; i++)
		play(i);
}
