/* From the first byte to the tool's exec. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto.h"
#include "sandbox.h"
#include "text.h"
#include "title.h"
#include "work.h"
#include "xalloc.h"

#define WHY_MAX		1024	/* as in frames.def */

/* What would mend it, where the error alone does not say. */
static const char *
remedy(const char *step, int error)
{
	if (strstr(step, "namespace") == NULL)
		return "";
	if (error == ENOSPC)
		return " (user.max_user_namespaces, or a namespace limit)";
	if (error == EPERM || error == EACCES)
		return " (kernel.unprivileged_userns_clone, AppArmor's"
		    " userns rule, or a seccomp filter)";
	return "";
}

static void
say_refused(struct work *w, const char *step, struct bytes why)
{
	why.len = text_prefix(why, WHY_MAX);
	line_say(w, &(struct frame){ .type = FRAME_REFUSED,
	    .refused = { .step = bytes_of(step), .why = why } });
	line_flush(w);
}

/* errno is why. What was forked has run nothing of the tool, and goes. */
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
	boundary_kill(&w->boundary);
	while (wait(NULL) != -1 || errno == EINTR)
		;
	why = xasprintf("%s%s%s%s", about, colon, strerror(error),
	    remedy(step, error));
	say_refused(w, step, bytes_of(why));
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

static bool
is(struct bytes text, bool (*known)(const char *))
{
	char *s = xmemdup(text.data, text.len);
	bool r = known(s);

	free(s);
	return r;
}

/* NULL, or the step that such a START cannot pass. */
static const char *
judge(const struct frame_start *f)
{
	errno = EINVAL;
	if (!is(f->profile, sandbox_has_profile))
		return "profile";
	if (!is(f->boundary, boundary_is_kind))
		return "boundary";
	errno = EPERM;
	if (getuid() == 0 && !bytes_is(f->profile, "none"))
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

static int
raise_boundary(struct work *w, const struct frame_start *f, char *step)
{
	char *kind = xmemdup(f->boundary.data, f->boundary.len);
	int r;

	r = boundary_raise(&w->boundary, kind, &w->tool, step);
	free(kind);
	if (r == -1)
		return -1;
	line_say(w, &(struct frame){ .type = FRAME_INIT,
	    .init = { .pid = (uint64_t)w->boundary.guard } });
	return boundary_arm(&w->boundary, step);
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

	if ((at = judge(f)) != NULL ||
	    tool_init(&w->tool, f, &at) == -1) {
		refuse(w, at);
		return false;
	}
	if (fchdir(PROTO_FD_CWD) == -1) {
		refuse(w, "working folder");
		return false;
	}
	if (raise_boundary(w, f, step) == -1 ||
	    boundary_start(&w->boundary, &w->tool, step) == -1 ||
	    tool_wait(&w->tool, step) == -1) {
		refuse(w, step);
		return false;
	}
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
	if (!enter(w, &f.start))
		return false;
	if (take_pipes(w, &f.start) == -1)
		abort();	/* descriptors that we have just made */
	w->wire.phase = FRAME_IN_BUSY;
	line_say(w, &(struct frame){ .type = FRAME_RUNNING,
	    .running = { .init = (uint64_t)w->boundary.guard,
	    .tool = (uint64_t)w->boundary.tool } });
	title_set("%s running", w->title);
	return chdir("/") == 0;
}
