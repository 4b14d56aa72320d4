/* Priorities, aging, tasks after others, and places given away and taken. */
#include <criterion/criterion.h>

#include "admit.h"

enum { LOW = -1, NORMAL, HIGH };

static struct admit	*a;

static void
limit(unsigned session, unsigned user, unsigned all)
{
	admit_limit(a, &(struct admit_limits){ session, user, all });
}

static void
setup(void)
{
	a = admit_new(&(struct admit_limits){ 0 });
}

static void
teardown(void)
{
	admit_free(a);
}

TestSuite(admit_order, .init = setup, .fini = teardown);

static void
add(uint64_t id, int priority)
{
	admit_add(a, &(struct admit_task){ .id = id, .session = "main",
	    .uid = 1000, .priority = priority, .rank = (int64_t)id });
}

static void
add_to(const char *session, uint64_t id)
{
	admit_add(a, &(struct admit_task){ .id = id, .session = session,
	    .uid = 1000, .rank = (int64_t)id });
}

static void
add_after(uint64_t id, bool any, uint64_t first, uint64_t second)
{
	admit_add(a, &(struct admit_task){ .id = id, .session = "main",
	    .uid = 1000, .rank = (int64_t)id, .any = any,
	    .after = (uint64_t[]){ first, second },
	    .nafter = second == 0 ? 1 : 2 });
}

static void
change(uint64_t id, int priority, int64_t rank)
{
	cr_assert(admit_change(a, &(struct admit_task){ .id = id,
	    .priority = priority, .rank = rank }));
}

static void
check_order(const char *order)
{
	char		got[256] = "";
	uint64_t	id;

	while ((id = admit_next(a)) != 0)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%llu",
		    got[0] == '\0' ? "" : " ", (unsigned long long)id);
	cr_assert_str_eq(got, order);
}

/* All that is refused now, each with its reason: "4<3 5<3". */
static void
check_refused(const char *order)
{
	char		got[256] = "";
	uint64_t	id, because;

	while ((id = admit_refused(a, &because)) != 0)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s%llu<%llu", got[0] == '\0' ? "" : " ",
		    (unsigned long long)id, (unsigned long long)because);
	cr_assert_str_eq(got, order);
}

static void
check_why(uint64_t id, const char *why)
{
	char	buf[64];

	cr_assert(admit_why(a, id, buf, sizeof(buf)));
	cr_assert_str_eq(buf, why);
}

Test(admit_order, the_highest_priority_then_the_oldest)
{
	add(1, LOW);
	add(2, NORMAL);
	add(3, HIGH);
	add(4, NORMAL);
	add(5, HIGH);
	check_order("3 5 2 4 1");
}

Test(admit_order, a_priority_counts_in_its_own_session_alone)
{
	add_to("other", 1);
	add_to("other", 2);
	add(3, LOW);
	add(4, HIGH);
	check_order("1 4 2 3");
}

Test(admit_order, who_was_passed_over_eight_times_is_next)
{
	uint64_t	id;

	add(1, LOW);
	for (id = 2; id <= 20; id++)
		add(id, HIGH);
	check_order("2 3 4 5 6 7 8 9 1 10 11 12 13 14 15 16 17 18 19 20");
}

Test(admit_order, of_those_that_waited_too_long_the_oldest_is_first)
{
	uint64_t	id;

	add(1, LOW);
	add(2, NORMAL);
	for (id = 3; id <= 12; id++)
		add(id, HIGH);
	check_order("3 4 5 6 7 8 9 10 1 2 11 12");
}

Test(admit_order, who_is_merely_behind_older_ones_was_not_passed_over)
{
	uint64_t	id;

	for (id = 1; id <= 20; id++)
		add(id, id == 20 ? LOW : NORMAL);
	add(21, NORMAL);
	check_order("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 21 20");
}

