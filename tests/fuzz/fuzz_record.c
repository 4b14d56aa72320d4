/*
 * A journal of any bytes: each line is a kind, a blank and a record. What can
 * be read is written the same for ever; what makes sense builds a session that
 * goes on, and whose turns all can be ended.
 */
#include "fuzz.h"
#include "session.h"

#define U1		"\"turn\":\"u1\""
#define CREATED		"created {\"cwd\":\"/\",\"mode\":\"now\"}\n"
#define SAID(id, mode)	"admitted {\"message\":\"" id "\",\"key\":\"k\"," \
    "\"mode\":\"" mode "\",\"tools\":\"keep\",\"text\":\"hi\"}\n"
#define MOVED		"moved {\"message\":\"m2\",\"position\":1," \
    "\"mode\":\"steer\"}\n"
#define EDITED		"edited {\"message\":\"m2\",\"text\":\"x\"}\n"
#define CANCELLED	"cancelled {\"message\":\"m2\",\"why\":\"\"}\n"
#define BEGAN		"began {" U1 ",\"cause\":\"message\"," \
    "\"message\":\"m1\"}\n"
#define DELIVERED	"delivered {\"message\":\"m1\"," U1 "}\n"
#define ASKED		"asked {" U1 ",\"attempt\":1}\n"
#define PARTIAL		"partial {" U1 ",\"text\":\"so \"}\n"
#define ITEM(role)	"item {" U1 ",\"role\":\"" role "\"," \
    "\"filler\":false,\"message\":\"{\\\"role\\\":\\\"" role \
    "\\\",\\\"content\\\":\\\"x\\\"}\"}\n"
#define CALLED(id, task) "called {" U1 ",\"call\":\"" id "\"," \
    "\"tool\":\"x\",\"args\":\"{}\",\"task\":" task "," \
    "\"background\":\"auto\"}\n"
#define RESULT(id)	"result {" U1 ",\"call\":\"" id "\"," \
    "\"state\":\"answered\",\"message\":\"{}\"}\n"
#define FINISHED(how)	"finished {" U1 ",\"outcome\":\"" how "\"," \
    "\"why\":\"\",\"input_tokens\":1,\"cached_tokens\":1," \
    "\"output_tokens\":1}\n"
#define TASK		"task {\"task\":\"t1\"," U1 ",\"message\":\"m1\"," \
    "\"tool\":\"x\",\"args\":\"{}\",\"cwd\":\"/\",\"profile\":\"\"," \
    "\"wake\":\"always\"}\n"
#define STATE		"state {\"task\":\"t1\",\"state\":\"running\"," \
    "\"by\":\"\",\"why\":\"\",\"tier\":\"\",\"pid\":7,\"init\":0," \
    "\"tool_pid\":0,\"boot\":\"\",\"start\":0}\n"
#define END		"end {\"task\":\"t1\",\"end\":\"exited\"," \
    "\"has_code\":true,\"code\":0,\"signal\":0,\"by\":\"\"," \
    "\"why\":\"\",\"out_bytes\":1,\"err_bytes\":0,\"out_lost\":0," \
    "\"err_lost\":0}\n"
#define ORDER		"order {\"task\":\"t1\",\"place\":\"last\"," \
    "\"priority\":\"low\",\"after\":\"t1\",\"condition\":\"any\"," \
    "\"by\":\"user\"}\n"
#define EVENT		"event {\"event\":\"e1\",\"task\":\"t1\"," \
    "\"message\":\"m1\",\"wake\":\"always\",\"text\":\"x\"}\n"
#define TOLD		"told {\"event\":\"e1\"," U1 ",\"consumed\":false}\n"
#define COPIED(role)	"copied {\"role\":\"" role "\",\"filler\":false," \
    "\"message\":\"{\\\"role\\\":\\\"" role \
    "\\\",\\\"content\\\":\\\"x\\\"}\"}\n"
#define SUMS_UP		"began {" U1 ",\"cause\":\"compact\",\"message\":null}\n"
#define COMPACTED(turn, upto) "compacted {\"turn\":\"" turn "\",\"upto\":" \
    upto ",\"limit\":0,\"summary\":\"so\",\"message\":\"{}\"}\n"
#define OPEN		CREATED SAID("m1", "now") BEGAN DELIVERED ASKED
#define HELD		OPEN ITEM("assistant") CALLED("c1", "\"t1\"") \
    CALLED("c2", "null") TASK STATE

