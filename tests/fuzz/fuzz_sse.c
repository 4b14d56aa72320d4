/*
 * Any bytes as events, in pieces of any size: the same events as from the
 * whole. The first byte is the size of the pieces.
 */
#include "buf.h"
#include "fuzz.h"
#include "sse.h"

const struct bytes fuzz_seeds[] = {
	SEED("\x01" "data: a\n\n"),
	SEED("\x02\xef\xbb\xbf" "data: a\r\n\r\ndata: b\r\n\r\n"),
	SEED("\x03" "data: a\r\rdata: b\r\n\rdata: c\n\r"),
	SEED("\x05" ": ping\n\nevent: error\ndata: {\ndata: }\nid: 1\n\n"),
	SEED("\x07" "data\ndata:\ndata: \n\nevent\nretry: 1\n\ndata: [DONE]"),
	{ NULL, 0 }
};

static void
note(struct buf *heard, struct sse *s)
{
	struct sse_event ev;

	while (sse_next(s, &ev) == SSE_EVENT) {
		CHECK(ev.name.len == 0 ||
		    memchr(ev.name.data, '\n', ev.name.len) == NULL);
		CHECK(ev.data.len == 0 ||
		    memchr(ev.data.data, '\r', ev.data.len) == NULL);
		buf_add_bytes(heard, ev.name);
		buf_putc(heard, '\0');
		buf_add_bytes(heard, ev.data);
		buf_putc(heard, '\0');
	}
}

static void
hear(struct bytes b, size_t piece, struct buf *heard)
{
	struct sse s = { 0 };
	struct sse_event ev;
	size_t n;

	for (; b.len > 0; b.data += n, b.len -= n) {
		n = b.len < piece ? b.len : piece;
		sse_feed(&s, (struct bytes){ b.data, n });
		note(heard, &s);
	}
	if (sse_rest(&s, &ev))
		buf_add_bytes(heard, ev.data);
	sse_fini(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf pieces = { 0 }, whole = { 0 };
	struct bytes b;

	if (len < 1)
		return 0;
	b = (struct bytes){ (const char *)data + 1, len - 1 };
	hear(b, data[0] + 1U, &pieces);
	hear(b, SIZE_MAX, &whole);
	CHECK(pieces.len == whole.len);
	CHECK(whole.len == 0 ||
	    memcmp(pieces.data, whole.data, whole.len) == 0);
	buf_fini(&pieces);
	buf_fini(&whole);
	return 0;
}
