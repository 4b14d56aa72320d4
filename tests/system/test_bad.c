/* Bad input, bad peers, bad luck: an error in words, and life goes on. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto.h"
#include "rig.h"
#include "wire.h"

TestSuite(bad, .timeout = 110);

static void
talks_on(struct rig *r)
{
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "Still there?",
	    NULL)->json, "text"), "echo: Still there?");
}

static void
refused(struct job *j, int code)
{
	cr_expect(j->code == code, "%d, not %d: %s", j->code, code, j->err);
	cr_expect(strncmp(j->err, "sigbox: ", 8) == 0, "%s", j->err);
}

static void
refused_by_name(struct job *j, const char *name)
{
	cr_expect(j->code != 0 && j->code < 126, "%d", j->code);
	cr_expect(strncmp(j->err, "sigbox: ", 8) == 0, "%s", j->err);
	cr_expect(strstr(j->err, name), "%s is not in: %s", name, j->err);
}

Test(bad, what_nobody_knows_is_refused_by_its_name)
{
	struct rig *r = rig_new(NULL);

	refused(rig_run(r, "frobnicate", NULL), 64);
	refused(rig_run(r, "say", "--frobnicate", "x", NULL), 64);
	refused(rig_run(r, "say", "-m", "frobnicate", "x", NULL), 64);
	refused(rig_run(r, "stop", NULL), 64);
	refused(rig_run(r, "wait", "--timeout", "soon", "t1", NULL), 64);
	refused_by_name(rig_run(r, "show", "t77", NULL), "t77");
	refused_by_name(rig_run(r, "show", "nonsense", NULL), "nonsense");
	refused_by_name(rig_run(r, "stop", "t77", NULL), "t77");
	refused_by_name(rig_run(r, "log", "t77", NULL), "t77");
	refused_by_name(rig_run(r, "wait", "t77", NULL), "t77");
	refused_by_name(rig_run(r, "run", "no-tool", NULL), "no-tool");
	refused_by_name(rig_run(r, "queue", "cancel", "m77", NULL), "m77");
	talks_on(r);
	rig_free(r);
}

Test(bad, a_message_without_words_is_refused)
{
	struct rig *r = rig_new(NULL);

	refused(rig_run(r, "say", "", NULL), 65);
	refused(rig_run(r, "say", " \n\t ", NULL), 65);
	refused(rig_run(r, "say", "\xe3\x80\x80", NULL), 65);
	cr_expect(rig_count(r) == 0);
	talks_on(r);
	rig_free(r);
}

Test(bad, bytes_that_are_no_text_never_reach_the_model_as_they_are)
{
	struct rig *r = rig_new(NULL);

	rig_run(r, "say", "bad \xff\xc3 bytes", NULL);
	rig_ok(r, "say", "an \x1b[31mescape\x1b[0m and a \x7f", NULL);
	cr_expect_str_eq(rig_content(rig_last_request(r), -1UL),
	    "an escape and a ");
	talks_on(r);
	rig_free(r);
}

static struct job *
say_big(struct rig *r, size_t size)
{
	struct job *j = rig_spawn(r, "say", "--json", "-", NULL);
	char part[4096];
	size_t n;

	memset(part, 'y', sizeof(part));
	for (n = 0; n < size; n += sizeof(part))
		if (write(j->in, part, sizeof(part)) == -1)
			break;
	return rig_finish(j);
}

Test(bad, a_huge_message_is_sent_at_once_or_refused)
{
	struct rig *r = rig_new(NULL);
	struct job *said = say_big(r, 1000 << 10);

	cr_assert(said->code == 0, "%d %s", said->code, said->err);
	cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	refused(say_big(r, 3 << 20), 65);
	talks_on(r);
	rig_free(r);
}

Test(bad, a_client_that_vanishes_costs_nobody_an_answer)
{
	struct rig *r = rig_new(NULL);
	struct job *said = rig_spawn(r, "say", "@hold h\nGone.", NULL);

	rig_held(r, "h");
	rig_kill(said, SIGKILL);
	rig_finish(said);
	rig_release(r, "h");
	rig_record(r, "finished", "outcome", "answered", NULL);
	talks_on(r);
	cr_expect(rig_says(rig_transcript(r), "assistant", "echo: Gone.") == 1);
	rig_free(r);
}

Test(bad, garbage_on_the_socket_ends_that_line_alone)
{
	static const struct {
		const char	*bytes;
		size_t		 len;
	} rows[] = {
#define ROW(s)	{ s, sizeof(s) - 1 }
		ROW("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		ROW("\xff\xff\xff\xff"),
		ROW("\0\0\0\0"),
		ROW("\0\0\0\x05\xdd\xff\xff\xff\xff"),
		ROW("\0\0\0\x01\xc1"),
		ROW("\0\0\0\x02\x91\x20"),
		ROW("\0\0\0\x03\x92\x20\x63"),	/* version 99 */
		ROW("\0\0\0\x03\x92\x2a\x01"),
