/* A pattern more for the output of a task. */
#include <stdlib.h>

#include "question.h"

void
verb_watch(struct peer *p, const struct frame_watch *f)
{
	struct buf b = { 0 };
	char *why = NULL;
	struct host *h;
	uint64_t task;

	if (verb_busy(p, f->request))
		return;
	if ((h = verb_task(p, f->request, f->id, &task)) == NULL)
		return;
	if (!run_watch(h, task, f->pattern, "user", &why)) {
		answer_done(p, f->request, 65, "%.*s: %s", (int)f->id.len,
		    f->id.data, why);
		free(why);
		return;
	}
	present_task(&b, h, task);
	answer_item(p, f->request, buf_bytes(&b));
	answer_done(p, f->request, 0, "%s", "");
	buf_fini(&b);
}
