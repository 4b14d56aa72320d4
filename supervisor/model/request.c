#include "request.h"

#include "jsonw.h"
#include "text.h"

#define USER_HEAD	"{\"role\":\"user\",\"content\":\""
#define HEAD_LEN	(sizeof(USER_HEAD) - 1)
#define TOOL_HEAD	"{\"role\":\"tool\","
#define TEXT_TAIL	"\"}"
/* What stands between a tool's result and a user, where they may not meet. */
#define FILLER		"{\"role\":\"assistant\",\"content\":\"(interrupted)\"}"

enum item_kind { ITEM_USER, ITEM_TOOL, ITEM_OTHER };

static bool
begins(struct bytes b, struct bytes with)
{
	return b.len >= with.len && memcmp(b.data, with.data, with.len) == 0;
}

/*
 * Is the item its head, one string and its tail? The string is not walked byte
 * by byte at each request: inside it a quote has a backslash in front, so that
 * "," can only stand between two members.
 */
static bool
is_one_text(struct bytes item)
{
	static const size_t tail = sizeof(TEXT_TAIL) - 1;

	return item.len >= HEAD_LEN + tail &&
	    memcmp(item.data + item.len - tail, TEXT_TAIL, tail) == 0 &&
	    memmem(item.data + HEAD_LEN, item.len - HEAD_LEN, "\",\"", 3) ==
	    NULL;
}

static enum item_kind
kind_of(struct bytes item)
{
	if (begins(item, BYTES(USER_HEAD)) && is_one_text(item))
		return ITEM_USER;
	return begins(item, BYTES(TOOL_HEAD)) ? ITEM_TOOL : ITEM_OTHER;
}

static void
join_user(struct buf *b, struct bytes item)
{
	b->len -= sizeof(TEXT_TAIL) - 1;
	buf_puts(b, "\\n\\n");
	buf_add(b, item.data + HEAD_LEN, item.len - HEAD_LEN);
}

static void
add_items(struct buf *b, const struct model_conf *conf,
    const struct model_request *r)
{
	enum item_kind last = ITEM_OTHER, kind;
	size_t i;

	for (i = 0; i < r->nitems; i++, last = kind) {
		kind = kind_of(r->items[i]);
		if (kind == ITEM_USER && last == ITEM_USER &&
		    !conf->separate_users) {
			join_user(b, r->items[i]);
			continue;
		}
		if (kind == ITEM_USER && last == ITEM_TOOL &&
		    !conf->tool_then_user)
			jsonw_raw(b, NULL, BYTES(FILLER));
		jsonw_raw(b, NULL, r->items[i]);
	}
}

static void
add_system(struct buf *b, const struct model_conf *conf, struct bytes system)
{
	if (text_is_blank(system))
		return;
	jsonw_open(b, '{');
	jsonw_str(b, "role", conf->developer_role ? "developer" : "system");
	jsonw_text(b, "content", system);
	jsonw_close(b, '}');
}

void
request_render(struct buf *b, const struct model_conf *conf,
    const struct model_request *r)
{
	buf_putc(b, '{');
	jsonw_str(b, "model", r->model != NULL ? r->model : conf->name);
	jsonw_bool(b, "stream", true);
	if (conf->stream_options)
		jsonw_raw(b, "stream_options",
		    BYTES("{\"include_usage\":true}"));
	jsonw_key(b, "messages");
	jsonw_open(b, '[');
	add_system(b, conf, r->system);
	add_items(b, conf, r);
	jsonw_close(b, ']');
	if (r->tools.len > 0 && !bytes_is(r->tools, "[]"))
		jsonw_raw(b, "tools", r->tools);
	jsonw_close(b, '}');
}