Test(admit_order, a_task_is_moved_to_the_front_to_the_end_or_up)
{
	uint64_t	id;

	for (id = 1; id <= 5; id++)
		add(id, NORMAL);
	change(4, NORMAL, -1);
	change(1, NORMAL, 100);
	change(5, HIGH, 5);
	check_order("5 4 2 3 1");
	cr_assert_not(admit_change(a, &(struct admit_task){ .id = 5 }));
	cr_assert_not(admit_change(a, &(struct admit_task){ .id = 99 }));
}

Test(admit_order, who_was_moved_to_the_end_waits_as_if_he_had_just_come)
{
	uint64_t	id;

	add(1, LOW);
	for (id = 2; id <= 8; id++)
		add(id, HIGH);
	limit(0, 0, 7);
	check_order("2 3 4 5 6 7 8");
	change(1, LOW, 9);
	for (id = 10; id <= 17; id++)
		add(id, HIGH);
	limit(0, 0, 0);
	check_order("10 11 12 13 14 15 16 17 1");
}

Test(admit_order, a_move_costs_the_session_no_turn)
{
	limit(0, 0, 1);
	add(1, NORMAL);
	add_to("other", 2);
	check_order("1");
	add(3, NORMAL);
	change(3, HIGH, 3);
	cr_assert(admit_done(a, 1));
	check_order("2");
	cr_assert(admit_done(a, 2));
	check_order("3");
}

Test(admit_order, a_task_waits_until_all_it_is_after_have_ended)
{
	add(1, NORMAL);
	add(2, NORMAL);
	add_after(3, false, 1, 2);
	check_order("1 2");
	check_why(3, "after t1, t2");
	admit_ended(a, 1, true);
	check_why(3, "after t2");
	check_order("");
	admit_ended(a, 2, true);
	check_why(3, "it is about to start");
	check_order("3");
	check_refused("");
}

Test(admit_order, a_reason_that_is_too_long_says_that_there_is_more)
{
	char	buf[24];

	add_after(30000, false, 10000, 20000);
	cr_assert(admit_why(a, 30000, buf, sizeof(buf)));
	cr_assert_str_eq(buf, "after t10000, ...");
}

Test(admit_order, where_they_had_to_end_well_and_did_not_it_is_refused)
{
	add_after(3, false, 1, 2);
	add_after(4, true, 1, 2);
	add_after(5, false, 2, 0);
	admit_ended(a, 1, false);
	check_refused("3<1");
	cr_assert_not(admit_remove(a, 3), "it is gone");
	admit_ended(a, 2, true);
	check_refused("");
	check_order("4 5");
}

Test(admit_order, what_comes_after_a_refused_one_follows)
{
	add_after(2, false, 1, 0);
	add_after(3, false, 2, 0);
	add_after(4, true, 3, 0);
	admit_ended(a, 1, false);
	check_refused("2<1");
	admit_ended(a, 2, false);
	check_refused("3<2");
	admit_ended(a, 3, false);
	check_refused("");
	check_order("4");
	cr_assert_eq(admit_waiting(a), 0);
}

Test(admit_order, who_waits_for_others_holds_nobody_up_and_keeps_the_turn)
{
	limit(0, 0, 1);
	add_to("other", 9);
	check_order("9");
	add_after(2, false, 1, 0);	/* main is before late in the ring */
	add_to("late", 3);
	add_to("late", 4);
	cr_assert(admit_done(a, 9));
	check_order("3");
	admit_ended(a, 1, true);
	cr_assert(admit_done(a, 3));
	check_order("2");
	cr_assert(admit_done(a, 2));
	check_order("4");
}

Test(admit_order, an_older_task_that_was_held_back_comes_before_younger_ones)
{
	limit(0, 0, 1);
	add(1, NORMAL);
	check_order("1");
	add_after(2, false, 1, 0);
	add(3, NORMAL);
	cr_assert(admit_done(a, 1));
	admit_ended(a, 1, true);
	check_order("2");
}

Test(admit_order, a_move_puts_a_task_after_others_and_frees_it_again)
{
	add(1, NORMAL);
	cr_assert(admit_change(a, &(struct admit_task){ .id = 1, .rank = 1,
	    .after = (uint64_t[]){ 7 }, .nafter = 1 }));
	check_order("");
	check_why(1, "after t7");
	change(1, NORMAL, 1);
	admit_ended(a, 7, false);
	check_refused("");
	check_order("1");
}

