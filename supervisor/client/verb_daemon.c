/* The supervisor itself: status, doctor, reload, shutdown. */
#include <sys/syscall.h>

#include <poll.h>
#include <unistd.h>

#include "fd.h"
#include "show.h"
#include "verb.h"

#define GONE_MS	15000	/* from the last frame to the end of the process */

static int
run_status(struct client *c)
{
	struct frame f = { .type = FRAME_STATUS };

	return verb_ask(c, &f, NULL);
}

const struct verb verb_status = {
	.name = "status",
	.operands = "",
	.about = "tell how the supervisor is",
	.run = run_status,
};

static int
run_doctor(struct client *c)
{
	struct frame f = { .type = FRAME_DOCTOR };

	return verb_ask(c, &f, NULL);
}

const struct verb verb_doctor = {
	.name = "doctor",
	.operands = "",
	.about = "tell what the sandbox can do here, and what would mend it",
	.run = run_doctor,
};

static int
run_reload(struct client *c)
{
	struct frame f = { .type = FRAME_RELOAD };

	return verb_order(c, &f);
}

const struct verb verb_reload = {
	.name = "reload",
	.operands = "",
	.about = "read config and tools again",
	.no_start = true,
	.run = run_reload,
};

enum row { NOW };

static const struct verb_option options[] = {
	{ "now", 0, NULL, "give tasks no grace" },
	{ NULL }
};

struct shutdown {
	struct client	*client;
	int		 status;
};

static void
on_item(void *arg, const struct frame_item *i)
{
	const struct shutdown *s = arg;

	if (!s->client->json)
		return;
	show_line(i->json);
}

static void
on_done(void *arg, const struct frame_done *d)
{
	struct shutdown *s = arg;

	s->status = ask_verdict(&s->client->ask, d);
}

/*
 * Its line ends before its process does, and until then it holds the lock
 * that the next one needs.
 */
static void
wait_for_exit(uint64_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd != -1)
		poll(&p, 1, GONE_MS);
	fd_close(&fd);
}

/* Here the end of the line is not a loss: it is what was asked for. */
static int
run_shutdown(struct client *c)
{
	static const struct ask_ops ops = { .item = on_item,
	    .done = on_done };
	struct frame f = { .type = FRAME_SHUTDOWN };
	struct shutdown s = { .client = c };

	f.shutdown.now = c->opt[NOW] != NULL;
	c->ask.ops = &ops;
	c->ask.arg = &s;
	c->ask.end_is_fine = true;
	if (ask_send(&c->ask, &f) == 0)
		return c->ask.status;
	while (s.status == 0 && !(ask_wait(&c->ask, -1, -1) & ASK_LOST))
		continue;
	if (s.status == 0)
		wait_for_exit(c->ask.pid);
	return s.status;
}

const struct verb verb_shutdown = {
	.name = "shutdown",
	.operands = "",
	.about = "stop all tasks and the supervisor",
	.options = options,
	.no_start = true,
	.run = run_shutdown,
};
