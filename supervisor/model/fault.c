#include "fault.h"

#include <jansson.h>
#include <stdlib.h>

#include "text.h"
#include "xalloc.h"

/* Errors that waiting does not mend. */
static const char *const money[] = {
	"insufficient_quota", "credit_balance_exhausted",
	"enforced_spend_limit_reached", "contract_spend_limit_reached",
	"billing_error", "billing_hard_limit_reached", NULL
};

/* How servers say that the transcript is too long. */
static const char *const context[] = {
	"context_length_exceeded", "exceed_context_size", "context length",
	"context window", "context size", "maximum context",
	"prompt is too long", "input is too long", NULL
};

static const struct {
	const char	*word;
	unsigned	 status;
} by_word[] = {
	{ "rate_limit", 429 },
	{ "insufficient_quota", 429 },
	{ "invalid_request", 400 },
	{ "context_length", 400 },
	{ "authentication", 401 },
	{ "permission", 403 },
	{ "not_found", 404 }
};

static bool
says_any(struct bytes body, const char *const *words)
{
	char *text = xmemdup(body.data == NULL ? "" : body.data, body.len);
	bool found = false;

	for (; *words != NULL && !found; words++)
		found = strcasestr(text, *words) != NULL;
	free(text);
	return found;
}

static json_t *
parse(struct bytes body)
{
	return json_loadb(body.data == NULL ? "" : body.data, body.len,
	    JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
}

/* {"error":{"message":..}}, {"error":".."}, {"message":..}, {"detail":..} */
static const json_t *
message_of(const json_t *root)
{
	const json_t *error = json_object_get(root, "error");

	if (json_is_object(error))
		root = error;
	else if (json_is_string(error))
		return error;
	if (json_is_string(json_object_get(root, "message")))
		return json_object_get(root, "message");
	return json_object_get(root, "detail");
}

static void
add_line(struct buf *out, struct bytes raw)
{
	struct buf clean = { 0 };
	size_t i, len;

	text_clean(&clean, raw);
	for (i = 0; i < clean.len; i++)
		if (clean.data[i] == '\n' || clean.data[i] == '\t')
			clean.data[i] = ' ';
	while (clean.len > 0 && clean.data[clean.len - 1] == ' ')
		clean.len--;
	len = text_prefix(buf_bytes(&clean), FAULT_WORDS_MAX - 3);
	buf_add(out, clean.data, len);
	if (len < clean.len)
		buf_puts(out, "...");
	buf_fini(&clean);
}

static bool
is_markup(struct bytes body)
{
	size_t i = 0;

	while (i < body.len && body.data[i] <= ' ')
		i++;
	return i < body.len && body.data[i] == '<';
}

void
fault_words(struct buf *out, struct bytes body)
{
	json_t *root = parse(body);
	const json_t *message = message_of(root);

	if (json_is_string(message))
		add_line(out, (struct bytes){ json_string_value(message),
		    json_string_length(message) });
	else if (is_markup(body))
		buf_puts(out, "a page of HTML");
	else
		add_line(out, body);
	json_decref(root);
}

enum model_why
fault_kind(unsigned status, struct bytes body)
{
	if (status == 0)
		return MODEL_WHY_NETWORK;
	if (status == 402 || says_any(body, money))
		return MODEL_WHY_QUOTA;
	if (status == 401 || status == 403)
		return MODEL_WHY_DENIED;
	if (status == 429)
		return MODEL_WHY_LIMITED;
	/* Some templates fail with 500 where others say 400. */
	if (status != 404 && status <= 500 && says_any(body, context))
		return MODEL_WHY_CONTEXT;
	return status >= 500 ? MODEL_WHY_SERVER : MODEL_WHY_REFUSED;
}

static unsigned
status_in(const json_t *root)
{
	const json_t *error = json_object_get(root, "error");
	double code;

	if (json_is_object(error))
		root = error;
	code = json_number_value(json_object_get(root, "code"));
	if (code < 400 || code > 599)
		code = json_number_value(json_object_get(root, "status"));
	return code < 400 || code > 599 ? 0 : (unsigned)code;
}

unsigned
fault_status(struct bytes body)
{
	json_t *root = parse(body);
	unsigned status = status_in(root);
	size_t i;

	json_decref(root);
	for (i = 0; status == 0 && i < sizeof(by_word) / sizeof(*by_word); i++)
		if (memmem(body.data, body.len, by_word[i].word,
		    strlen(by_word[i].word)) != NULL)
			status = by_word[i].status;
	return status == 0 ? 500 : status;
}
