/* What a tool leaves for others to run: it cannot, or it is told. */
#include "rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"

static char *
under(const struct rig *r, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	return path;
}

static void
make(const struct rig *r, const char *name, const char *text)
{
	int fd;

	fd = open(under(r, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	cr_assert_neq(fd, -1, "%s", name);
	cr_assert_eq(fchmod(fd, 0666), 0);
	fd_write_all(fd, text, strlen(text));
	fd_close(&fd);
}

static void
make_folder(const struct rig *r, const char *name)
{
	cr_assert_eq(mkdir(under(r, name), 0777), 0);
	cr_assert_eq(chmod(under(r, name), 0777), 0);
}

static void
make_repository(const struct rig *r)
{
	make_folder(r, ".git");
	make_folder(r, ".git/hooks");
	make_folder(r, ".git/objects");
	make(r, ".git/hooks/old", "#!/bin/sh\n");
	make(r, ".git/config", "[core]\n");
}

static bool
is_text(const struct rig *r, const char *name, const char *text)
{
	char got[64] = "";
	int fd = open(under(r, name), O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return false;
	fd_read_all(fd, got, sizeof(got) - 1);
	fd_close(&fd);
	return strcmp(got, text) == 0;
}

/* The mounts cover what is there, in tier full. */
RIG_TEST(plant, what_is_there_cannot_be_changed_or_moved_away)
{
	static const char *const attempts[] = {
		"echo x >.git/hooks/pre-commit", "echo x >>.git/hooks/old",
		"rm .git/hooks/old", "rmdir .git/hooks",
		"mv .git/hooks .git/h", "echo x >.git/config",
		"mv .git .g", "rm .git/config",
		"echo x >.git/c && mv .git/c .git/config",
		"ln -s /etc .git2 && mv -T .git2 .git",
	};
	struct rig_task t;
	struct rig r;
	size_t i;

	rig_init(&r, at);
	make_repository(&r);
	for (i = 0; at->tier == TIER_FULL &&
	    i < sizeof(attempts) / sizeof(*attempts); i++) {
		rig_run(&t, &r, attempts[i]);
		cr_expect_neq(t.end.code, 0, "%s", attempts[i]);
		cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
		cr_expect(is_text(&r, ".git/hooks/old", "#!/bin/sh\n"));
		cr_expect(is_text(&r, ".git/config", "[core]\n"));
	}
	/* The rest of it is the tool's to write, as a commit does. */
	rig_run(&t, &r, "echo x >.git/objects/x && echo x >.git/index");
	cr_expect_eq(t.end.code, 0);
	cr_expect_not(t.noted, "%s", t.note);
	rig_fini(&r);
}

RIG_TEST(plant, what_appears_is_told)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_run(&t, &r, "mkdir -p .git/hooks; echo x >.git/hooks/pre-commit;"
	    " echo y >.envrc; echo z >harmless");
	cr_expect_eq(t.end.code, 0);
	cr_expect_eq(t.noted, at->tier != TIER_NONE);
	if (t.noted) {
		cr_expect_eq(strncmp(t.note, "protected: ", 11), 0);
		cr_expect_not_null(strstr(t.note, ".git"), "%s", t.note);
		cr_expect_not_null(strstr(t.note, ".envrc"), "%s", t.note);
		cr_expect_null(strstr(t.note, "harmless"), "%s", t.note);
	}
	rig_fini(&r);
}

/* A folder above what is hidden cannot be moved from under its cover. */
RIG_TEST(plant, what_is_hidden_inside_stays_hidden)
{
	static const char *const attempts[] = {
		"cat priv/deep/keys/k", "mv priv p && cat p/deep/keys/k",
		"mv priv/deep d && cat d/keys/k", "rm -r priv/deep/keys",
		"mv priv/deep/keys k && cat k/k",
	};
	char hide[128];
	struct child_spec s;
	struct rig_task t;
	struct rig r;
	size_t i;

	rig_init(&r, at);
	make_folder(&r, "priv");
	make_folder(&r, "priv/deep");
	make_folder(&r, "priv/deep/keys");
	make(&r, "priv/deep/keys/k", "secret\n");
	snprintf(hide, sizeof(hide), "%s/priv/deep/keys", r.dir);
	for (i = 0; at->tier == TIER_FULL &&
	    i < sizeof(attempts) / sizeof(*attempts); i++) {
		s = rig_spec(&r, attempts[i]);
		s.hide = (struct bytes){ hide, strlen(hide) + 1 };
		rig_start(&t, &r, &s);
		rig_until(&r, &t.gone);
		cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
		cr_expect_neq(t.end.code, 0, "%s", attempts[i]);
		cr_expect(is_text(&r, "priv/deep/keys/k", "secret\n"));
	}
	rig_fini(&r);
}

/* Links that were there before the start lead nobody out (CVE-2026-87766). */
RIG_TEST(plant, a_link_at_a_protected_path_makes_nothing_outside)
{
	char outside[] = "/tmp/sigbox-outside-XXXXXX", path[128];
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	cr_assert_not_null(mkdtemp(outside));
	chmod(outside, 0777);
	make_folder(&r, ".git");
	cr_assert_eq(symlink(outside, under(&r, ".git/hooks")), 0);
	snprintf(path, sizeof(path), "%s/config", outside);
	cr_assert_eq(symlink(path, under(&r, ".git/config")), 0);
	cr_assert_eq(symlink("/", under(&r, ".vscode")), 0);
	rig_run(&t, &r, "echo x >.git/hooks/planted; echo x >.git/config; true");
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	if (at->tier == TIER_NONE) {
		/* The control: without walls the links lead there. */
		cr_expect_eq(unlink(path), 0);
		snprintf(path, sizeof(path), "%s/planted", outside);
		cr_expect_eq(unlink(path), 0);
	}
	cr_expect_eq(rmdir(outside), 0, "something is in there");
	rig_fini(&r);
}