Test(admit_order, a_task_that_is_stopped_while_it_waits_for_others_is_gone)
{
	add_after(2, false, 1, 0);
	cr_assert(admit_remove(a, 2));
	admit_ended(a, 1, true);
	check_order("");
	cr_assert_eq(admit_waiting(a), 0);
}

Test(admit_order, a_suspended_task_gives_its_place_to_the_next)
{
	limit(0, 0, 1);
	add(1, NORMAL);
	add(2, NORMAL);
	check_order("1");
	cr_assert(admit_pause(a, 1));
	cr_assert_not(admit_pause(a, 1));
	cr_assert_eq(admit_running(a), 0);
	check_order("2");
	cr_assert_not(admit_pause(a, 3), "it is not known");
}

Test(admit_order, who_wants_to_go_on_waits_for_a_place_and_is_the_first)
{
	limit(0, 0, 1);
	add(1, NORMAL);
	add(2, NORMAL);
	check_order("1");
	cr_assert(admit_pause(a, 1));
	check_order("2");
	add(3, HIGH);
	add_to("other", 4);
	cr_assert(admit_return(a, 1));
	cr_assert(admit_return(a, 1));
	check_why(1, "1 task runs, the supervisor's limit");
	cr_assert_eq(admit_waiting(a), 2);
	check_order("");
	cr_assert(admit_done(a, 2));
	check_why(1, "it is about to go on");
	check_order("1");
	cr_assert_not(admit_return(a, 1), "it has its place");
	cr_assert(admit_done(a, 1));
	check_order("3");	/* its session had no turn for that */
}

Test(admit_order, who_wants_to_go_on_obeys_the_limits_and_holds_up_nobody)
{
	limit(1, 0, 0);
	add(1, NORMAL);
	check_order("1");
	cr_assert(admit_pause(a, 1));
	add(2, NORMAL);
	check_order("2");
	cr_assert(admit_return(a, 1));
	add_to("other", 3);
	check_order("3");
	check_why(1, "1 task of this session runs, its limit");
}

Test(admit_order, a_return_is_called_off)
{
	limit(0, 0, 1);
	add(1, NORMAL);
	check_order("1");
	cr_assert(admit_pause(a, 1));
	cr_assert(admit_return(a, 1));
	cr_assert_not(admit_pause(a, 1));
	cr_assert(admit_stay(a, 1));
	cr_assert_not(admit_stay(a, 1));
	check_order("");
	cr_assert(admit_return(a, 1));
	check_order("1");
}

Test(admit_order, what_is_stopped_goes_on_beyond_any_limit)
{
	limit(0, 0, 1);
	add(1, NORMAL);
	add(2, NORMAL);
	add(3, NORMAL);
	check_order("1");
	cr_assert(admit_pause(a, 1));
	check_order("2");
	cr_assert(admit_pause(a, 2));
	check_order("3");
	cr_assert(admit_return(a, 2));
	cr_assert(admit_force(a, 1));
	cr_assert(admit_force(a, 2));
	cr_assert_not(admit_force(a, 3));
	cr_assert_eq(admit_running(a), 3);
	cr_assert(admit_done(a, 3));
	add(4, NORMAL);
	cr_assert(admit_done(a, 2));
	check_order("");
	cr_assert(admit_done(a, 1));
	check_order("4");
}

Test(admit_order, what_ends_without_a_place_leaves_nothing)
{
	limit(0, 0, 1);
	add(1, NORMAL);
	check_order("1");
	cr_assert(admit_pause(a, 1));
	cr_assert(admit_done(a, 1));
	add(2, NORMAL);
	check_order("2");
	cr_assert(admit_pause(a, 2));
	cr_assert(admit_return(a, 2));
	cr_assert(admit_done(a, 2));
	cr_assert_not(admit_done(a, 2));
	check_order("");
	cr_assert_eq(admit_running(a), 0);
}
