#include "retry.h"

#include <criterion/criterion.h>

#include "fault.h"

#define MS(n)	((uint64_t)(n) * 1000)
/* Sun, 06 Nov 1994 08:49:37 GMT */
#define WALL	UINT64_C(784111777000000)

static const struct {
	unsigned	 status;
	const char	*should, *ms, *after, *body;
	unsigned	 ntries;
	bool		 again;
	uint64_t	 wait_us;
	enum model_why	 kind;
} cases[] = {
	/* Without a hint: half a second, then twice as long, at most eight. */
	{ 0, NULL, NULL, NULL, "", 1, true, MS(500), MODEL_WHY_NETWORK },
	{ 408, NULL, NULL, NULL, "", 1, true, MS(500), MODEL_WHY_REFUSED },
	{ 409, NULL, NULL, NULL, "", 1, true, MS(500), MODEL_WHY_REFUSED },
	{ 429, NULL, NULL, NULL, "", 2, true, MS(1000), MODEL_WHY_LIMITED },
	{ 500, NULL, NULL, NULL, "", 3, true, MS(2000), MODEL_WHY_SERVER },
	{ 529, NULL, NULL, NULL, "", 4, true, MS(4000), MODEL_WHY_SERVER },
	{ 503, NULL, NULL, NULL, "", 5, true, MS(8000), MODEL_WHY_SERVER },
	{ 503, NULL, NULL, NULL, "", 9, true, MS(8000), MODEL_WHY_SERVER },
	/* Enough is enough. */
	{ 500, NULL, NULL, NULL, "", 10, false, MS(8000), MODEL_WHY_SERVER },
	{ 429, NULL, NULL, "1", "", 10, false, MS(1000), MODEL_WHY_LIMITED },
	/* What will not get better. */
	{ 400, NULL, NULL, NULL, "", 1, false, MS(500), MODEL_WHY_REFUSED },
	{ 404, NULL, NULL, NULL, "no context length here", 1, false, MS(500),
	    MODEL_WHY_REFUSED },
	{ 401, NULL, NULL, NULL, "", 1, false, MS(500), MODEL_WHY_DENIED },
	{ 403, NULL, NULL, NULL, "", 1, false, MS(500), MODEL_WHY_DENIED },
	{ 302, NULL, NULL, NULL, "", 1, false, MS(500), MODEL_WHY_REFUSED },
	/* The server's word comes first. */
	{ 400, "true", NULL, NULL, "", 1, true, MS(500), MODEL_WHY_REFUSED },
	{ 500, "false", NULL, NULL, "", 1, false, MS(500),
	    MODEL_WHY_SERVER },
	{ 500, "maybe", NULL, NULL, "", 1, true, MS(500), MODEL_WHY_SERVER },
	/* Hints. */
	{ 429, NULL, "250", "9", "", 1, true, MS(250), MODEL_WHY_LIMITED },
	{ 429, NULL, "soon", "9", "", 1, true, MS(9000), MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "1.5", "", 1, true, MS(1500), MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "0", "", 1, true, 0, MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "-1", "", 1, true, MS(500), MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "60", "", 1, true, MS(60000), MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "61", "", 1, false, MS(61000),
	    MODEL_WHY_LIMITED },
	{ 503, NULL, NULL, "120", "", 1, false, MS(120000),
	    MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "99999999999999999999999", "", 1, false,
	    UINT64_C(366) * 86400 * 1000000, MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "Sun, 06 Nov 1994 08:50:07 GMT", "", 1, true,
	    MS(30000), MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "Sunday, 06-Nov-94 08:49:36 GMT", "", 1, false,
	    UINT64_C(3155759999) * 1000000, MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "Sun Nov  6 08:49:39 1994", "", 1, true,
	    MS(2000), MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "Sun, 06 Nov 1994 08:00:00 GMT", "", 1, true, 0,
	    MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "Thu, 01 Dec 1994 16:00:00 GMT", "", 1, false,
	    UINT64_C(2185823) * 1000000, MODEL_WHY_LIMITED },
	{ 429, NULL, NULL, "Sun, 06 Foo 1994 08:50:07 GMT", "", 1, true,
	    MS(500), MODEL_WHY_LIMITED },
	/* Money. */
	{ 402, NULL, NULL, NULL, "", 1, false, MS(500), MODEL_WHY_QUOTA },
	{ 429, "true", NULL, NULL,
	    "{\"error\":{\"code\":\"insufficient_quota\"}}", 1, false,
	    MS(500), MODEL_WHY_QUOTA },
	{ 429, NULL, NULL, NULL, "credit_balance_exhausted", 1, false,
	    MS(500), MODEL_WHY_QUOTA },
	{ 429, NULL, NULL, NULL, "{\"error\":{\"details\":{\"error_code\":"
	    "\"enforced_spend_limit_reached\"}}}", 1, false, MS(500),
	    MODEL_WHY_QUOTA },
	{ 400, NULL, NULL, NULL, "contract_spend_limit_reached", 1, false,
	    MS(500), MODEL_WHY_QUOTA },
	/* The context. */
	{ 400, NULL, NULL, NULL, "{\"error\":{\"message\":\"This model's "
	    "maximum context length is 8192 tokens\"}}", 1, false, MS(500),
	    MODEL_WHY_CONTEXT },
	{ 400, NULL, NULL, NULL, "{\"error\":{\"code\":"
	    "\"context_length_exceeded\"}}", 1, false, MS(500),
	    MODEL_WHY_CONTEXT },
	{ 400, NULL, NULL, NULL, "{\"error\":{\"message\":\"the request "
	    "exceeds the available context size\"}}", 1, false, MS(500),
	    MODEL_WHY_CONTEXT },
	{ 500, NULL, NULL, NULL, "Prompt is too long", 1, false, MS(500),
	    MODEL_WHY_CONTEXT },
	{ 429, NULL, NULL, NULL, "context length", 1, true, MS(500),
	    MODEL_WHY_LIMITED }
};

