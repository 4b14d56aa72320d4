#include "order.h"

#include <ctype.h>

static const struct word {
	const char	*text;
	enum order_kind	 kind;
	bool		 alone;		/* it needs no id */
	bool		 turns;		/* alone, it cuts the turns as well */
} words[] = {
	{ "stop", ORDER_STOP, true, true },
	{ "abort", ORDER_STOP, true, true },
	{ "suspend", ORDER_SUSPEND, false, false },
	{ "pause", ORDER_SUSPEND, false, false },
	{ "resume", ORDER_RESUME, false, false },
	{ "interrupt", ORDER_INTERRUPT, true, true },
};

#define NWORDS	(sizeof(words) / sizeof(words[0]))

static struct bytes
take_word(struct bytes *rest)
{
	struct bytes w;
	size_t n = 0;

	while (rest->len > 0 && (*rest->data == ' ' || *rest->data == '\t')) {
		rest->data++;
		rest->len--;
	}
	while (n < rest->len && !isspace((unsigned char)rest->data[n]))
		n++;
	w = (struct bytes){ rest->data, n };
	rest->data += n;
	rest->len -= n;
	return w;
}

static bool
is_word(struct bytes b, const char *word)
{
	size_t i;

	for (i = 0; i < b.len && word[i] != '\0'; i++)
		if (tolower((unsigned char)b.data[i]) != word[i])
			return false;
	return i == b.len && word[i] == '\0';
}

static uint64_t
task_id(struct bytes b)
{
	uint64_t id = 0;
	size_t i;

	if (b.len < 2 || b.len > 19 || b.data[0] != 't')
		return 0;
	for (i = 1; i < b.len; i++) {
		if (!isdigit((unsigned char)b.data[i]))
			return 0;
		id = id * 10 + (uint64_t)(b.data[i] - '0');
	}
	return id;
}

static const struct word *
find_word(struct bytes first, bool *slash)
{
	size_t i;

	*slash = first.len > 0 && *first.data == '/';
	if (*slash) {
		first.data++;
		first.len--;
	}
	for (i = 0; i < NWORDS; i++)
		if (is_word(first, words[i].text))
			return &words[i];
	return NULL;
}

/* An end of line, a full stop or an exclamation mark changes nothing. */
static struct bytes
trim(struct bytes b)
{
	while (b.len > 0 && (isspace((unsigned char)b.data[b.len - 1]) ||
	    b.data[b.len - 1] == '.' || b.data[b.len - 1] == '!'))
		b.len--;
	return b;
}

struct order
order_parse(struct bytes text)
{
	struct order o = { .kind = ORDER_NONE };
	struct bytes rest = trim(text), first, second;
	const struct word *w;
	bool slash;

	if (rest.len == 0 || isspace((unsigned char)*rest.data))
		return o;
	first = take_word(&rest);
	second = take_word(&rest);
	w = find_word(first, &slash);
	if (w == NULL || take_word(&rest).len > 0)
		return o;
	o.all = second.len == 0 || is_word(second, "all");
	if (second.len == 0 && !w->alone && !slash)
		return o;
	if (!o.all && (w->kind == ORDER_INTERRUPT ||
	    (o.task = task_id(second)) == 0))
		return o;
	o.turns = w->turns && second.len == 0;
	o.kind = w->kind;
	return o;
}
