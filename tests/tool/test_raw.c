#include <criterion/criterion.h>

#include "raw.h"

static void
expect(struct bytes got, const char *want)
{
	cr_assert(bytes_is(got, want), "%.*s is not %s", (int)got.len,
	    got.data, want);
}

Test(raw, a_number_stays_as_it_was_written)
{
	expect(raw_find(BYTES("{\"a\":1.10,\"b\": 1e2 }"), "a"), "1.10");
	expect(raw_find(BYTES("{\"a\":1.10,\"b\": 1e2 }"), "b"), "1e2");
}

Test(raw, members_come_in_order_with_their_keys)
{
	struct raw	 r;
	struct bytes	 k, v;

	raw_open(&r, BYTES(" { \"x\\\"y\" : [1, {\"z\": \"]}\"}] , \"b\":\"\\\\\"}"));
	cr_assert(raw_next(&r, &k, &v));
	expect(k, "x\\\"y");
	expect(v, "[1, {\"z\": \"]}\"}]");
	cr_assert(raw_next(&r, &k, &v));
	expect(k, "b");
	expect(v, "\"\\\\\"");
	cr_assert_not(raw_next(&r, &k, &v));
}

Test(raw, elements_have_no_keys)
{
	struct raw	 r;
	struct bytes	 k, v;

	raw_open(&r, BYTES("[ \"a\" , null,{}]"));
	cr_assert(raw_next(&r, &k, &v));
	cr_assert_null(k.data);
	expect(v, "\"a\"");
	cr_assert(raw_next(&r, &k, &v));
	expect(v, "null");
	cr_assert(raw_next(&r, &k, &v));
	expect(v, "{}");
	cr_assert_not(raw_next(&r, &k, &v));
}

Test(raw, a_key_that_is_not_there_is_null)
{
	cr_assert_null(raw_find(BYTES("{\"a\":{\"b\":1}}"), "b").data);
	cr_assert_null(raw_find(BYTES("{}"), "b").data);
}

Test(raw, compact_leaves_strings_alone)
{
	struct buf	 b = { 0 };

	raw_compact(&b, BYTES(" { \"a b\" : [ 1 ,\n\t\"c \\\" d\" ] }\r\n"));
	expect(buf_bytes(&b), "{\"a b\":[1,\"c \\\" d\"]}");
	buf_fini(&b);
}

Test(raw, what_is_no_json_is_walked_to_an_end)
{
	static const char *const	 texts[] = {
		"", " ", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "[", "[,",
		"[\"\\", "]", "}", "{]", "[}", "[1 2", "{\"a\":}", "x"
	};
	struct raw			 r;
	struct bytes			 k, v;
	size_t				 i, n;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		raw_open(&r, bytes_of(texts[i]));
		for (n = 0; raw_next(&r, &k, &v); n++)
			cr_assert_lt(n, 8);
	}
}
