#include "sse.h"

#include <criterion/criterion.h>

/* Each event as name|data; */
static void
note(struct buf *out, struct sse *s)
{
	enum sse_status status;
	struct sse_event ev;

	while ((status = sse_next(s, &ev)) == SSE_EVENT) {
		buf_add_bytes(out, ev.name);
		buf_putc(out, '|');
		buf_add_bytes(out, ev.data);
		buf_putc(out, ';');
	}
	if (status == SSE_TOO_LONG)
		buf_puts(out, "too long");
}

static void
read_all(struct buf *out, struct bytes b, size_t first, size_t step)
{
	struct sse s = { 0 };
	struct sse_event ev;
	size_t n = first;

	for (; b.len > 0; b.data += n, b.len -= n, n = step) {
		if (n > b.len)
			n = b.len;
		sse_feed(&s, (struct bytes){ b.data, n });
		note(out, &s);
	}
	if (sse_rest(&s, &ev)) {
		buf_puts(out, "rest ");
		buf_add_bytes(out, ev.data);
	}
	sse_fini(&s);
}

static const char *
text_of(const struct buf *b)
{
	return b->data == NULL ? "" : b->data;
}

static const struct {
	const char	*stream, *events;
} cases[] = {
	{ "data: a\n\n", "|a;" },
	{ "data:a\n\n", "|a;" },
	{ "data:  a\n\n", "| a;" },
	{ "data: a\r\n\r\ndata: b\r\n\r\n", "|a;|b;" },
	{ "data: a\r\rdata: b\r\r", "|a;|b;" },
	{ "data: a\r\n\rdata: b\n\r\n", "|a;|b;" },
	{ "data: a\ndata: b\n\n", "|a\nb;" },
	{ "data\ndata\n\n", "|\n;" },
	{ "data:\n\n", "|;" },
	{ "\xef\xbb\xbf" "data: a\n\n", "|a;" },
	{ "data: a\n\n\xef\xbb\xbf" "data: b\n\n", "|a;" },
	{ ": keep-alive\n\n:\ndata: a\n: x\n\n", "|a;" },
	{ "event: error\ndata: a\n\ndata: b\n\n", "error|a;|b;" },
	{ "event: ping\n\ndata: b\n\n", "|b;" },
	{ "event: a\nevent: b\ndata: c\n\n", "b|c;" },
	{ "id: 7\nretry: 10\nnoise\ndata: a\n\n", "|a;" },
	{ "\n\n\n\ndata: a\n\n\n\n", "|a;" },
	{ "data: \xe2\x82\xac\n\n", "|\xe2\x82\xac;" },
	{ "data: a: b\n\n", "|a: b;" },
	{ "Data: a\n\n", "" },
	{ "data: a\n\ndata: b", "|a;rest b" },
	{ "data: a\n\ndata: b\n", "|a;rest b" },
	{ "data: a\n\nevent: b\n", "|a;" },
	{ "data: a\r\n\r\n", "|a;" },
	{ "\xef\xbb\xbf" "data: a", "rest a" },
	{ "", "" }
};

Test(sse, reads_every_form_however_it_is_cut)
{
	struct buf out = { 0 };
	struct bytes b;
	size_t i, first;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		b = bytes_of(cases[i].stream);
		for (first = 1; first <= b.len + 1; first++) {
			buf_reset(&out);
			read_all(&out, b, first, b.len + 1);
			cr_expect_str_eq(text_of(&out), cases[i].events,
			    "case %zu cut at %zu", i, first);
		}
		buf_reset(&out);
		read_all(&out, b, 1, 1);
		cr_expect_str_eq(text_of(&out), cases[i].events,
		    "case %zu byte by byte", i);
	}
	buf_fini(&out);
}

static void
fill(struct buf *b, size_t n)
{
	memset(buf_room(b, n), 'x', n);
	b->len += n;
}

Test(sse, a_line_may_be_a_mebibyte_and_no_longer)
{
	struct buf b = { 0 }, out = { 0 };

	buf_puts(&b, "data:");
	fill(&b, SSE_LINE_MAX - 5);
	buf_puts(&b, "\n\n");
	read_all(&out, buf_bytes(&b), 4096, 4096);
	cr_expect_eq(out.len, SSE_LINE_MAX - 5 + 2);
	buf_reset(&out);
	b.data[b.len - 2] = 'x';
	read_all(&out, buf_bytes(&b), b.len, b.len);
	cr_expect_str_eq(out.data, "too long");
	buf_fini(&b);
	buf_fini(&out);
}

Test(sse, a_line_without_end_is_told_before_its_end)
{
	struct sse s = { 0 };
	struct buf b = { 0 };
	struct sse_event ev;

	fill(&b, SSE_LINE_MAX);
	sse_feed(&s, buf_bytes(&b));
	cr_expect_eq(sse_next(&s, &ev), SSE_MORE);
	sse_feed(&s, BYTES("x"));
	cr_expect_eq(sse_next(&s, &ev), SSE_TOO_LONG);
	cr_expect_not(sse_rest(&s, &ev));
	sse_fini(&s);
	buf_fini(&b);
}

Test(sse, an_event_of_many_lines_is_bounded_as_well)
{
	struct buf b = { 0 }, out = { 0 };
	int i;

	for (i = 0; i < 5; i++) {
		buf_puts(&b, "data:");
		fill(&b, SSE_LINE_MAX - 5);
		buf_puts(&b, "\n");
	}
	read_all(&out, buf_bytes(&b), b.len, b.len);
	cr_expect_str_eq(out.data, "too long");
	buf_fini(&b);
	buf_fini(&out);
}
