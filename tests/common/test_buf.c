#include "buf.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(buf, zeroed_is_empty_and_owns_nothing)
{
	struct buf b = { 0 };

	buf_add(&b, "x", 0);
	buf_puts(&b, "");
	buf_printf(&b, "%s", "");
	buf_drop(&b, 0);
	buf_reset(&b);
	cr_assert_null(b.data);
	cr_assert_eq(buf_bytes(&b).len, 0);
	buf_fini(&b);
}

Test(buf, a_nul_stands_behind_the_last_byte)
{
	struct buf b = { 0 };

	buf_puts(&b, "one");
	cr_assert_str_eq(b.data, "one");
	buf_putc(&b, ' ');
	buf_printf(&b, "%s=%d", "two", 2);
	buf_add_bytes(&b, BYTES(" three"));
	cr_assert_str_eq(b.data, "one two=2 three");
	buf_drop(&b, 4);
	cr_assert_str_eq(b.data, "two=2 three");
	buf_drop(&b, b.len);
	cr_assert_str_eq(b.data, "");
	buf_puts(&b, "again");
	buf_reset(&b);
	cr_assert_str_eq(b.data, "");
	buf_fini(&b);
}

Test(buf, every_length_survives_growth)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < 10000; i++) {
		buf_printf(&b, "%c", (int)('a' + i % 26));
		cr_assert_eq(b.len, i + 1);
		cr_assert_eq(b.data[i], (char)('a' + i % 26));
		cr_assert_eq(b.data[i + 1], '\0');
		cr_assert_gt(b.size, b.len);
	}
	for (i = 0; i < 10000; i++)
		cr_assert_eq(b.data[i], (char)('a' + i % 26));
	buf_fini(&b);
}

Test(buf, there_is_always_room_for_the_nul)
{
	char bytes[300] = { 0 };
	struct buf b = { 0 };
	size_t first, second;

	for (first = 1; first < 70; first++) {
		for (second = 1; second < 200; second++) {
			buf_add(&b, bytes, first);
			buf_add(&b, bytes, second);
			cr_assert_gt(b.size, b.len);
			buf_fini(&b);
		}
	}
}

Test(buf, growing_by_one_byte_costs_no_square)
{
	struct buf b = { 0 };
	size_t i, moves = 0, size = 0;

	for (i = 0; i < (1 << 20); i++) {
		buf_putc(&b, 'x');
		moves += b.size != size;
		size = b.size;
	}
	cr_assert_lt(moves, 32);
	buf_fini(&b);
}

Test(buf, room_is_where_one_may_write)
{
	struct buf b = { 0 };
	size_t n;
	char *at;

	for (n = 1; n < 2000; n += 7) {
		at = buf_room(&b, n);
		cr_assert_eq(at, b.data + b.len);
		memset(at, 'r', n);
		b.len += n;
	}
	buf_putc(&b, '.');
	cr_assert_eq(strlen(b.data), b.len);
	buf_fini(&b);
}

Test(buf, taken_is_the_callers_and_never_null)
{
	struct buf b = { 0 };
	char *s;

	s = buf_take(&b);
	cr_assert_str_eq(s, "");
	free(s);
	memset(buf_room(&b, 3), 'z', 3);
	b.len += 3;
	s = buf_take(&b);
	cr_assert_str_eq(s, "zzz");
	cr_assert_null(b.data);
	cr_assert_eq(b.len + b.size, 0);
	free(s);
}

Test(bytes, comparison_heeds_the_length)
{
	cr_assert(bytes_is(BYTES("abc"), "abc"));
	cr_assert_not(bytes_is(BYTES("abc"), "ab"));
	cr_assert_not(bytes_is(BYTES("ab"), "abc"));
	cr_assert_not(bytes_is(BYTES("a\0b"), "a"));
	cr_assert_eq(bytes_of(NULL).len, 0);
}
