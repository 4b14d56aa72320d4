#include "span.h"

#include <criterion/criterion.h>

static const struct {
	const char	*object, *key, *value;
} members[] = {
	{ "{\"a\":1.10}", "a", "1.10" },
	{ " { \"b\" : [1, {\"a\":2}] , \"a\" : {\"x\":\"}\"} } ", "a",
	    "{\"x\":\"}\"}" },
	{ "{\"a\":1,\"a\":2}", "a", "2" },
	{ "{\"a\":\"q\\\"\\\\\",\"b\":null}", "b", "null" },
	{ "{\"a\":\"q\\\"\\\\\",\"b\":null}", "a", "\"q\\\"\\\\\"" },
	{ "{\"b\":{\"a\":1}}", "a", "" },
	{ "{}", "a", "" },
	{ "[1]", "a", "" },
	{ "", "a", "" },
	{ "{\"a", "a", "" },
	{ "{\"a\":", "a", "" },
	{ "{\"a\":{\"b\":[", "a", "{\"b\":[" }
};

Test(span, a_member_keeps_its_bytes)
{
	struct bytes b;
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(*members); i++) {
		b = span_member(bytes_of(members[i].object), members[i].key);
		cr_expect(b.len == strlen(members[i].value) && (b.len == 0 ||
		    bytes_is(b, members[i].value)), "case %zu", i);
	}
}

Test(span, elements_are_counted_at_the_top)
{
	struct bytes array = BYTES(" [ 1e2 ,[3,4], {\"a\":[5]} , \"]\" ] ");

	cr_expect(bytes_is(span_element(array, 0), "1e2"));
	cr_expect(bytes_is(span_element(array, 1), "[3,4]"));
	cr_expect(bytes_is(span_element(array, 2), "{\"a\":[5]}"));
	cr_expect(bytes_is(span_element(array, 3), "\"]\""));
	cr_expect_eq(span_element(array, 4).len, 0);
	cr_expect_eq(span_element(BYTES("[]"), 0).len, 0);
	cr_expect_eq(span_element(BYTES("[,,"), 1).len, 0);
	cr_expect_eq(span_element(BYTES("{}"), 0).len, 0);
}
