/*
 * Any bytes as a model's answer, in pieces of any size: the same answer as
 * from the whole, and nothing in it that a server would refuse when it is
 * sent back. The first byte is the size of the pieces.
 */
#include <jansson.h>

#include "buf.h"
#include "feed.h"
#include "fuzz.h"
#include "text.h"

#define D(json)		"data: " json "\n\n"
#define DELTA(inside)	D("{\"choices\":[{\"delta\":{" inside "}}]}")
#define DONE		D("[DONE]")

const struct bytes fuzz_seeds[] = {
	SEED("\x01" DELTA("\"content\":\"h\xe2\x82\"")
	    DELTA("\"content\":\"\xac\\ud83d\\u0007\"") DONE),
	SEED("\x10" DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"a\","
	    "\"function\":{\"name\":\"x\",\"arguments\":\"{\\\"n\\\"\"}}]")
	    DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
	    "\":1}\"}},{\"function\":{\"name\":\"y\",\"arguments\":"
	    "{\"m\":[1.10]}}}]") DONE),
	SEED("\x20" D("{\"choices\":[{\"message\":{\"content\":[{\"text\":"
	    "\"a\"}],\"reasoning\":\"b\"},\"finish_reason\":\"length\"}],"
	    "\"usage\":{\"prompt_tokens\":1}}")),
	SEED("\x30{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"\","
	    "\"function\":{\"name\":\"a.b\"}}]}}]}"),
	SEED("\x40" "event: error\n" D("{\"error\":{\"message\":\"x\"}}")),
	SEED("\x50 <html>"),
	{ NULL, 0 }
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static void
check_call(const struct model_call *call)
{
	json_t *json;
	size_t i;

	CHECK(call->id.len > 0 && call->id.len <= 128);
	for (i = 0; i < call->id.len; i++)
		CHECK(call->id.data[i] > ' ' && call->id.data[i] < 0x7f);
	CHECK(call->name.len > 0 && call->name.len <= 64);
	for (i = 0; i < call->name.len; i++)
		CHECK(is_letter(call->name.data[i]));
	json = json_loadb(call->arguments.data, call->arguments.len,
	    JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
	CHECK(json_is_object(json));
	json_decref(json);
	CHECK(text_is_valid(call->bad));
}

static void
check_text(struct bytes text)
{
	size_t i;

	CHECK(text.len > 0);
	CHECK(text_is_valid(text));
	for (i = 0; i < text.len; i++)
		CHECK((unsigned char)text.data[i] >= ' ' ||
		    text.data[i] == '\t' || text.data[i] == '\n');
}

static void
check_items(struct openai *o)
{
	struct answer_item item;

	while (answer_next(openai_answer(o), &item)) {
		if (item.kind == ANSWER_CALL)
			check_call(&item.call);
		else
			check_text(item.text);
	}
}

static void
check(struct bytes b)
{
	struct openai *o = openai_new(BYTES("\"call_0\""), 1);

	openai_feed(o, b);
	check_items(o);
	CHECK(openai_end(o) != OPENAI_OPEN);
	check_items(o);
	openai_free(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf pieces = { 0 }, whole = { 0 };
	struct bytes b;

	if (len < 1)
		return 0;
	b = (struct bytes){ (const char *)data + 1, len - 1 };
	check(b);
	feed_note(&pieces, b, BYTES(""), data[0] + 1U, data[0] + 1U);
	feed_note(&whole, b, BYTES(""), SIZE_MAX, SIZE_MAX);
	CHECK(pieces.len == whole.len);
	CHECK(memcmp(pieces.data, whole.data, whole.len) == 0);
	buf_fini(&pieces);
	buf_fini(&whole);
	return 0;
}
