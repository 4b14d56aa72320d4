#include "jsonw.h"

#include <criterion/criterion.h>
#include <jansson.h>

Test(jsonw, commas_stand_between_values_only)
{
	struct buf b = { 0 };

	jsonw_open(&b, '{');
	jsonw_text(&b, "tool", BYTES("bench"));
	jsonw_key(&b, "list");
	jsonw_open(&b, '[');
	jsonw_u64(&b, NULL, 7);
	jsonw_u64(&b, NULL, UINT64_MAX);
	jsonw_open(&b, '[');
	jsonw_close(&b, ']');
	jsonw_open(&b, '{');
	jsonw_close(&b, '}');
	jsonw_close(&b, ']');
	jsonw_i64(&b, "low", INT64_MIN);
	jsonw_bool(&b, "yes", true);
	jsonw_bool(&b, "no", false);
	jsonw_null(&b, "none");
	jsonw_str(&b, "null", NULL);
	jsonw_str(&b, "str", "[");
	jsonw_raw(&b, "raw", BYTES("{\"n\":1.10}"));
	jsonw_close(&b, '}');
	cr_assert_str_eq(b.data, "{\"tool\":\"bench\",\"list\":"
	    "[7,18446744073709551615,[],{}],\"low\":-9223372036854775808,"
	    "\"yes\":true,\"no\":false,\"none\":null,\"null\":null,"
	    "\"str\":\"[\",\"raw\":{\"n\":1.10}}");
	buf_fini(&b);
}

Test(jsonw, a_text_that_ends_like_json_is_still_followed_by_a_comma)
{
	static const char *const ends[] = { "{", "[", ":", ",", "\"", "\\" };
	struct buf b = { 0 };
	json_t *j;
	size_t i;

	jsonw_open(&b, '[');
	for (i = 0; i < 6; i++)
		jsonw_str(&b, NULL, ends[i]);
	jsonw_close(&b, ']');
	cr_assert_not_null(j = json_loads(b.data, 0, NULL));
	cr_assert_eq(json_array_size(j), 6);
	for (i = 0; i < 6; i++)
		cr_assert_str_eq(json_string_value(json_array_get(j, i)),
		    ends[i]);
	json_decref(j);
	buf_fini(&b);
}

Test(jsonw, times_are_seconds)
{
	struct buf b = { 0 };

	jsonw_open(&b, '{');
	jsonw_time(&b, "a", 1234567);
	jsonw_time(&b, "b", 1);
	jsonw_time(&b, "c", 1700000000000000);
	jsonw_time(&b, "d", 0);
	jsonw_close(&b, '}');
	cr_assert_str_eq(b.data, "{\"a\":1.234567,\"b\":0.000001,"
	    "\"c\":1700000000.000000,\"d\":null}");
	buf_fini(&b);
}

Test(jsonw, escapes_are_the_shortest_there_are)
{
	struct buf b = { 0 };

	jsonw_text(&b, NULL, BYTES("\"\\/\b\f\n\r\t\x01\x1f\x7f\0z\u00e9"));
	cr_assert_str_eq(b.data,
	    "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000z\u00e9\"");
	buf_fini(&b);
}

Test(jsonw, another_reader_reads_every_character_back)
{
	struct buf b = { 0 }, raw = { 0 };
	json_t *j;
	int c;

	for (c = 0; c < 0x80; c++)
		buf_putc(&raw, (char)c);
	buf_puts(&raw, "\u00a0\u07ff\u0800\uffff\U00010000\U0010ffff");
	jsonw_text(&b, NULL, buf_bytes(&raw));
	j = json_loads(b.data, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	cr_assert_not_null(j);
	cr_assert_eq(json_string_length(j), raw.len);
	cr_assert_arr_eq(json_string_value(j), raw.data, raw.len);
	json_decref(j);
	buf_fini(&raw);
	buf_fini(&b);
}

Test(jsonw, nothing_is_a_string_too)
{
	struct buf b = { 0 };

	jsonw_text(&b, NULL, (struct bytes){ NULL, 0 });
	cr_assert_str_eq(b.data, "\"\"");
	buf_fini(&b);
}
