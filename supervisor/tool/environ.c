#include "environ.h"

#include <stdio.h>

static bool
has(const struct buf *b, size_t start, const char *name, size_t len)
{
	size_t	 i;

	for (i = start; i < b->len; i += strlen(b->data + i) + 1)
		if (strncmp(b->data + i, name, len) == 0 &&
		    b->data[i + len] == '=')
			return true;
	return false;
}

/* The first one to say a name has said it. */
static void
set(struct buf *b, size_t start, const char *name, const char *value)
{
	if (value == NULL || *name == '\0' || has(b, start, name, strlen(name)))
		return;
	buf_printf(b, "%s=%s", name, value);
	buf_putc(b, '\0');
}

static const char *
get(const char *const *input, const char *name)
{
	size_t	 len = strlen(name);

	for (; input != NULL && *input != NULL; input++)
		if (strncmp(*input, name, len) == 0 && (*input)[len] == '=')
			return *input + len + 1;
	return NULL;
}

static void
set_task(struct buf *b, size_t start, const struct environ_spec *s)
{
	char	 fd[16];

	(void)snprintf(fd, sizeof(fd), "%d", s->progress_fd);
	set(b, start, "SIGBOX_TASK_ID", s->task);
	set(b, start, "SIGBOX_TOOL", s->tool);
	set(b, start, "SIGBOX_SESSION", s->session);
	set(b, start, "SIGBOX_TASK_DIR", s->task_dir);
	set(b, start, "SIGBOX_PROGRESS_FD", fd);
	buf_add_bytes(b, s->args);
}

static void
set_user(struct buf *b, size_t start, const struct environ_spec *s)
{
	set(b, start, "HOME", s->home);
	set(b, start, "USER", s->user);
	set(b, start, "LOGNAME", s->user);
	set(b, start, "SHELL", s->shell);
}

void
environ_build(struct buf *b, const struct environ_spec *s)
{
	static const char *const	 kept[] = {
		"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL",
		"TZ"
	};
	static const char *const	 ours[][2] = {
		{ "PATH", "/usr/local/bin:/usr/bin:/bin" },
		{ "TERM", "dumb" }, { "NO_COLOR", "1" }, { "CI", "1" },
		{ "PAGER", "cat" }, { "GIT_PAGER", "cat" },
		{ "GIT_TERMINAL_PROMPT", "0" },
		{ "DEBIAN_FRONTEND", "noninteractive" },
		{ "SYSTEMD_PAGER", "" },
	};
	size_t				 start = b->len, i;

	set_task(b, start, s);
	set_user(b, start, s);
	for (i = 0; i < s->nnames; i++)
		set(b, start, s->names[i], get(s->input, s->names[i]));
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		set(b, start, kept[i], get(s->input, kept[i]));
	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		set(b, start, ours[i][0], ours[i][1]);
}
