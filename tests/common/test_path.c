#include <criterion/criterion.h>

#include "path.h"

Test(path, only_one_spelling_of_a_path_is_canonical)
{
	static const struct {
		const char	*path;
		bool		 is;
	} table[] = {
		{ "/", true }, { "/a", true }, { "/a/b.c/..d", true },
		{ "/a/...", true }, { "", false }, { "a", false },
		{ "a/b", false }, { "//", false }, { "/a/", false },
		{ "//a", false }, { "/a//b", false }, { "/.", false },
		{ "/..", false }, { "/a/../b", false }, { "/a/./b", false },
		{ "/a/..", false }, { "~/a", false },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect(path_is_canonical(bytes_of(table[i].path)) ==
		    table[i].is, "%s", table[i].path);
	cr_expect(!path_is_canonical((struct bytes){ "/a\0b", 4 }));
}

Test(path, below_is_a_matter_of_whole_names)
{
	cr_expect(path_is_below("/srv/a", "/srv"));
	cr_expect(path_is_below("/srv", "/srv"));
	cr_expect(path_is_below("/srv", "/"));
	cr_expect(path_is_below("/", "/"));
	cr_expect(!path_is_below("/srvx", "/srv"));
	cr_expect(!path_is_below("/srv", "/srv/a"));
	cr_expect(!path_is_below("/", "/srv"));
}
