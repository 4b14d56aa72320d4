#include "screen.h"

#include <stdio.h>
#include <stdlib.h>

#include "show.h"
#include "xalloc.h"

struct voice {
	char			*turn;
	uint64_t		 request;	/* that brings its text */
	struct buf		 rest;		/* of a line shown whole */
	bool			 is_speaking;
	bool			 is_amid;	/* its line has no end yet */
	TAILQ_ENTRY(voice)	 link;
};

void
screen_init(struct screen *s, bool has_prompt)
{
	*s = (struct screen){ .has_prompt = has_prompt };
	TAILQ_INIT(&s->voices);
}

void
screen_fini(struct screen *s)
{
	struct voice *v;

	screen_break(s);
	while ((v = TAILQ_FIRST(&s->voices)) != NULL) {
		TAILQ_REMOVE(&s->voices, v, link);
		buf_fini(&v->rest);
		free(v->turn);
		free(v);
	}
}

static struct voice *
find(const struct screen *s, struct bytes turn)
{
	struct voice *v;

	/* The newest speak most. */
	TAILQ_FOREACH_REVERSE(v, &s->voices, voices, link)
		if (bytes_is(turn, v->turn))
			return v;
	return NULL;
}

static struct voice *
find_or_add(struct screen *s, struct bytes turn, uint64_t request)
{
	struct voice *v = find(s, turn);

	if (v != NULL)
		return v;
	v = xcalloc(1, sizeof(*v));
	v->turn = xmemdup(turn.data, turn.len);
	v->request = request;
	v->is_speaking = v->is_amid = true;
	TAILQ_INSERT_TAIL(&s->voices, v, link);
	s->nspeaking++;
	return v;
}

void
screen_break(struct screen *s)
{
	if (s->open != NULL)
		show_bytes(BYTES("\n"));
	else if (s->is_prompting && show_has_colour())
		show_bytes(BYTES("\r\033[K"));
	else if (s->is_prompting)
		show_bytes(BYTES("\n"));
	screen_entered(s);
}

static void
say_whose(const struct voice *v)
{
	struct buf b = { 0 };

	buf_printf(&b, "[%s] ", v->turn);
	show_text(buf_bytes(&b));
	buf_fini(&b);
}

/* The only one who speaks: as it comes. */
static void
stream(struct screen *s, struct voice *v, struct bytes text)
{
	if (text.len == 0)
		return;
	if (s->open != v)
		screen_break(s);
	show_text(text);
	s->open = text.data[text.len - 1] == '\n' ? NULL : v;
}

static void
say_whole_lines(struct screen *s, struct voice *v)
{
	const char *end;
	size_t n;

	while (v->rest.len > 0 &&
	    (end = memchr(v->rest.data, '\n', v->rest.len)) != NULL) {
		n = (size_t)(end - v->rest.data) + 1;
		screen_break(s);
		say_whose(v);
		show_text((struct bytes){ v->rest.data, n });
		buf_drop(&v->rest, n);
	}
}

void
screen_speak(struct screen *s, struct bytes turn, uint64_t request,
    struct bytes text)
{
	struct voice *v = find_or_add(s, turn, request);

	if (v->request != request || !v->is_speaking || text.len == 0)
		return;
	/* Others have ended that line. */
	if (v->is_amid && s->open != v && v->rest.len == 0 &&
	    *text.data == '\n') {
		text.data++;
		text.len--;
	}
	v->is_amid = text.len == 0 || text.data[text.len - 1] != '\n';
	if (s->nspeaking == 1) {
		stream(s, v, text);
	} else {
		buf_add_bytes(&v->rest, text);
		say_whole_lines(s, v);
	}
}

/* One is left: what it has in hand of a line need not wait any more. */
static void
let_stream(struct screen *s)
{
	struct voice *v;

	TAILQ_FOREACH(v, &s->voices, link) {
		if (!v->is_speaking || v->rest.len == 0)
			continue;
		screen_break(s);
		say_whose(v);
		stream(s, v, buf_bytes(&v->rest));
		buf_reset(&v->rest);
	}
}

void
screen_hush(struct screen *s, struct bytes turn)
{
	struct voice *v = find(s, turn);

	if (v == NULL || !v->is_speaking)
		return;
	if (s->open == v)
		screen_break(s);
	if (v->rest.len > 0) {
		buf_putc(&v->rest, '\n');
		say_whole_lines(s, v);
	}
	v->is_speaking = false;
	if (--s->nspeaking == 1)
		let_stream(s);
}

bool
screen_has_heard(const struct screen *s, struct bytes turn)
{
	return find(s, turn) != NULL;
}

void
screen_block(struct screen *s, struct bytes text)
{
	if (text.len == 0)
		return;
	screen_break(s);
	show_text(text);
	if (text.data[text.len - 1] != '\n')
		show_bytes(BYTES("\n"));
}

void
screen_prompt(struct screen *s)
{
	if (!s->has_prompt || s->open != NULL || s->is_prompting)
		return;
	show_bytes(BYTES("> "));
	s->is_prompting = true;
}

void
screen_entered(struct screen *s)
{
	s->open = NULL;
	s->is_prompting = false;
	show_at_start();
}