#undef ROW
	};
	struct rig *r = rig_new(NULL);
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = rig_connect(r);
		cr_assert(send(fd, rows[i].bytes, rows[i].len, 0) ==
		    (ssize_t)rows[i].len);
		rig_hung_up(fd);
	}
	fd = rig_connect(r);
	close(fd);
	talks_on(r);
	rig_free(r);
}

static void
send_frame(int fd, struct wire *w, const struct frame *f)
{
	wire_send(w, f);
	cr_assert(wire_flush(w, fd) == 1);
}

/* It asks for all records and all text, and never reads a byte. */
static int
deaf_client(struct rig *r, struct wire *w)
{
	struct frame open = { .type = FRAME_OPEN,
	    .open.version = PROTO_VERSION };
	struct frame events = { .type = FRAME_EVENTS,
	    .events = { .request = 1, .session = BYTES("*"),
	    .follow = true, .text = true } };
	struct pollfd p = { rig_connect(r), POLLIN, 0 };
	struct frame f;

	wire_init(w, FRAME_BY_SUPERVISOR);
	send_frame(p.fd, w, &open);
	while (wire_next(w, &f) == WIRE_MORE) {
		cr_assert(poll(&p, 1, RIG_DEADLINE_MS) == 1);
		cr_assert(wire_fill(w, p.fd) == 1);
	}
	cr_assert(f.type == FRAME_WELCOME);
	w->phase = FRAME_IN_TALK;
	send_frame(p.fd, w, &events);
	return p.fd;
}

Test(bad, a_client_that_never_reads_costs_no_memory_and_no_time)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	struct wire w;
	int fd = deaf_client(r, &w), i;
	uint64_t before;

	talks_on(r);
	before = rig_memory(r->pid, "VmRSS:");
	for (i = 0; i < 4; i++)
		rig_ok(r, "say", "-s", "big", "@fill 1000000\nMuch.", NULL);
	cr_expect(rig_memory(r->pid, "VmRSS:") < before + (96 << 10),
	    "%ju kB, before %ju", (uintmax_t)rig_memory(r->pid, "VmRSS:"),
	    (uintmax_t)before);
	cr_expect(rig_int(rig_ok(r, "say", "--json", "Quick?", NULL)->json,
	    "request_us") <= RIG_SOON_US);
	close(fd);
	wire_fini(&w);
	talks_on(r);
	rig_free(r);
}

Test(bad, a_tool_that_prints_a_gigabyte_costs_no_memory)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nmax_output=1M\n" });
	uint64_t before;
	json_t *task;

	talks_on(r);
	before = rig_memory(r->pid, "VmRSS:");
	rig_ok(r, "say", "-d", rig_call(r, "yes | head -c 1000000000"), NULL);
	rig_record(r, "end", "task", "t1", NULL);
	cr_expect(rig_memory(r->pid, "VmHWM:") < before + (16 << 10),
	    "%ju kB, before %ju", (uintmax_t)rig_memory(r->pid, "VmHWM:"),
	    (uintmax_t)before);
	task = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(task, "end"), "exited");
	cr_expect(rig_int(task, "out_bytes") == 1000000000);
	cr_expect(rig_ok(r, "log", "t1", NULL)->nout <= (3 << 20));
	rig_ok(r, "say", "-m", "queue", "And the end?", NULL);
	rig_free(r);
}

Test(bad, a_config_error_names_file_and_line)
{
	struct rig *r = rig_new(NULL);
	char *argv[] = { (char *)"sigboxd", (char *)"-t", (char *)"-c",
	    rig_path(r, "bad.conf"), NULL };
	struct job *j;

	rig_write(r, "bad.conf", "# a comment\n[model]\nporvider=openai\n",
	    0644);
	j = rig_finish(rig_program(r, getenv("SIGBOXD"), argv));
	cr_expect(j->code == 78, "%d", j->code);
	cr_expect(strstr(j->err, "bad.conf:3:"), "%s", j->err);
	rig_write(r, "bad.conf", "[session]\nmax_turns=none\n", 0644);
	j = rig_finish(rig_program(r, getenv("SIGBOXD"), argv));
	cr_expect(j->code == 78 && strstr(j->err, "bad.conf:2:"), "%s",
	    j->err);
	argv[3] = rig_path(r, "sigbox.conf");
	j = rig_finish(rig_program(r, getenv("SIGBOXD"), argv));
	cr_expect(j->code == 0, "%s", j->err);
	rig_free(r);
}

/* Its folder is gone, so it cannot begin; and it is to end at once. */
Test(bad, a_stop_in_the_same_breath_as_a_start_that_fails)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	char *there = rig_path(r, "work/there");

	cr_assert(mkdir(there, 0755) == 0);
	rig_ok(r, "new", "-C", there, "other", NULL);
	cr_assert(rmdir(there) == 0);
	rig_ok(r, "say", "-s", "other",
	    "@call exec {\"command\":\"true\"}\n"
	    "@call task_stop {\"ids\":[\"all\"],\"now\":true}", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "ended");
	talks_on(r);
	rig_free(r);
}
