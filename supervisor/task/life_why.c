#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "life_own.h"
#include "text.h"

/* As much of b as fits and cuts no character. */
void
life_copy(char *to, size_t size, struct bytes b)
{
	size_t	n = text_prefix(b, size - 1);

	if (n > 0)
		memcpy(to, b.data, n);
	to[n] = '\0';
}

void
life_say_bytes(struct life *l, struct bytes b)
{
	size_t	len = strlen(l->why);

	life_copy(l->why + len, sizeof(l->why) - len, b);
}

void
life_say_text(struct life *l, struct bytes b)
{
	if (l->why[0] != '\0')
		life_say_bytes(l, BYTES("; "));
	life_say_bytes(l, b);
}

void
life_say(struct life *l, const char *fmt, ...)
{
	char	words[128];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	life_say_text(l, bytes_of(words));
}

const char *
life_span(char buf[static 32], uint64_t us)
{
	if (us < 1000000)
		snprintf(buf, 32, "%" PRIu64 " ms", us / 1000);
	else
		snprintf(buf, 32, "%" PRIu64 " s", us / 1000000);
	return buf;
}

void
life_say_alive(struct life *l)
{
	if (l->alive == 0)
		return;
	life_say(l, "its tool ended, %" PRIu64 " more ran: ", l->alive);
	life_say_bytes(l, bytes_of(l->names));
}

void
life_say_anew(struct life *l)
{
	l->why[0] = '\0';
	life_say_alive(l);
}
