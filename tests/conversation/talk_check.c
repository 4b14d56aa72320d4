/* The order that every server accepts, checked in a turn's request. */
#include "talk.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The ids that an assistant's item calls; taken off one by one by results. */
struct walk {
	json_t		*calls;
	size_t		 answered;
	const char	*last;		/* the role before */
};

static const char *
check_tool(struct walk *w, const json_t *o)
{
	const char *id = json_string_value(json_object_get(o, "tool_call_id"));
	const json_t *c = json_array_get(w->calls, w->answered++);

	if (c == NULL)
		return "a result that no call asked for";
	if (strcmp(id, json_string_value(json_object_get(c, "id"))) != 0)
		return "results out of order";
	return NULL;
}

static const char *
check_item(struct walk *w, json_t *o)
{
	const char *role = json_string_value(json_object_get(o, "role"));
	const char *text = json_string_value(json_object_get(o, "content"));
	bool due = w->answered < json_array_size(w->calls);

	if (strcmp(role, "tool") == 0)
		return check_tool(w, o);
	if (due)
		return "a call without its result";
	if (strcmp(role, "user") == 0 && strcmp(w->last, "tool") == 0)
		return "user straight after tool";
	if (strcmp(role, "assistant") == 0 && strcmp(w->last, "assistant") == 0)
		return "assistant after assistant";
	if (strcmp(role, "assistant") == 0 && *w->last == '\0')
		return "assistant first";
	json_decref(w->calls);
	w->calls = json_incref(json_object_get(o, "tool_calls"));
	w->answered = 0;
	if (text[strspn(text, " \t\n")] == '\0' && w->calls == NULL)
		return "blank content";
	return NULL;
}

const char *
talk_check(const struct talk *k, uint64_t turn)
{
	struct walk w = { .last = "" };
	const char *why = NULL;
	struct bytes *items;
	json_t *o, *before = NULL;
	size_t i, n;

	items = session_items(k->s, turn, &n);
	for (i = 0; why == NULL && i < n; i++) {
		o = json_loadb(items[i].data, items[i].len, 0, NULL);
		why = o == NULL ? "no JSON" : check_item(&w, o);
		json_decref(before);
		before = o;
		w.last = json_string_value(json_object_get(o, "role"));
	}
	if (why == NULL && (n == 0 || strcmp(w.last, "assistant") == 0))
		why = "the last item is no input";
	if (why == NULL && w.answered < json_array_size(w.calls))
		why = "a call without its result at the end";
	json_decref(w.calls);
	json_decref(before);
	free(items);
	return why;
}

bool
talk_is_legal(const struct talk *k, uint64_t turn)
{
	const char *why = talk_check(k, turn);

	if (why != NULL)
		fprintf(stderr, "u%ju: %s\n", (uintmax_t)turn, why);
	return why == NULL;
}
