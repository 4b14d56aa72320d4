#include <criterion/criterion.h>

#include "inner.h"

static char *const homes[] = {
	(char []){ "/home/ann" }, (char []){ "/home/bob" },
	(char []){ "/root" }, (char []){ "/srv/cia" },
};

static const struct {
	const char	*folder;
	struct bytes	 want, rw;
} table[] = {
#define ROW(folder, want)	{ folder, { want, sizeof(want) - 1 } }
#define ROW_RW(folder, want, rw) \
	{ folder, { want, sizeof(want) - 1 }, { rw, sizeof(rw) - 1 } }
	ROW("/srv/work", "/srv/cia\0"),
	/* What every sandbox hides as a whole needs no word. */
	ROW("/home/ann/work", "/srv/cia\0"),
	/* One that is worked in is seen; of another, what is in it alone. */
	ROW("/home/ann", "/srv/cia\0"),
	ROW("/srv/cia", ""),
	ROW("/srv/cia/x", "/srv/cia\0"),
	ROW("/srv", "/srv/cia\0"),
	/* Where homes are in the working folder, each is hidden by itself. */
	ROW("/home", "/home/ann\0/home/bob\0/srv/cia\0"),
	ROW_RW("/srv/work", "/home/bob\0/srv/cia\0", "/opt\0/home/bob\0"),
	ROW("/", "/home/ann\0/home/bob\0/root\0/srv/cia\0"),
};

Test(hidden, homes_are_hidden_but_for_the_one_that_is_worked_in)
{
	const struct hidden h = { (char **)(uintptr_t)homes, 4 };
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_reset(&b);
		hidden_put(&b, &h, table[i].folder, table[i].rw);
		cr_expect(b.len == table[i].want.len && (b.len == 0 ||
		    memcmp(b.data, table[i].want.data, b.len) == 0), "%s",
		    table[i].folder);
	}
	buf_fini(&b);
}

static char *const ours[] = {
	(char []){ "/home/ann/.config/sigbox" }, (char []){ "/etc/sigbox" },
};

Test(hidden, what_could_become_ours_is_guarded_from_above)
{
	const struct hidden h = { (char **)(uintptr_t)ours, 2 };

	cr_expect_str_eq(hidden_guarded(&h, "/home/ann"), ours[0]);
	cr_expect_str_eq(hidden_guarded(&h, "/home/ann/.config"), ours[0]);
	cr_expect_str_eq(hidden_guarded(&h, "/etc"), ours[1]);
	cr_expect_null(hidden_guarded(&h, "/home/ann/work"));
	cr_expect_null(hidden_guarded(&h, "/home/ann/.conf"));
}
