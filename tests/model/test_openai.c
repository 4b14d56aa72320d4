#include "openai.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "feed.h"

/* In these tables ' stands for ", outside of what is quoted for people. */
#define D(json)		"data: " json "\n\n"
#define DELTA(inside)	D("{'choices':[{'index':0,'delta':{" inside "}}]}")
#define CALLS(inside)	DELTA("'tool_calls':[" inside "]")
#define REASON(word)	D("{'choices':[{'index':0,'delta':{}," \
			    "'finish_reason':'" word "'}]}")
#define DONE		D("[DONE]")

struct stream {
	const char	*name, *stream, *note;
};

static const struct stream text_streams[] = {
	{ "the chunks as documented",
	    D("{'id':'c','choices':[{'index':0,'delta':{'role':'assistant',"
	    "'content':''},'finish_reason':null}],'usage':null}")
	    DELTA("'content':'Let me'") DELTA("'content':' see.'")
	    REASON("stop")
	    D("{'choices':[],'usage':{'prompt_tokens':9,"
	    "'completion_tokens':5,'prompt_tokens_details':"
	    "{'cached_tokens':4}}}") DONE,
	    "Let me see.\ndone 9/4/5" },
	{ "content null, or in parts",
	    DELTA("'content':null")
	    DELTA("'content':[{'type':'text','text':'a'},'b',"
	    "{'type':'thinking','thinking':[{'type':'text','text':'t'}]}]")
	    DONE, "ab(t)\ndone" },
	{ "a refusal is text", DELTA("'refusal':'I will not.'")
	    REASON("stop") DONE, "I will not.\ndone" },
	{ "reasoning_content is a thought",
	    DELTA("'reasoning_content':'hm'") DELTA("'content':'yes'") DONE,
	    "yes(hm)\ndone" },
	{ "reasoning is a thought, and one of two is enough",
	    DELTA("'reasoning':'h'")
	    DELTA("'reasoning':'m','reasoning_content':'m'") DONE,
	    "(hm)\ndone" },
	{ "unknown keys are nothing",
	    D("{'x':[1],'choices':[{'delta':{'content':'a','y':{}},"
	    "'obfuscation':'zz'}]}") DONE, "a\ndone" },
	{ "numbers that fit nowhere are nothing",
	    D("{'created':99999999999999999999999,'choices':[{'delta':"
	    "{'content':'a'}}]}") DONE, "a\ndone" },
	{ "other choices are nobody's",
	    D("{'choices':[{'index':1,'delta':{'content':'no'}},"
	    "{'index':0,'delta':{'content':'yes'}}]}") DONE, "yes\ndone" },
	{ "comments and pings are no answer",
	    ": hello\n\nevent: ping\ndata:\n\n" DELTA("'content':'a'") DONE,
	    "a\ndone" },
	{ "what comes after [DONE] is ignored",
	    DELTA("'content':'a'") DONE DELTA("'content':'b'"), "a\ndone" },
	{ "finish_reason without [DONE] will do",
	    DELTA("'content':'a'") REASON("stop"), "a\ndone" },
	{ "[DONE] without finish_reason will do",
	    DELTA("'content':'a'") DONE, "a\ndone" },
	{ "a last event without its blank line",
	    DELTA("'content':'a'") "data: [DONE]", "a\ndone" },
	{ "an end without either is a cut", DELTA("'content':'a'"),
	    "a\ncut" },
	{ "an empty reason is none",
	    DELTA("'content':'a'") REASON(""), "a\ncut" },
	{ "a cut in an event", DELTA("'content':'a'") "data: {'choi",
	    "a\ncut" },
	{ "nothing at all", "", "\ncut" },
	{ "control characters go", DELTA("'content':'a\\u0000\\u001b[1mb\\t"
	    "\\r\\nc\\u0085'") DONE, "a[1mb\t\nc\ndone" },
	{ "a character cut in two by the server",
	    DELTA("'content':'a\xe2\x82'") DELTA("'content':'\xac" "b'") DONE,
	    "a\xe2\x82\xac" "b\ndone" },
	{ "a character that never becomes whole",
	    DELTA("'content':'a\xe2\x82'") DONE, "a\xef\xbf\xbd\ndone" },
	{ "half a surrogate pair", DELTA("'content':'a\\ud83d!'") DONE,
	    "a\xef\xbf\xbd!\ndone" },
	{ "cut off by length", DELTA("'content':'a'") REASON("length") DONE,
	    "a\ndone short" },
	{ "DeepSeek's count of cached tokens",
	    D("{'choices':[],'usage':{'prompt_tokens':9,'completion_tokens':"
	    "5,'prompt_cache_hit_tokens':8}}") DONE, "\ndone 9/8/5" },
	{ "CRLF everywhere",
	    "data: {'choices':[{'delta':{'content':'a'}}]}\r\n\r\n"
	    "data: [DONE]\r\n\r\n", "a\ndone" }
};

