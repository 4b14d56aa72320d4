#include <criterion/criterion.h>
#include <pwd.h>
#include <sys/stat.h>

#include "inner.h"

#define NAMELESS	54321	/* nobody is called that */

Test(user, who_has_no_name_is_not_found_by_one)
{
	struct engine e = { .users = NULL };
	const struct passwd *nobody = getpwnam("nobody");
	uid_t uid = nobody == NULL ? 0 : nobody->pw_uid;
	const struct user *u;

	cr_assert(getpwuid(NAMELESS) == NULL);
	u = user_by_uid(&e, NAMELESS);
	cr_expect(u->uid == NAMELESS);
	u = user_by_name(&e, u->name);
	if (nobody == NULL)
		cr_expect_null(u);
	else
		cr_expect(u != NULL && u->uid == uid);
	users_free(&e);
}

/* 42 is shadow's on Debian. */
Test(user, who_has_no_name_has_no_group_of_somebodys)
{
	struct engine e = { .users = NULL };
	struct stat st = { .st_uid = 42 };
	const struct user *u;
	char *why = NULL;

	if (getpwuid(42) != NULL)
		st.st_uid = NAMELESS;
	u = user_for(&e, &st, "/x", &why);
	cr_assert(u != NULL);
	cr_expect(u->uid == st.st_uid && u->gid == 65534, "%u",
	    (unsigned)u->gid);
	users_free(&e);
}
