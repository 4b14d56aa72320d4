#include "past.h"

#include <err.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sysexits.h>

#include "box.h"
#include "journal.h"
#include "xalloc.h"

#define TIME	UINT64_C(1700000000000000)
#define BATCH	64		/* turns in a commit */

struct past {
	struct journal	*journal;
	char		*cwd;
};

struct past *
past_open(const struct box *b)
{
	struct past *p = xcalloc(1, sizeof(*p));
	char *dir = box_path(b, "state");
	const char *why;

	if ((p->journal = journal_open(dir, &why)) == NULL)
		err(EX_IOERR, "%s: %s", dir, why);
	p->cwd = box_path(b, "work");
	free(dir);
	return p;
}

static void
commit(struct past *p)
{
	if (journal_commit(p->journal) == -1)
		err(EX_IOERR, "past: commit");
	if (journal_is_long(p->journal))
		journal_checkpoint(p->journal);
}

void
past_close(struct past *p)
{
	journal_checkpoint(p->journal);
	journal_close(p->journal);
	free(p->cwd);
	free(p);
}

static void __attribute__((format(printf, 4, 5)))
put(struct past *p, const char *session, const char *kind, const char *fmt,
    ...)
{
	char *body;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&body, fmt, ap) == -1)
		err(EX_OSERR, NULL);
	va_end(ap);
	journal_append(p->journal, session, kind, TIME, bytes_of(body));
	free(body);
}

static void
put_turn(struct past *p, const char *name, bool cut)
{
	uintmax_t m = journal_number(p->journal, 'm');
	uintmax_t u = journal_number(p->journal, 'u');

	journal_put_id(p->journal, 'm', m, name);
	journal_put_id(p->journal, 'u', u, name);
	put(p, name, "admitted", "{\"message\":\"m%ju\",\"key\":\"\","
	    "\"mode\":\"now\",\"tools\":\"keep\",\"text\":\"How far is it, "
	    "and what is left to be done?\"}", m);
	put(p, name, "began", "{\"turn\":\"u%ju\",\"cause\":\"message\","
	    "\"message\":\"m%ju\"}", u, m);
	put(p, name, "delivered", "{\"message\":\"m%ju\",\"turn\":\"u%ju\"}",
	    m, u);
	put(p, name, "asked", "{\"turn\":\"u%ju\",\"attempt\":1}", u);
	if (cut)
		return;
	put(p, name, "item", "{\"turn\":\"u%ju\",\"role\":\"assistant\","
	    "\"filler\":false,\"message\":\"{\\\"role\\\":\\\"assistant\\\","
	    "\\\"content\\\":\\\"It is half done; the tests are left.\\\"}\"}",
	    u);
	put(p, name, "finished", "{\"turn\":\"u%ju\",\"outcome\":\"answered\","
	    "\"why\":\"\",\"input_tokens\":0,\"cached_tokens\":0,"
	    "\"output_tokens\":0}", u);
}

void
past_session(struct past *p, const char *name, unsigned nturns, bool cut)
{
	struct journal_session row = { .name = name, .cwd = p->cwd,
	    .mode = "now", .created = TIME, .open = cut };
	unsigned i;

	put(p, name, "created", "{\"cwd\":\"%s\",\"mode\":\"now\"}", p->cwd);
	journal_put_session(p->journal, &row);
	for (i = 0; i < nturns; i++) {
		put_turn(p, name, cut && i == nturns - 1);
		if (i % BATCH == BATCH - 1)
			commit(p);
	}
	commit(p);
}
