#include <criterion/criterion.h>

#include "order.h"

static const struct row {
	const char	*text;
	enum order_kind	 kind;
	bool		 all, turns;
	uint64_t	 task;
} rows[] = {
	{ "stop", ORDER_STOP, true, true, 0 },
	{ "/stop", ORDER_STOP, true, true, 0 },
	{ "Stop!", ORDER_STOP, true, true, 0 },
	{ "STOP\n", ORDER_STOP, true, true, 0 },
	{ "stop all", ORDER_STOP, true, false, 0 },
	{ "stop t7", ORDER_STOP, false, false, 7 },
	{ "/stop  t12.", ORDER_STOP, false, false, 12 },
	{ "abort", ORDER_STOP, true, true, 0 },
	{ "/suspend", ORDER_SUSPEND, true, false, 0 },
	{ "suspend t3", ORDER_SUSPEND, false, false, 3 },
	{ "pause all", ORDER_SUSPEND, true, false, 0 },
	{ "/resume", ORDER_RESUME, true, false, 0 },
	{ "resume t3", ORDER_RESUME, false, false, 3 },
	{ "interrupt", ORDER_INTERRUPT, true, true, 0 },
	/* Words for the model. */
	{ " stop", ORDER_NONE, false, false, 0 },
	{ "", ORDER_NONE, false, false, 0 },
	{ "stop the build", ORDER_NONE, false, false, 0 },
	{ "stop t", ORDER_NONE, false, false, 0 },
	{ "stop t7 t8", ORDER_NONE, false, false, 0 },
	{ "stop u7", ORDER_NONE, false, false, 0 },
	{ "stop t99999999999999999999", ORDER_NONE, false, false, 0 },
	{ "stopping", ORDER_NONE, false, false, 0 },
	{ "resume", ORDER_NONE, false, false, 0 },
	{ "suspend", ORDER_NONE, false, false, 0 },
	{ "interrupt t7", ORDER_NONE, false, false, 0 },
	{ "/halt", ORDER_NONE, false, false, 0 },
};

Test(order, plain_words_act_and_sentences_do_not)
{
	const struct row *r;
	struct order o;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = &rows[i];
		o = order_parse(bytes_of(r->text));
		cr_expect_eq(o.kind, r->kind, "%s", r->text);
		if (r->kind == ORDER_NONE)
			continue;
		cr_expect_eq(o.all, r->all, "%s", r->text);
		cr_expect_eq(o.turns, r->turns, "%s", r->text);
		cr_expect_eq(o.task, r->task, "%s", r->text);
	}
}