const struct bytes fuzz_seeds[] = {
	SEED(OPEN ITEM("assistant") FINISHED("answered")),
	SEED(OPEN PARTIAL PARTIAL SAID("m2", "queue") EDITED MOVED CANCELLED),
	SEED(HELD RESULT("c2") END RESULT("c1") ASKED FINISHED("failed")),
	SEED(HELD SAID("m2", "steer") RESULT("c1") RESULT("c2") ASKED),
	SEED(HELD RESULT("c2") RESULT("c1") END EVENT TOLD ITEM("user")
	    FINISHED("rolled back")),
	SEED(HELD FINISHED("interrupted") END EVENT),
	SEED(CREATED COPIED("user") COPIED("assistant") SAID("m1", "now") BEGAN
	    DELIVERED ASKED COMPACTED("u1", "3") ITEM("user") ASKED),
	SEED(CREATED SAID("m1", "now") SUMS_UP COMPACTED("u1", "0")),
	SEED(OPEN CALLED("c1", "\"t1\"") TASK ORDER STATE ORDER),
	{ NULL, 0 }
};

static uint64_t
number(void *arg, char letter)
{
	uint64_t *n = arg;

	(void)letter;
	return ++*n;
}

static void
on_record(void *arg, const struct record *r)
{
	struct buf b = { 0 };
	struct record back;

	(void)arg;
	record_write(&b, r);
	CHECK(record_read(&back, bytes_of(record_name(r->kind)),
	    buf_bytes(&b)));
	record_done(&back);
	buf_fini(&b);
}

/* Written, read and written it is what it was when it was written. */
static void
check_stable(const struct record *r, struct bytes kind)
{
	struct buf once = { 0 }, twice = { 0 };
	struct record back;

	record_write(&once, r);
	CHECK(record_read(&back, kind, buf_bytes(&once)));
	record_write(&twice, &back);
	CHECK(once.len == twice.len &&
	    memcmp(once.data, twice.data, once.len) == 0);
	record_done(&back);
	buf_fini(&once);
	buf_fini(&twice);
}

static void
read_line(struct session *s, struct bytes line, uint64_t seq)
{
	const char *blank = memchr(line.data, ' ', line.len);
	struct bytes kind, json;
	struct record r;

	if (blank == NULL)
		return;
	kind = (struct bytes){ line.data, (size_t)(blank - line.data) };
	json = (struct bytes){ blank + 1, line.len - kind.len - 1 };
	if (!record_read(&r, kind, json))
		return;
	check_stable(&r, kind);
	r.seq = r.time = seq;
	session_apply(s, &r);
	record_done(&r);
}

static void
put(struct session *s, struct out *out, struct event *ev)
{
	struct turn_facts f;
	size_t i, n;

	ev->now = ev->wall = 1000000;
	session_step(s, ev, out);
	for (i = 0; session_nth_active(s, i, &f); i++)
		free(session_items(s, f.id, &n));
}

static void
go_on(struct session *s)
{
	uint64_t numbers = 1000000;
	struct out out = { .number = number, .record = on_record,
	    .arg = &numbers };
	struct record_end end = { .end = BYTES("lost"), .by = BYTES(""),
	    .why = BYTES("") };
	struct event ev = { .kind = EV_RECOVER };
	const struct task_facts *k;
	struct turn_facts f;
	size_t i;

	put(s, &out, &ev);
	ev = (struct event){ .kind = EV_ENDED, .end = &end };
	for (i = 0; (k = session_nth_task(s, i)) != NULL; i++) {
		ev.task = k->id;
		put(s, &out, &ev);
	}
	CHECK(session_nlive(s) == 0);
	ev = (struct event){ .kind = EV_SAY, .mode = MODE_INTERRUPT,
	    .message = 999999, .text = BYTES("stop") };
	put(s, &out, &ev);
	ev = (struct event){ .kind = EV_INTERRUPT };
	put(s, &out, &ev);
	for (i = 0; session_nth_active(s, i, &f); i++)
		CHECK(f.cause == CAUSE_ASIDE ||
		    f.cause == CAUSE_COMPACT || f.began_at == 1000000);
	out_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct session_limits limits = { .max_turns = 4,
	    .max_asides = 1, .detach_after = 1, .wakes_per_hour = 9,
	    .max_asks = 9, .max_attempts = 3 };
	struct session *s = session_new("fuzz", &limits);
	struct bytes rest = { (const char *)data, len }, line;
	uint64_t seq = 0;
	const char *end;

	while (rest.len > 0 &&
	    (end = memchr(rest.data, '\n', rest.len)) != NULL) {
		line = (struct bytes){ rest.data, (size_t)(end - rest.data) };
		read_line(s, line, ++seq);
		rest.data += line.len + 1;
		rest.len -= line.len + 1;
	}
	go_on(s);
	session_free(s);
	return 0;
}
