#include "filter_table.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "filter_verdict.h"

#define X32		0x40000000u
#define ROW_MAX		64

static const struct {
	uint32_t	 nr;
	const char	*name;
} names[] = {
#define CALL(who, name)			{ SYS_##name, #name },
#define CALL_AT(who, name, number)	{ number, #name },
#define HIDE_AT(who, name, number)	{ number, #name },
#include "calls.def"
};

const char *
table_name(uint32_t nr)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].nr == nr)
			return names[i].name;
	return NULL;
}

static const char *
word(int verdict, bool looked)
{
	if (looked)
		return "args";
	switch (verdict) {
	case VERDICT_PASS:
		return "pass";
	case VERDICT_KILL:
		return "KILL";
	case EPERM:
		return "EPERM";
	case ENOSYS:
		return "ENOSYS";
	}
	return strerror(verdict);
}

/* A column for each filter. */
static void
row(char *text, uint32_t arch, uint32_t nr)
{
	struct question q = { .nr = nr };
	bool looked;
	size_t len = 0;
	int f;

	for (f = 0; f < FILTERS; f++) {
		int v = verdict_of_code((enum filter)f, arch, &q, &looked);

		len += (size_t)snprintf(text + len, ROW_MAX - len, " %-8s",
		    word(v, looked));
	}
	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
}

static void
write_line(FILE *f, uint32_t from, uint32_t to, const char *name,
    const char *text)
{
	char range[24];

	if (from == to)
		snprintf(range, sizeof(range), "%u", from);
	else
		snprintf(range, sizeof(range), "%u-%u", from, to);
	fprintf(f, "%-9s%-24s%s\n", range, name == NULL ? "-" : name, text);
}

/* Numbers without a name and of one verdict share a line. */
static void
write_calls(FILE *f, uint32_t arch, uint32_t base, const char *all)
{
	char first[ROW_MAX], next[ROW_MAX];
	uint32_t nr, end;

	for (nr = 0; nr <= TABLE_LAST; nr = end + 1) {
		const char *name = all != NULL ? all : table_name(nr);

		row(first, arch, base + nr);
		for (end = nr; end < TABLE_LAST; end++) {
			row(next, arch, base + end + 1);
			if (strcmp(first, next) != 0 || (all == NULL &&
			    (name != NULL || table_name(end + 1) != NULL)))
				break;
		}
		write_line(f, nr, end, name, first);
	}
}

void
table_write(FILE *f)
{
	fprintf(f, "# The filters, call by call; args: see rules.def. Written "
	    "by filter_golden.\n#\n%-33s %-8s %-8s %-8s %-8s %s\n",
	    "# number name", "tool", "landlock", "old", "none", "worker");
	write_calls(f, AUDIT_ARCH_X86_64, 0, NULL);
	write_calls(f, AUDIT_ARCH_X86_64, X32, "(x32)");
	write_calls(f, AUDIT_ARCH_I386, 0, "(i386)");
}
