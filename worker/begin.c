/* From the first byte to the tool's exec. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "private.h"
#include "protect.h"
#include "proto.h"
#include "sabotage.h"
#include "sandbox.h"
#include "text.h"
#include "title.h"
#include "work.h"
#include "xalloc.h"

#define WHY_MAX		1024	/* as in frames.def */

static void
say_refused(struct work *w, const char *step, int error, struct bytes why)
{
	why.len = text_prefix(why, WHY_MAX);
	line_say(w, &(struct frame){ .type = FRAME_REFUSED,
	    .refused = { .step = bytes_of(step), .error = (uint64_t)error,
	    .why = why } });
	line_flush(w);
}

static const char *
words_of(int error)
{
	return error == ENOTRECOVERABLE ?
	    "what this wall forbids was possible" : strerror(error);
}

/*
 * A keeper that was killed left us its tool, which may run already; one that
 * lives clears by itself, and has to be waited for until it has.
 */
static void
clear(struct boundary *b)
{
	int code, signo;

	boundary_kill(b);
	if (b->is_keeper && b->guard != 0)
		waitpid(b->guard, NULL, 0);
	if (b->is_keeper)
		keeper_clear(0, &code, &signo);
	while (wait(NULL) != -1 || errno == EINTR)
		;
}

/* errno is why. What was forked goes. */
static void
refuse(struct work *w, const char *step)
{
	const char *about = "", *colon = "";
	char *why;
	int error = errno;

	if (strcmp(step, "exec") == 0) {
		about = w->tool.path;
		colon = ": ";
	}
	clear(&w->boundary);
	private_remove(&w->policy);
	why = xasprintf("%s%s%s", about, colon, words_of(error));
	say_refused(w, step, error, bytes_of(why));
	free(why);
}

/* The next frame, however long it takes; false: the line has ended. */
static bool
await(struct work *w, struct frame *f)
{
	struct pollfd p = { .fd = PROTO_FD_SOCKET, .events = POLLIN };
	enum wire_status s;

	while ((s = wire_next(&w->wire, f)) == WIRE_MORE) {
		poll(&p, 1, -1);
		if (wire_fill(&w->wire, PROTO_FD_SOCKET) == -1)
			return false;
	}
	return s == WIRE_FRAME;
}

/* NULL, or the step that such a START cannot pass. */
static const char *
judge(const struct policy *p)
{
	errno = EPERM;
	if (p->uid == 0 && policy_is_walled(p))
		return "user: a tool must not be root";
	return NULL;
}

static void
take_title(struct work *w, const struct frame_start *f)
{
	snprintf(w->title, sizeof(w->title), "t%ju %.*s [%.*s]",
	    (uintmax_t)f->task, (int)f->tool.len, f->tool.data,
	    (int)f->session.len, f->session.data);
	title_set("%s starting", w->title);
}

/*
 * The mounts bring one; without them it is a folder of the host's, which the
 * keeper makes as soon as somebody's death cannot leave it behind.
 */
static void
name_tmp(struct policy *p)
{
	uint64_t n;

	arc4random_buf(&n, sizeof(n));
	if (policy_is_walled(p))
		p->tmp = p->tier == TIER_FULL ? xstrdup("/tmp") :
		    xasprintf("/tmp/sigbox.%016jx", (uintmax_t)n);
}

static int
raise_boundary(struct work *w, char *step)
{
	if (boundary_raise(&w->boundary, &w->tool, step) == -1)
		return -1;
	line_say(w, &(struct frame){ .type = FRAME_INIT,
	    .init = { .pid = (uint64_t)w->boundary.guard } });
	return boundary_arm(&w->boundary, &w->tool, step);
}

/* What others run later: how it stands before the tool does. */
static int
look(struct work *w, char *step)
{
	if (!policy_is_writable(&w->policy))
		return 0;
	strlcpy(step, "look at the working folder", BOUNDARY_STEP_MAX);
	w->folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->folder == -1)
		return -1;
	w->before = protect_look(w->folder);
	return 0;
}

/*
 * The working folder first: a mount namespace takes along where we stand, but
 * a descriptor would go on to name the old one.
 */
static bool
enter(struct work *w, const struct frame_start *f)
{
	char step[BOUNDARY_STEP_MAX] = "";
	const char *at;

	if (policy_init(&w->policy, f, &at) == -1 ||
	    (at = judge(&w->policy)) != NULL) {
		refuse(w, at);
		return false;
	}
	name_tmp(&w->policy);
	if (tool_init(&w->tool, f, &w->policy, &at) == -1) {
		refuse(w, at);
		return false;
	}
	if (fchdir(PROTO_FD_CWD) == -1) {
		refuse(w, "working folder");
		return false;
	}
	if (raise_boundary(w, step) == -1 || look(w, step) == -1 ||
	    boundary_start(&w->boundary, &w->tool, step) == -1 ||
	    tool_wait(&w->tool, step) == -1) {
		refuse(w, step);
		return false;
	}
	/* The tool has its own; that of ours is for the day we are fooled. */
	if (sandbox_watch(&at) == -1)
		line_note(w, at, strerror(errno));
	return true;
}

static int
take_pipes(struct work *w, const struct frame_start *f)
{
	int *ours = w->tool.ours;

	feed_init(&w->feed, ours[TOOL_IN], f->input);
	if (pump_init(&w->out, ours[TOOL_OUT], PROTO_FD_OUT, f->cap) == -1 ||
	    pump_init(&w->err, ours[TOOL_ERR], PROTO_FD_ERR, f->cap) == -1)
		return -1;
	seen_start(w, f->watch);
	return 0;
}

bool
begin(struct work *w, int *code)
{
	struct frame f;

	boundary_init(&w->boundary);
	line_say(w, &(struct frame){ .type = FRAME_HELLO,
	    .hello = { .version = PROTO_VERSION, .pid = (uint64_t)getpid() } });
	w->wire.phase = FRAME_IN_READY;
	*code = PROTO_EXIT_ORPHAN;
	if (!await(w, &f))
		return false;
	w->wire.phase = FRAME_IN_ENTERING;
	*code = PROTO_EXIT_REFUSED;
	take_title(w, &f.start);
	sabotage_set(w->title);
	if (!enter(w, &f.start))
		return false;
	if (take_pipes(w, &f.start) == -1)
		abort();	/* descriptors that we have just made */
	w->wire.phase = FRAME_IN_BUSY;
	line_say(w, &(struct frame){ .type = FRAME_RUNNING,
	    .running = { .init = (uint64_t)w->boundary.guard,
	    .tool = (uint64_t)w->boundary.tool,
	    .landlock = w->policy.landlock,
	    .filter = sandbox_hash(&w->policy) } });
	title_set("%s running", w->title);
	return chdir("/") == 0;
}
