#include <criterion/criterion.h>

#include "result.h"

Test(result, codes_that_say_what_to_do_are_worded)
{
	static const unsigned	 codes[] = {
		64, 65, 69, 75, 77, 78, 124, 126, 127, 137, 143
	};
	size_t			 i;

	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		cr_assert_not_null(result_words(codes[i]), "%u", codes[i]);
	cr_assert_str_eq(result_words(64), result_words(65));
	cr_assert_str_neq(result_words(65), result_words(69));
}

Test(result, other_codes_speak_for_themselves)
{
	cr_assert_null(result_words(0));
	cr_assert_null(result_words(1));
	cr_assert_null(result_words(128));
	cr_assert_null(result_words(255));
}
