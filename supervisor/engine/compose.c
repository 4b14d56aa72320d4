/* A task's output as text for a model: bounded, clean, with what is left out. */
#include <stdlib.h>

#include "inner.h"
#include "result.h"
#include "spool.h"
#include "text.h"

#define RESULT_HALF	6000	/* bytes of a result, from each end */
#define ERRORS_TAIL	2000	/* of stderr, beside a failure */
#define TAIL		1500	/* of what goes on, or is told later */
#define PART		12000	/* of one task_output */

static void
add_window(struct buf *b, const struct engine *e, uint64_t task,
    enum spool_stream stream, size_t nhead, size_t ntail, uint64_t *total)
{
	struct buf head = { 0 }, tail = { 0 };

	*total = 0;
	if (spool_window(e->tasks_dir, task, stream, nhead, ntail, &head, &tail,
	    total) == 0)
		text_window(b, buf_bytes(&head), buf_bytes(&tail), *total);
	buf_fini(&head);
	buf_fini(&tail);
}

static void
end_line(struct buf *b)
{
	if (b->len > 0 && b->data[b->len - 1] != '\n')
		buf_putc(b, '\n');
}

static void
add_errors(struct buf *b, const struct engine *e, uint64_t task, size_t ntail,
    uint64_t *total)
{
	struct buf text = { 0 };

	add_window(&text, e, task, SPOOL_ERR, 0, ntail, total);
	if (text.len > 0) {
		end_line(b);
		buf_puts(b, "[stderr]\n");
		buf_add_bytes(b, buf_bytes(&text));
	}
	buf_fini(&text);
}

void
compose_tail(struct buf *b, const struct engine *e, uint64_t task, bool errors,
    uint64_t *out, uint64_t *err)
{
	*err = 0;
	add_window(b, e, task, SPOOL_OUT, 0, TAIL, out);
	if (errors)
		add_errors(b, e, task, TAIL, err);
}

static void
add_verdict(struct buf *b, const struct record_end *end)
{
	const char *words = end->has_code ? result_words((unsigned)end->code) :
	    NULL;

	end_line(b);
	buf_printf(b, "[t%ju: %.*s", (uintmax_t)end->task, (int)end->end.len,
	    end->end.data);
	if (end->has_code)
		buf_printf(b, " with code %ju", (uintmax_t)end->code);
	if (end->signal != 0)
		buf_printf(b, " by signal %ju", (uintmax_t)end->signal);
	if (words != NULL)
		buf_printf(b, ": %s", words);
	if (end->why.len > 0)
		buf_printf(b, "; %.*s", (int)end->why.len, end->why.data);
	buf_putc(b, ']');
}

void
compose_state(struct buf *b, const struct task_facts *f)
{
	struct record_end end = { .task = f->id, .has_code = f->has_code,
	    .code = f->code, .signal = f->signal,
	    .end = bytes_of(f->end[0] == '\0' ? f->state : f->end),
	    .why = bytes_of(f->why) };

	add_verdict(b, &end);
}

/* What a held call gets when its task has ended. */
void
compose_result(struct buf *b, const struct engine *e,
    const struct record_end *end)
{
	bool good = bytes_is(end->end, "exited") && end->has_code &&
	    end->code == 0;
	uint64_t out, err;

	add_window(b, e, end->task, SPOOL_OUT, RESULT_HALF, RESULT_HALF, &out);
	if (!good)
		add_errors(b, e, end->task, ERRORS_TAIL, &err);
	add_verdict(b, end);
}

static void
add_part(struct buf *b, const struct engine *e, uint64_t task, uint64_t offset,
    size_t n)
{
	struct spool_part part = { 0 };
	struct buf raw = { 0 };

	if (spool_read(e->tasks_dir, task, SPOOL_OUT, offset, buf_room(&raw, n),
	    n, &part) == -1) {
		buf_puts(b, "(the output cannot be read)");
		buf_fini(&raw);
		return;
	}
	raw.len = part.len;
	if (part.lost > 0)
		buf_printf(b, "[%ju bytes are gone]\n", (uintmax_t)part.lost);
	text_clean(b, buf_bytes(&raw));
	end_line(b);
	buf_printf(b, "[bytes %ju to %ju of %ju]", (uintmax_t)(offset +
	    part.lost), (uintmax_t)(offset + part.lost + part.len),
	    (uintmax_t)part.size);
	buf_fini(&raw);
}

/* offset UINT64_MAX: head and tail of all there is. */
void
compose_part(struct buf *b, const struct engine *e, uint64_t task,
    uint64_t offset)
{
	uint64_t out, err;

	if (offset != UINT64_MAX) {
		add_part(b, e, task, offset, PART);
		return;
	}
	add_window(b, e, task, SPOOL_OUT, PART / 2, PART / 2, &out);
	add_errors(b, e, task, ERRORS_TAIL, &err);
	end_line(b);
	buf_printf(b, "[%ju bytes of output, %ju of stderr]", (uintmax_t)out,
	    (uintmax_t)err);
}
