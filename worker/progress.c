#include "progress.h"

#include "text.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * "42", "42%", "42.5", and nothing glued to it: "3com" is text. Where it ends,
 * or 0.
 */
static size_t
number(struct bytes line, unsigned *percent)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < line.len && i < 3 && is_digit(line.data[i]); i++)
		n = n * 10 + (unsigned)(line.data[i] - '0');
	if (i == 0 || n > 100)
		return 0;
	if (i + 1 < line.len && line.data[i] == '.' &&
	    is_digit(line.data[i + 1]))
		for (i++; i < line.len && is_digit(line.data[i]); i++)
			;
	if (i < line.len && line.data[i] == '%')
		i++;
	if (i < line.len && !is_space(line.data[i]))
		return 0;
	*percent = n;
	return i;
}

static struct bytes
skip(struct bytes s, size_t n)
{
	return (struct bytes){ s.data + n, s.len - n };
}

static void
said(struct progress *p, struct bytes line)
{
	while (line.len > 0 && is_space(line.data[0]))
		line = skip(line, 1);
	while (line.len > 0 && (is_space(line.data[line.len - 1]) ||
	    line.data[line.len - 1] == '\r'))
		line.len--;
	if (line.len == 0)
		return;
	p->percent = PROGRESS_NONE;
	line = skip(line, number(line, &p->percent));
	while (line.len > 0 && is_space(line.data[0]))
		line = skip(line, 1);
	buf_reset(&p->text);
	text_clean(&p->text, line);
	p->text.len = text_prefix(buf_bytes(&p->text), PROGRESS_TEXT);
	p->fresh = true;
}

void
progress_end(struct progress *p)
{
	said(p, (struct bytes){ p->line, p->len });
	p->len = 0;
}

void
progress_feed(struct progress *p, struct bytes s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.data[i] == '\n')
			progress_end(p);
		else if (p->len < sizeof(p->line))
			p->line[p->len++] = s.data[i];
}

void
progress_fini(struct progress *p)
{
	buf_fini(&p->text);
}
