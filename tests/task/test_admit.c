#include <criterion/criterion.h>

#include "admit.h"

static struct admit *
admit_with(unsigned session, unsigned user, unsigned all)
{
	return admit_new(&(struct admit_limits){ session, user, all });
}

/* The newest of its session, of the usual priority, after nobody. */
static void
add(struct admit *a, uint64_t id, const char *session, uid_t uid)
{
	static int64_t	rank;

	admit_add(a, &(struct admit_task){ .id = id, .session = session,
	    .uid = uid, .rank = ++rank });
}

/* Who starts now, and next, ...: as "1 4 2". */
static void
check_order(struct admit *a, const char *order)
{
	char		got[256] = "";
	uint64_t	id;

	while ((id = admit_next(a)) != 0)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%llu",
		    got[0] == '\0' ? "" : " ", (unsigned long long)id);
	cr_assert_str_eq(got, order);
}

static void
check_why(const struct admit *a, uint64_t id, const char *why)
{
	char	buf[64];

	cr_assert(admit_why(a, id, buf, sizeof(buf)));
	cr_assert_str_eq(buf, why);
}

Test(admit, first_in_is_first_out_within_a_session)
{
	struct admit	*a = admit_with(0, 0, 0);

	add(a, 3, "main", 1000);
	add(a, 1, "main", 1000);
	add(a, 2, "main", 1000);
	check_order(a, "3 1 2");
	cr_assert_eq(admit_running(a), 3);
	cr_assert_eq(admit_waiting(a), 0);
	admit_free(a);
}

Test(admit, sessions_take_turns)
{
	struct admit	*a = admit_with(0, 0, 0);
	uint64_t	 id;

	for (id = 1; id <= 4; id++)
		add(a, id, "busy", 1000);
	add(a, 5, "late", 1000);
	add(a, 6, "late", 1000);
	add(a, 7, "last", 1001);
	check_order(a, "1 5 7 2 6 3 4");
	admit_free(a);
}

Test(admit, a_session_at_its_limit_waits_and_holds_up_nobody)
{
	struct admit	*a = admit_with(2, 0, 0);

	add(a, 1, "a", 1000);
	add(a, 2, "a", 1000);
	add(a, 3, "a", 1000);
	add(a, 4, "b", 1000);
	check_order(a, "1 4 2");
	check_why(a, 3, "2 tasks of this session run, its limit");
	cr_assert(admit_done(a, 2));
	check_order(a, "3");
	admit_free(a);
}

Test(admit, a_user_at_his_limit_waits_and_holds_up_no_other_user)
{
	struct admit	*a = admit_with(0, 1, 0);

	add(a, 1, "a", 1000);
	add(a, 2, "b", 1000);
	add(a, 3, "c", 1001);
	check_order(a, "1 3");
	check_why(a, 2, "1 task of this user runs, the user's limit");
	cr_assert(admit_done(a, 3));
	check_order(a, "");
	cr_assert(admit_done(a, 1));
	check_order(a, "2");
	admit_free(a);
}

Test(admit, nobody_starts_beyond_the_limit_of_all)
{
	struct admit	*a = admit_with(0, 0, 3);
	uint64_t	 id;

	for (id = 1; id <= 4; id++)
		add(a, id, id % 2 ? "a" : "b", 1000);
	check_order(a, "1 2 3");
	check_why(a, 4, "3 tasks run, the supervisor's limit");
	cr_assert(admit_done(a, 1));
	check_order(a, "4");
	admit_free(a);
}

/* With one place for all, a busy user's next session does not jump the line. */
Test(admit, whoever_had_a_turn_goes_to_the_end)
{
	struct admit	*a = admit_with(0, 1, 1);

	add(a, 1, "a", 1000);
	check_order(a, "1");
	add(a, 2, "a", 1000);
	add(a, 3, "a", 1000);
	add(a, 4, "b", 1001);
	cr_assert(admit_done(a, 1));
	check_order(a, "2");
	cr_assert(admit_done(a, 2));
	check_order(a, "4");
	cr_assert(admit_done(a, 4));
	check_order(a, "3");
	admit_free(a);
}

Test(admit, a_task_that_is_stopped_in_the_queue_leaves_it)
{
	struct admit	*a = admit_with(1, 0, 0);
	char		 buf[64];

	add(a, 1, "a", 1000);
	add(a, 2, "a", 1000);
	add(a, 3, "a", 1000);
	check_order(a, "1");
	cr_assert(admit_remove(a, 2));
	cr_assert_not(admit_remove(a, 2));
	cr_assert_not(admit_why(a, 2, buf, sizeof(buf)));
	cr_assert_not(admit_remove(a, 1), "it runs");
	cr_assert_not(admit_done(a, 3), "it waits");
	cr_assert(admit_done(a, 1));
	cr_assert_not(admit_done(a, 1));
	check_order(a, "3");
	admit_free(a);
}

Test(admit, a_lowered_limit_evicts_nobody_and_a_raised_one_lets_in)
{
	struct admit	*a = admit_with(2, 0, 0);

	add(a, 1, "a", 1000);
	add(a, 2, "a", 1000);
	add(a, 3, "a", 1000);
	check_order(a, "1 2");
	admit_limit(a, &(struct admit_limits){ .session = 1 });
	cr_assert_eq(admit_running(a), 2);
	cr_assert(admit_done(a, 1));
	check_order(a, "");
	check_why(a, 3, "1 task of this session runs, its limit");
	admit_limit(a, &(struct admit_limits){ .session = 5 });
	check_order(a, "3");
	admit_free(a);
}

Test(admit, the_reason_is_told_also_where_no_limit_holds)
{
	struct admit	*a = admit_with(0, 0, 0);
	char		 buf[64];

	add(a, 1, "a", 1000);
	add(a, 2, "a", 1000);
	check_why(a, 1, "it is about to start");
	check_why(a, 2, "another task of this session is first");
	check_order(a, "1 2");
	cr_assert_not(admit_why(a, 1, buf, sizeof(buf)));
	cr_assert_str_eq(buf, "");
	cr_assert_not(admit_why(a, 99, buf, sizeof(buf)));
	admit_free(a);
}

/* Ten thousand tasks of a thousand sessions; the test's time limit judges. */
Test(admit, thousands_wait_and_all_get_their_turn, .timeout = 20)
{
	enum { TASKS = 10000, SESSIONS = 1000 };
	static bool	 seen[TASKS + 1];
	struct admit	*a = admit_with(2, 50, 100);
	char		 name[32];
	uint64_t	 id, ran = 0, done = 0;
	uint64_t	 order[TASKS];

	for (id = 1; id <= TASKS; id++) {
		snprintf(name, sizeof(name), "s%d", (int)(id % SESSIONS));
		add(a, id, name, 1000 + (uid_t)(id % 10));
	}
	while (done < TASKS) {
		while ((id = admit_next(a)) != 0) {
			cr_assert_not(seen[id]);
			seen[id] = true;
			order[ran++] = id;
		}
		cr_assert_leq(admit_running(a), 100);
		cr_assert_lt(done, ran, "somebody waits for ever");
		cr_assert(admit_done(a, order[done++]));
	}
	cr_assert_eq(admit_waiting(a), 0);
	cr_assert_eq(admit_running(a), 0);
	admit_free(a);
}