static const struct stream call_streams[] = {
	{ "the chunks as documented",
	    CALLS("{'index':0,'id':'call_a','type':'function','function':"
	    "{'name':'build','arguments':''}}")
	    CALLS("{'index':0,'function':{'arguments':'{\\'tar'}}")
	    CALLS("{'index':0,'function':{'arguments':'get\\':1}'}}")
	    CALLS("{'index':1,'id':'call_b','type':'function','function':"
	    "{'name':'status','arguments':''}}")
	    REASON("tool_calls") DONE,
	    "\ncall call_a build {'target':1}\ncall call_b status {}\ndone" },
	{ "calls that interleave",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{'}},{'index':1,'id':'b','function':{'name':'y',"
	    "'arguments':'{'}}")
	    CALLS("{'index':1,'function':{'arguments':'}'}},"
	    "{'index':0,'function':{'arguments':' }'}}") DONE,
	    "\ncall a x { }\ncall b y {}\ndone" },
	{ "another id at an open index is another call",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{}'}}")
	    CALLS("{'index':0,'id':'b','function':{'name':'x',"
	    "'arguments':'{\\'n\\':1}'}}") REASON("tool_calls") DONE,
	    "\ncall a x {}\ncall b x {'n':1}\ndone" },
	{ "the same id again goes on",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{'}}")
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'}'}}") DONE, "\ncall a x {}\ndone" },
	{ "no index: an id opens, arguments alone go on",
	    CALLS("{'id':'a','function':{'name':'x','arguments':'{'}}")
	    CALLS("{'function':{'arguments':'}'}}")
	    CALLS("{'id':'b','function':{'name':'y'}}") DONE,
	    "\ncall a x {}\ncall b y {}\ndone" },
	{ "no index and no id: a name opens",
	    CALLS("{'function':{'name':'x','arguments':'{}'}},"
	    "{'function':{'name':'y','arguments':'{}'}}") DONE,
	    "\ncall * x {}\ncall * y {}\ndone" },
	{ "an id that is absent or empty is made",
	    CALLS("{'index':0,'function':{'name':'x','arguments':'{}'}}")
	    CALLS("{'index':1,'id':'','function':{'name':'y',"
	    "'arguments':'{}'}}") DONE,
	    "\ncall * x {}\ncall * y {}\ndone" },
	{ "an id that comes late is taken",
	    CALLS("{'index':0,'function':{'name':'x'}}")
	    CALLS("{'index':0,'id':'a','function':{'arguments':'{}'}}") DONE,
	    "\ncall a x {}\ndone" },
	{ "one index, no ids, two whole calls",
	    CALLS("{'index':0,'function':{'name':'x','arguments':'{}'}}")
	    CALLS("{'index':0,'function':{'name':'x','arguments':'{}'}}")
	    CALLS("{'index':0,'function':{'name':'y','arguments':'{}'}}")
	    DONE, "\ncall * x {}\ncall * x {}\ncall * y {}\ndone" },
	{ "a name in pieces",
	    CALLS("{'index':0,'id':'a','function':{'name':'bu'}}")
	    CALLS("{'index':0,'function':{'name':'ild'}}") DONE,
	    "\ncall a build {}\ndone" },
	{ "a name said each time",
	    CALLS("{'index':0,'id':'a','function':{'name':'build',"
	    "'arguments':'{'}}")
	    CALLS("{'index':0,'function':{'name':'build',"
	    "'arguments':'}'}}") DONE, "\ncall a build {}\ndone" },
	{ "arguments as an object keep their bytes",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':{'n':1.10, 'm':1e2}}}") DONE,
	    "\ncall a x {'n':1.10, 'm':1e2}\ndone" },
	{ "objects under one index without ids",
	    CALLS("{'index':0,'function':{'name':'x','arguments':{}}}")
	    CALLS("{'index':0,'function':{'name':'x','arguments':{}}}")
	    DONE, "\ncall * x {}\ncall * x {}\ndone" },
	{ "arguments absent, null or blank are none",
	    CALLS("{'index':0,'id':'a','function':{'name':'x'}}")
	    CALLS("{'index':1,'id':'b','function':{'name':'x',"
	    "'arguments':null}}")
	    CALLS("{'index':2,'id':'c','function':{'name':'x',"
	    "'arguments':' '}}")
	    CALLS("{'index':3,'id':'d','function':{'name':'x',"
	    "'arguments':'null'}}") DONE,
	    "\ncall a x {}\ncall b x {}\ncall c x {}\ncall d x {}\ndone" },
	{ "arguments that are no object are quoted",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{\\'n\\':'}}")
	    CALLS("{'index':1,'id':'b','function':{'name':'x',"
	    "'arguments':'[1]'}}")
	    CALLS("{'index':2,'id':'c','function':{'name':'x',"
	    "'arguments':'{}{}'}}") REASON("tool_calls") DONE,
	    "\ncall a x {} bad {'n':\ncall b x {} bad [1]\n"
	    "call c x {} bad {}{}\ndone" },
	{ "arguments cut inside a character",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{\\'n\\':\\'\xe2\x82'}}")
	    CALLS("{'index':0,'function':{'arguments':'\xac\\'}'}}") DONE,
	    "\ncall a x {'n':'\xe2\x82\xac'}\ndone" },
	{ "stop in spite of calls",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{}'}}") REASON("stop"), "\ncall a x {}\ndone" },
	{ "no reason at all",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{}'}}") DONE, "\ncall a x {}\ndone" },
	{ "the limit drops the call that is open",
	    CALLS("{'index':0,'id':'a','function':{'name':'x'}}")
	    CALLS("{'index':1,'id':'b','function':{'name':'y',"
	    "'arguments':'{\\'n'}}") REASON("length") DONE,
	    "\ncall a x {}\ndone short" },
	{ "the limit leaves a call that is whole",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{}'}}") REASON("length") DONE,
	    "\ncall a x {}\ndone short" },
	{ "a cut stream has no calls",
	    DELTA("'content':'on it'")
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{}'}}"), "on it\ncut" },
	{ "an id twice in one answer",
	    CALLS("{'index':0,'id':'a','function':{'name':'x',"
	    "'arguments':'{}'}},{'index':1,'id':'a','function':"
	    "{'name':'y','arguments':'{}'}}") DONE,
	    "\ncall a x {}\ncall * y {}\ndone" },
	{ "an id that the request has",
	    CALLS("{'index':0,'id':'call_0','function':{'name':'x',"
	    "'arguments':'{}'}},{'index':1,'id':'call_1','function':"
	    "{'name':'y','arguments':'{}'}}") DONE,
	    "\ncall * x {}\ncall call_1 y {}\ndone" },
	{ "an id that no server would take back",
	    CALLS("{'index':0,'id':'a b','function':{'name':'x',"
	    "'arguments':'{}'}}") DONE, "\ncall * x {}\ndone" },
	{ "a name that no server would take back",
	    CALLS("{'index':0,'id':'a','function':{'name':'fs.read',"
	    "'arguments':'{}'}},{'index':1,'id':'b','function':"
	    "{'arguments':'{}'}}") DONE,
	    "\ncall a fs_read {}\ncall b unnamed {}\ndone" },
	{ "the dead predecessor",
	    DELTA("'function_call':{'name':'x','arguments':'{'}")
	    DELTA("'function_call':{'arguments':'}'}")
	    REASON("function_call") DONE, "\ncall * x {}\ndone" }
};

static const struct stream other_streams[] = {
	{ "an error inside a stream",
	    DELTA("'content':'a'") D("{'error':{'message':'boom'}}"),
	    "a\nerror {'error':{'message':'boom'}}" },
	{ "an error with choices",
	    D("{'choices':[],'error':'boom'}") DONE,
	    "\nerror {'choices':[],'error':'boom'}" },
	{ "no error is none", D("{'choices':[],'error':null}") DONE,
	    "\ndone" },
	{ "event: error", "event: error\n" D("boom"), "\nerror boom" },
	{ "vLLM's old form", D("{'object':'error','message':'boom'}"),
	    "\nerror {'object':'error','message':'boom'}" },
	{ "the content filter with nothing said", REASON("content_filter"),
	    "\nerror {'error':{'code':400,'message':"
	    "'the server\"s content filter'}}" },
	{ "the content filter after something",
	    DELTA("'content':'a'") REASON("content_filter"), "a\ndone" },
	{ "broken JSON", D("{'choices':"), "\nnonsense broken JSON in the "
	    "stream" },
	{ "HTML", "\n <!DOCTYPE html><html>", "\nnonsense a page of HTML, "
	    "not an answer" },
	{ "an answer that is no stream",
	    "\n{'choices':[{'index':0,'message':{'role':'assistant',"
	    "'content':'hi','tool_calls':[{'id':'a','type':'function',"
	    "'function':{'name':'x','arguments':'{\\'n\\':1}'}},"
	    "{'function':{'name':'y','arguments':{'m': 1.0}}}]},"
	    "'finish_reason':'tool_calls'}],'usage':{'prompt_tokens':3,"
	    "'completion_tokens':4}}\n",
	    "hi\ncall a x {'n':1}\ncall * y {'m': 1.0}\ndone 3/0/4" },
	{ "an error that is no stream", "{'error':{'message':'boom'}}",
	    "\nerror {'error':{'message':'boom'}}" },
	{ "JSON that is something else", "{'models':[]}",
	    "\nnonsense JSON that is no answer" },
	{ "JSON that was cut", "{'choices':[{'mess",
	    "\nnonsense broken JSON" },
	{ "words", "Not Found", "\ncut" }
};

static void
add_quoted(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		buf_putc(b, *s == '\'' ? '"' : *s == '"' ? '\'' : *s);
}

/* "call * " in the note stands for any id of nine letters and digits. */
static bool
is_like(const char *got, const char *want)
{
	size_t n;

	for (; *want != '\0'; got++, want++) {
		if (*want == '*') {
			n = strspn(got, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"
			    "lmnopqrstuvwxyz0123456789");
			if (n != 9)
				return false;
			got += 8;
		} else if (*got != *want) {
			return false;
		}
	}
	return *got == '\0';
}

static void
expect(const struct stream *c, struct bytes stream, const char *want,
    size_t first, size_t step)
{
	struct bytes request = BYTES("{\"messages\":[{\"role\":\"tool\","
	    "\"tool_call_id\":\"call_0\",\"content\":\"\\\"call_1\\\"\"}]}");
	struct buf got = { 0 };

	feed_note(&got, stream, request, first, step);
	cr_expect(is_like(got.data, want), "%s (%zu, %zu): %s", c->name,
	    first, step, got.data);
	buf_fini(&got);
}

static void
expect_all(const struct stream *list, size_t n)
{
	struct buf stream = { 0 }, note = { 0 };
	size_t i, first;

	for (i = 0; i < n; i++) {
		buf_reset(&stream);
		buf_reset(&note);
		add_quoted(&stream, list[i].stream);
		add_quoted(&note, list[i].note);
		for (first = 1; first <= stream.len + 1; first++)
			expect(&list[i], buf_bytes(&stream), note.data, first,
			    stream.len + 1);
		expect(&list[i], buf_bytes(&stream), note.data, 1, 1);
	}
	buf_fini(&stream);
	buf_fini(&note);
}

#define EXPECT_ALL(list)	expect_all(list, sizeof(list) / sizeof(*list))

Test(openai, text_comes_out_of_whatever_servers_send)
{
	EXPECT_ALL(text_streams);
}

Test(openai, calls_come_out_of_whatever_servers_send)
{
	EXPECT_ALL(call_streams);
}

Test(openai, errors_and_other_answers_are_told_apart)
{
	EXPECT_ALL(other_streams);
}

Test(openai, text_is_there_before_the_end)
{
	struct openai *o = openai_new(BYTES(""), 1);
	struct answer_item item;

	openai_feed(o, BYTES("data: {\"choices\":[{\"delta\":"
	    "{\"content\":\"hi\"}}]}\n\n"));
	cr_assert(answer_next(openai_answer(o), &item));
	cr_expect_eq(item.kind, ANSWER_TEXT);
	cr_expect(bytes_is(item.text, "hi"));
	cr_expect_not(answer_next(openai_answer(o), &item));
	openai_free(o);
}

Test(openai, an_answer_without_end_is_ended)
{
	struct openai *o = openai_new(BYTES(""), 1);
	struct buf b = { 0 };
	enum openai_state state = OPENAI_OPEN;
	int i;

	buf_puts(&b, "data: {\"choices\":[{\"delta\":{\"content\":\"");
	memset(buf_room(&b, 1000000), 'x', 1000000);
	b.len += 1000000;
	buf_puts(&b, "\"}}]}\n\n");
	for (i = 0; i < 16; i++)
		state = openai_feed(o, buf_bytes(&b));
	cr_expect_eq(state, OPENAI_OPEN);
	cr_expect_eq(openai_feed(o, buf_bytes(&b)), OPENAI_NONSENSE);
	openai_free(o);
	buf_fini(&b);
}

Test(openai, calls_without_end_are_ended)
{
	struct openai *o = openai_new(BYTES(""), 1);
	enum openai_state state = OPENAI_OPEN;
	struct buf b = { 0 };
	int i;

	for (i = 0; i < 257 && state == OPENAI_OPEN; i++) {
		buf_reset(&b);
		buf_printf(&b, "data: {\"choices\":[{\"delta\":{\"tool_calls\""
		    ":[{\"index\":%d,\"function\":{\"name\":\"x\"}}]}}]}\n\n",
		    i);
		state = openai_feed(o, buf_bytes(&b));
	}
	cr_expect_eq(i, 257);
	cr_expect_eq(state, OPENAI_NONSENSE);
	openai_free(o);
	buf_fini(&b);
}

/* The same request asked again must not have the ids of the first answer. */
Test(openai, made_ids_follow_from_the_seed)
{
	struct bytes stream = BYTES("{\"choices\":[{\"message\":{\"tool_calls"
	    "\":[{\"function\":{\"name\":\"x\"}}]}}]}");
	struct answer_item item;
	char ids[3][10];
	uint64_t seeds[] = { 7, 7, 8 };
	int i;

	for (i = 0; i < 3; i++) {
		struct openai *o = openai_new(BYTES(""), seeds[i]);

		openai_feed(o, stream);
		cr_assert_eq(openai_end(o), OPENAI_DONE);
		cr_assert(answer_next(openai_answer(o), &item));
		cr_assert_eq(item.call.id.len, 9);
		memcpy(ids[i], item.call.id.data, 9);
		ids[i][9] = '\0';
		openai_free(o);
	}
	cr_expect_str_eq(ids[0], ids[1]);
	cr_expect_str_neq(ids[0], ids[2]);
}
