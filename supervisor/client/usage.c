#include "usage.h"

#include <getopt.h>
#include <stdio.h>

#include "show.h"

#define NAMED	0x100		/* val of a long option: NAMED + row */

enum common_row { SESSION, JSON, NO_START, QUIET, HELP, VERSION, NCOMMON };

/* Every verb has these. */
static const struct verb_option common[] = {
	{ "session", 's', "SESSION", "another session than main" },
	{ "json", 0, NULL, "one JSON object a line" },
	{ "no-start", 0, NULL, "never start a supervisor" },
	{ "quiet", 'q', NULL, "no remarks on stderr" },
	{ "help", 'h', NULL, "this" },
	{ "version", 'V', NULL, "the version" },
	{ NULL }
};

struct grammar {
	struct option	longs[NCOMMON + VERB_NOPTIONS + 1];
	char		shorts[2 * (NCOMMON + VERB_NOPTIONS) + 4];
	size_t		nlongs, nshorts;
};

static void
add_rows(struct grammar *g, const struct verb_option *rows, int base)
{
	for (int i = 0; rows != NULL && rows[i].name != NULL; i++) {
		g->longs[g->nlongs++] = (struct option){ rows[i].name,
		    rows[i].arg == NULL ? no_argument : required_argument,
		    NULL, NAMED + base + i };
		if (rows[i].letter == 0)
			continue;
		g->shorts[g->nshorts++] = rows[i].letter;
		if (rows[i].arg != NULL)
			g->shorts[g->nshorts++] = ':';
	}
}

/* The row of a common option, NCOMMON + the verb's own, or -1. */
static int
row_of(const struct verb_option *own, int val)
{
	if (val >= NAMED)
		return val - NAMED;
	for (int i = 0; common[i].name != NULL; i++)
		if (common[i].letter == val)
			return i;
	for (int i = 0; own != NULL && own[i].name != NULL; i++)
		if (own[i].letter == val)
			return NCOMMON + i;
	return -1;
}

bool
usage_is_one_of(const char *choices, const char *word)
{
	size_t n = strlen(word), m;

	for (; *choices != '\0'; choices += m + (choices[m] == '|')) {
		m = strcspn(choices, "|");
		if (m == n && strncmp(choices, word, n) == 0)
			return true;
	}
	return false;
}

static bool
take_own(struct client *c, const struct verb_option *o, size_t i,
    const char *value, int *status)
{
	if (o->arg != NULL && strchr(o->arg, '|') != NULL &&
	    !usage_is_one_of(o->arg, value)) {
		*status = verb_usage(c, "--%s %s: it is one of %s", o->name,
		    value, o->arg);
		return false;
	}
	c->opt[i] = value == NULL ? "" : value;
	return true;
}

/* false: nothing is left to do. */
static bool
take_common(struct client *c, const struct verb *v, enum common_row row,
    const char *value)
{
	switch (row) {
	case SESSION:
		c->session = value;
		break;
	case JSON:
		c->json = true;
		break;
	case NO_START:
		c->ask.start = false;
		break;
	case QUIET:
		c->quiet = true;
		break;
	case HELP:
		if (v == NULL)
			usage_all();
		else
			usage_verb(v);
		return false;
	case VERSION:
		puts("sigbox " SIGBOX_VERSION);
		return false;
	case NCOMMON:
		break;
	}
	return true;
}

bool
usage_parse(struct client *c, const struct verb *v, int argc, char **argv,
    int *status)
{
	const struct verb_option *own = (v == NULL ? &verb_chat : v)->options;
	struct grammar g = { .nshorts = 1 };
	int val, row;

	/* '+': what follows the first operand is somebody else's. */
	g.shorts[0] = v == NULL || v->verbatim ? '+' : ':';
	add_rows(&g, common, 0);
	add_rows(&g, own, NCOMMON);
	if (v != NULL)
		c->ask.verb = v->name;
	opterr = 0;
	optind = 0;
	while ((val = getopt_long(argc, argv, g.shorts, g.longs, NULL)) != -1) {
		if ((row = row_of(own, val)) == -1) {
			*status = verb_usage(c, "%s: %s", argv[optind - 1],
			    "no such option, or its value is missing");
			return false;
		}
		if (row >= NCOMMON ?
		    !take_own(c, &own[row - NCOMMON], (size_t)row - NCOMMON,
		    optarg, status) :
		    !take_common(c, v, (enum common_row)row, optarg))
			return false;
	}
	c->argc = argc - optind;
	c->argv = argv + optind;
	return true;
}

static void
print_rows(const struct verb_option *rows)
{
	char left[64];

	for (; rows != NULL && rows->name != NULL; rows++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    rows->letter == 0 ? ' ' : '-',
		    rows->letter == 0 ? ' ' : rows->letter,
		    rows->letter == 0 ? "  " : ", ", rows->name,
		    rows->arg == NULL ? "" : " ",
		    rows->arg == NULL ? "" : rows->arg);
		if (strlen(left) > 26)
			printf("  %s\n  %26s  %s\n", left, "", rows->help);
		else
			printf("  %-26s  %s\n", left, rows->help);
	}
}

void
usage_verb(const struct verb *v)
{
	printf("usage: sigbox %s%s%s%s\n%s\n\n", v->name,
	    v->options == NULL ? "" : " [options]",
	    *v->operands == '\0' ? "" : " ", v->operands, v->about);
	print_rows(v->options);
	print_rows(common);
}

void
usage_all(void)
{
	printf("usage: sigbox [-s SESSION] [VERB ...]\n\n");
	for (size_t i = 0; verb_list[i] != NULL; i++)
		printf("  %-12s%s\n", verb_list[i]->name,
		    verb_list[i]->about);
	printf("\nsigbox help VERB tells more. For every verb:\n");
	print_rows(common);
}