Test(retry, does_what_the_vendors_clients_do)
{
	struct retry_case c;
	struct retry_verdict v;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		c = (struct retry_case){ cases[i].status, cases[i].should,
		    cases[i].ms, cases[i].after, bytes_of(cases[i].body),
		    WALL, cases[i].ntries, 9, 0 };
		v = retry_judge(&c);
		cr_expect_eq(v.again, cases[i].again, "case %zu", i);
		cr_expect_eq(v.kind, cases[i].kind, "case %zu", i);
		cr_expect_eq(v.wait_us, cases[i].wait_us, "case %zu: %llu", i,
		    (unsigned long long)v.wait_us);
		cr_expect(cases[i].after != NULL || cases[i].ms != NULL ||
		    v.retry_after_us == 0, "case %zu", i);
	}
}

Test(retry, the_dice_take_at_most_a_quarter)
{
	struct retry_case c = { .body = BYTES(""), .ntries = 1, .max = 2 };
	uint64_t least = UINT64_MAX, most = 0, us;

	for (c.dice = 0; c.dice < 4096; c.dice++) {
		us = retry_judge(&c).wait_us;
		least = us < least ? us : least;
		most = us > most ? us : most;
	}
	cr_expect_eq(most, 500000);
	cr_expect(least >= 375000 && least < 376000);
}

static const struct {
	const char	*body, *words;
	unsigned	 status;
} bodies[] = {
	{ "{\"error\":{\"message\":\"no\\nsuch  model\"}}", "no such  model",
	    500 },
	{ "{\"error\":\"plain\"}", "plain", 500 },
	{ "{\"object\":\"error\",\"message\":\"old\",\"code\":404}", "old",
	    404 },
	{ "{\"detail\":\"Not Found\"}", "Not Found", 500 },
	{ "  <html><title>502</title>", "a page of HTML", 500 },
	{ "busy\n", "busy", 500 },
	{ "", "", 500 },
	{ "{\"a\":1}", "{\"a\":1}", 500 },
	{ "\x1b[31mred\xff", "red\xef\xbf\xbd", 500 },
	{ "{\"error\":{\"code\":503,\"message\":\"x\"}}", "x", 503 },
	{ "{\"error\":{\"status\":429,\"message\":\"x\"}}", "x", 429 },
	{ "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"x\"}}",
	    "x", 429 },
	{ "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"x\""
	    "}}", "x", 400 },
	{ "{\"error\":{\"type\":\"authentication_error\",\"message\":\"x\"}"
	    "}", "x", 401 },
	{ "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}",
	    "x", 500 }
};

Test(fault, an_error_of_any_shape_has_words_and_a_status)
{
	struct buf words = { 0 };
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		buf_reset(&words);
		fault_words(&words, bytes_of(bodies[i].body));
		cr_expect_str_eq(words.data == NULL ? "" : words.data,
		    bodies[i].words, "case %zu: %s", i, words.data);
		cr_expect_eq(fault_status(bytes_of(bodies[i].body)),
		    bodies[i].status, "case %zu", i);
	}
	buf_fini(&words);
}

Test(fault, a_long_error_is_cut_between_characters)
{
	struct buf body = { 0 }, words = { 0 };
	int i;

	buf_puts(&body, "x");
	for (i = 0; i < 300; i++)
		buf_puts(&body, "\xc3\xa9");
	fault_words(&words, buf_bytes(&body));
	cr_expect_eq(words.len, FAULT_WORDS_MAX);
	cr_expect_str_eq(words.data + words.len - 5, "\xc3\xa9...");
	buf_fini(&body);
	buf_fini(&words);
}
