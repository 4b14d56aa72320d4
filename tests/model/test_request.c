#include "request.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define USER(text)	BYTES("{\"role\":\"user\",\"content\":\"" text "\"}")
#define SAID(text)	BYTES("{\"role\":\"assistant\",\"content\":\"" \
			    text "\"}")
#define TOOL(text)	BYTES("{\"role\":\"tool\",\"tool_call_id\":\"a\"," \
			    "\"content\":\"" text "\"}")
#define HEAD		"{\"model\":\"m\",\"stream\":true,\"messages\":["

static const struct model_conf strict = { .name = "m" };

static const char *
render(const struct model_conf *conf, struct bytes system,
    const struct bytes *items, size_t nitems, struct bytes tools)
{
	static struct buf b;
	struct model_request r = { system, items, nitems, tools };

	buf_reset(&b);
	request_render(&b, conf, &r);
	return b.data;
}

#define NONE		BYTES("")
#define RENDER(conf, ...) \
	render(conf, NONE, (const struct bytes[]){ __VA_ARGS__ }, \
	    sizeof((const struct bytes[]){ __VA_ARGS__ }) / \
	    sizeof(struct bytes), NONE)

Test(request, is_the_items_end_to_end)
{
	cr_expect_str_eq(RENDER(&strict, USER("a"), SAID("b"), USER("c")),
	    HEAD "{\"role\":\"user\",\"content\":\"a\"},"
	    "{\"role\":\"assistant\",\"content\":\"b\"},"
	    "{\"role\":\"user\",\"content\":\"c\"}]}");
}

Test(request, leaves_out_what_is_not_there)
{
	struct bytes items[] = { USER("a") };

	cr_expect_str_eq(render(&strict, BYTES("be \"brief\"\n"), items, 1,
	    BYTES("[{\"type\":\"function\"}]")),
	    HEAD "{\"role\":\"system\",\"content\":\"be \\\"brief\\\"\\n\"},"
	    "{\"role\":\"user\",\"content\":\"a\"}],"
	    "\"tools\":[{\"type\":\"function\"}]}");
	cr_expect_str_eq(render(&strict, BYTES(" \n"), items, 1, BYTES("[]")),
	    HEAD "{\"role\":\"user\",\"content\":\"a\"}]}");
}

Test(request, another_model_is_asked_if_it_says_so)
{
	struct bytes items[] = { USER("a") };
	struct model_request r = { .items = items, .nitems = 1,
	    .model = "small" };
	struct buf b = { 0 };

	request_render(&b, &strict, &r);
	cr_expect_str_eq(b.data, "{\"model\":\"small\",\"stream\":true,"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
	buf_fini(&b);
}

Test(request, has_what_the_switches_ask_for)
{
	struct bytes items[] = { USER("a") };
	struct model_conf conf = { .name = "m", .developer_role = true,
	    .stream_options = true };

	cr_expect_str_eq(render(&conf, BYTES("s"), items, 1, NONE),
	    "{\"model\":\"m\",\"stream\":true,\"stream_options\":"
	    "{\"include_usage\":true},\"messages\":[{\"role\":\"developer\","
	    "\"content\":\"s\"},{\"role\":\"user\",\"content\":\"a\"}]}");
}

Test(request, neighbours_of_role_user_are_one_message)
{
	struct model_conf relaxed = { .name = "m", .separate_users = true };

	cr_expect_str_eq(RENDER(&strict, USER("a"), USER("b\\\""), USER("c")),
	    HEAD "{\"role\":\"user\",\"content\":\"a\\n\\nb\\\"\\n\\nc\"}]}");
	cr_expect_str_eq(RENDER(&relaxed, USER("a"), USER("b")),
	    HEAD "{\"role\":\"user\",\"content\":\"a\"},"
	    "{\"role\":\"user\",\"content\":\"b\"}]}");
}

/* More than role and content, or a content that is no string: hands off. */
Test(request, a_user_message_of_another_form_is_left_alone)
{
	cr_expect_str_eq(RENDER(&strict, USER("a"),
	    BYTES("{\"role\":\"user\",\"content\":\"b\",\"name\":\"c\"}"),
	    BYTES("{\"role\":\"user\",\"content\":[]}")),
	    HEAD "{\"role\":\"user\",\"content\":\"a\"},"
	    "{\"role\":\"user\",\"content\":\"b\",\"name\":\"c\"},"
	    "{\"role\":\"user\",\"content\":[]}]}");
}

Test(request, a_user_never_follows_a_tool_unless_it_may)
{
	struct model_conf relaxed = { .name = "m", .tool_then_user = true };

	cr_expect_str_eq(RENDER(&strict, TOOL("r"), USER("a")),
	    HEAD "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":"
	    "\"r\"},{\"role\":\"assistant\",\"content\":\"(interrupted)\"},"
	    "{\"role\":\"user\",\"content\":\"a\"}]}");
	cr_expect_str_eq(RENDER(&relaxed, TOOL("r"), USER("a")),
	    HEAD "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":"
	    "\"r\"},{\"role\":\"user\",\"content\":\"a\"}]}");
}

static bool
is_user(struct bytes b)
{
	return memcmp(b.data, "{\"role\":\"user\"", 14) == 0;
}

/* What may follow a message: its comma, or in a user the rest of its text. */
static size_t
sent_len(const char *request, bool joined)
{
	size_t tail = joined ? strlen("\"}]}") : strlen("]}");

	return strlen(request) - tail;
}

Test(request, more_items_never_change_the_bytes_of_the_first)
{
	struct model_conf conf = { .name = "m" };
	const struct bytes stock[] = {
		USER("a"), USER("b\\\\"), USER("\\\"c\\\"}"), SAID("d"),
		SAID("e"), TOOL("f"), TOOL("g"),
		USER("{\\\"role\\\":\\\"user\\\"")
	};
	struct bytes items[24];
	struct buf first = { 0 };
	const char *all;
	size_t nitems, n, i;
	int round;
	bool joined;

	srand(1);
	for (round = 0; round < 20000; round++) {
		nitems = 2 + (size_t)rand() % 22;
		for (i = 0; i < nitems; i++)
			items[i] = stock[(size_t)rand() % 8];
		n = 1 + (size_t)rand() % (nitems - 1);
		conf.separate_users = rand() % 4 == 0;
		conf.tool_then_user = rand() % 2 == 0;
		joined = !conf.separate_users && is_user(items[n - 1]) &&
		    is_user(items[n]);
		buf_reset(&first);
		buf_puts(&first, render(&conf, BYTES("s"), items, n, NONE));
		all = render(&conf, BYTES("s"), items, nitems, NONE);
		cr_assert_arr_eq(all, first.data, sent_len(first.data,
		    joined), "round %d", round);
	}
	buf_fini(&first);
}
