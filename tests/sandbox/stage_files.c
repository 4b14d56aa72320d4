#include "stage_files.h"

#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attack.h"
#include "attempt.h"
#include "fd.h"

static const char *
at(const char *folder, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static void
own(const char *path, uid_t uid)
{
	if (geteuid() == 0 && lchown(path, uid, uid) == -1)
		err(71, "%s", path);
}

static void
put(const char *path, uid_t uid, mode_t mode, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd == -1 || fd_write_all(fd, text, strlen(text)) == -1)
		err(71, "%s", path);
	fd_close(&fd);
	own(path, uid);
	if (chmod(path, mode) == -1)
		err(71, "%s", path);
}

static void
folder(const char *path, uid_t uid)
{
	if (mkdir(path, 0755) == -1 || chmod(path, 0755) == -1)
		err(71, "%s", path);
	own(path, uid);
}

static void
copy(const char *from, const char *to, uid_t uid, mode_t mode)
{
	char block[1 << 16];
	int in, out;
	ssize_t n;

	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (in == -1 || out == -1)
		err(71, "%s", to);
	while ((n = read(in, block, sizeof(block))) > 0)
		if (fd_write_all(out, block, (size_t)n) == -1)
			err(71, "%s", to);
	fd_close(&in);
	fd_close(&out);
	own(to, uid);
	if (chmod(to, mode) == -1)
		err(71, "%s", to);
}

/* One that only root can make, in a place where there is none yet. */
static void
place(char *path, size_t size, const char *below, uid_t uid)
{
	if (geteuid() != 0 || access(below, W_OK) == -1)
		return;
	snprintf(path, size, "%s/sigbox-attack-XXXXXX", below);
	if (mkdtemp(path) == NULL || chmod(path, 0755) == -1)
		err(71, "%s", path);
	own(path, uid);
	put(at(path, "secret"), uid, 0644, SECRET);
}

static void
put_for_each(const char *where, uid_t uid)
{
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		put(at(where, attempts[i].name), uid, 0644, "untouched\n");
}

static void
make_capable(const char *path)
{
	struct vfs_cap_data cap = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = { { 1U << CAP_SYS_NICE, 0 } }
	};

	if (setxattr(path, "security.capability", &cap, sizeof(cap), 0) == -1)
		err(71, "%s", path);
}

static void
make_shown(struct stage *s)
{
	place(s->shown, sizeof(s->shown), "/srv", s->uid);
	if (s->shown[0] == '\0')
		return;
	put_for_each(s->shown, s->uid);
	snprintf(s->nested, sizeof(s->nested), "%s/nested", s->shown);
	folder(s->nested, s->uid);
	if (mount("sigbox", s->nested, "tmpfs", MS_NOSUID | MS_NODEV,
	    "mode=0777,size=1m") == -1)
		err(71, "%s", s->nested);
	put(at(s->nested, "secret"), s->uid, 0666, SECRET);
	copy(ATTACK, at(s->shown, "helper"), 0, 04755);
	copy(ATTACK, at(s->shown, "capable"), 0, 0755);
	make_capable(at(s->shown, "capable"));
	stage_tell(s, "helper", at(s->shown, "helper"));
	stage_tell(s, "capable", at(s->shown, "capable"));
}

/* Beside what is shown, so that it is hidden only because it is asked for. */
static void
make_state(struct stage *s, const char *where)
{
	snprintf(s->state, sizeof(s->state), "%s/state", where);
	folder(s->state, s->uid);
	put(at(s->state, "secret"), s->uid, 0644, SECRET);
	snprintf(s->canary, sizeof(s->canary), "%s/canary", s->state);
	put(s->canary, s->uid, 0644, "canary");
	snprintf(s->tools, sizeof(s->tools), "%s/tools", where);
	folder(s->tools, geteuid() == 0 ? 0 : s->uid);
	snprintf(s->attack, sizeof(s->attack), "%s/attack", s->tools);
	copy(ATTACK, s->attack, geteuid() == 0 ? 0 : s->uid, 0755);
	snprintf(s->worker, sizeof(s->worker), "%s/worker", where);
	copy(WORKER, s->worker, s->uid, 0755);
}

static void
make_repository(const char *work, uid_t uid)
{
	static const char *const folders[] = { ".git", ".git/hooks",
	    ".git/info", ".git/objects", ".git/refs", ".git/modules",
	    ".git/modules/sub", ".git/modules/sub/hooks", ".vscode",
	    "below", "below/.git", "below/.git/hooks" };
	static const char *const files[] = { ".git/config", ".git/HEAD",
	    ".git/index", ".git/hooks/pre-commit", ".git/modules/sub/config",
	    ".vscode/tasks.json", ".envrc", ".mcp.json",
	    "below/.git/hooks/pre-commit" };
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		folder(at(work, folders[i]), uid);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		put(at(work, files[i]), uid, 0755, "# as it was\n");
	if (link(at(work, ".git/config"), at(work, "config_hard_link")) == -1)
		err(71, "link");
}

/* What is hidden where all else may be written. */
static void
make_private(struct stage *s)
{
	uid_t uid = s->root_folder ? 0 : s->uid;

	snprintf(s->private, sizeof(s->private), "%s/above/private", s->work);
	folder(at(s->work, "above"), uid);
	folder(s->private, uid);
	put(at(s->private, "secret"), uid, 0644, SECRET);
	buf_add(&s->hide, s->state, strlen(s->state) + 1);
	buf_add(&s->hide, s->private, strlen(s->private) + 1);
	stage_tell(s, "private", s->private);
}

/* What a person or an earlier task may have left there. */
static void
plant(struct stage *s)
{
	if (symlink(at(s->hidden, "secret"), at(s->work, "link_to_secret")) ==
	    -1)
		err(71, "symlink");
	if (s->shown[0] == '\0')
		return;
	if (symlink(at(s->shown, "write_link"), at(s->work, "link_to_write"))
	    == -1)
		err(71, "symlink");
	/* Project folders that lead out. */
	if (symlink(s->shown, at(s->work, ".idea")) == -1 ||
	    symlink(s->hidden, at(s->work, ".cursor")) == -1 ||
	    symlink("/nonexistent/made", at(s->work, ".husky")) == -1)
		err(71, "symlink");
	/* Nor is it there if that is another file system. */
	if (link(at(s->shown, "write_hardlink"), at(s->work, "hard_link")) ==
	    -1)
		warn("hard link");
	if (mknod(at(s->work, "node"), S_IFCHR | 0666, makedev(1, 5)) == -1 ||
	    chmod(at(s->work, "node"), 0666) == -1)
		warn("node");
	copy(ATTACK, at(s->work, "helper"), 0, 04755);
}

static void
tell_handle(struct stage *s)
{
	char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	struct file_handle *h = (void *)room;
	char text[2 * MAX_HANDLE_SZ + 32];
	unsigned i;
	int id, n;

	h->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, at(s->hidden, "secret"), h, &id, 0) ==
	    -1)
		return;
	n = snprintf(text, sizeof(text), "%d:", h->handle_type);
	for (i = 0; i < h->handle_bytes; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%02x",
		    h->f_handle[i]);
	stage_tell(s, "handle", text);
}

static void
tell_all(struct stage *s)
{
	stage_tell(s, "shown", s->shown);
	stage_tell(s, "nested", s->nested);
	stage_tell(s, "hidden", s->hidden);
	stage_tell(s, "home", s->home);
	stage_tell(s, "state", s->state);
	stage_tell(s, "canary", s->canary);
	stage_tell(s, "run", s->run);
	stage_tell(s, "worker", s->worker);
	tell_handle(s);
}

void
files_make(struct stage *s)
{
	umask(022);
	snprintf(s->base, sizeof(s->base), "/tmp/sigbox-attack-XXXXXX");
	if (mkdtemp(s->base) == NULL || chmod(s->base, 0755) == -1)
		err(71, "%s", s->base);
	own(s->base, s->uid);
	snprintf(s->work, sizeof(s->work), "%s/work", s->base);
	snprintf(s->hidden, sizeof(s->hidden), "%s/hidden", s->base);
	snprintf(s->spool, sizeof(s->spool), "%s/spool", s->base);
	folder(s->work, s->root_folder ? 0 : s->uid);
	folder(s->hidden, s->uid);
	folder(s->spool, s->uid);
	put_for_each(s->work, s->root_folder ? 0 : s->uid);
	put_for_each(s->hidden, s->uid);
	put(at(s->hidden, "secret"), s->uid, 0644, SECRET);
	put(at(s->hidden, "exits0"), s->uid, 0755, "#!/bin/true\n");
	make_shown(s);
	make_state(s, s->shown[0] != '\0' ? s->shown : s->base);
	place(s->home, sizeof(s->home), "/home", s->uid);
	place(s->run, sizeof(s->run), "/run", s->uid);
	make_repository(s->work, s->root_folder ? 0 : s->uid);
	make_private(s);
	plant(s);
	tell_all(s);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void
remove_all(const char *path)
{
	if (path[0] != '\0' &&
	    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == -1)
		warn("%s", path);
}

void
files_remove(struct stage *s)
{
	if (s->nested[0] != '\0')
		umount2(s->nested, MNT_DETACH);
	remove_all(s->base);
	remove_all(s->shown);
	remove_all(s->home);
	remove_all(s->run);
}

void
files_renew(struct stage *s)
{
	static const char *const names[] = { ".git", ".git-aside", ".git-old",
	    ".vscode", ".vscode-aside", ".envrc", ".mcp.json", ".claude",
	    "below", "config_hard_link" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (faccessat(AT_FDCWD, at(s->work, names[i]), F_OK,
		    AT_SYMLINK_NOFOLLOW) == 0)
			remove_all(at(s->work, names[i]));
	make_repository(s->work, s->root_folder ? 0 : s->uid);
}

static struct buf	*seen;
static void		(*on_found)(void *, const char *);
static void		*found_arg;

static int
look_at(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)kind;
	(void)ftw;
	buf_printf(seen, "%o %u %jd %jd.%09ld %s\n", st->st_mode, st->st_uid,
	    (intmax_t)st->st_size, (intmax_t)st->st_mtim.tv_sec,
	    st->st_mtim.tv_nsec, path);
	return 0;
}

void
files_look(struct stage *s, struct buf *b)
{
	const char *roots[] = { s->shown, s->hidden, s->home, s->run,
	    s->state };
	size_t i;

	seen = b;
	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (roots[i][0] != '\0')
			nftw(roots[i], look_at, 16, FTW_PHYS);
}

static int
look_for_set_id(const char *path, const struct stat *st, int kind,
    struct FTW *ftw)
{
	const char *name = path + ftw->base;

	if (kind == FTW_F && (st->st_mode & (S_ISUID | S_ISGID)) &&
	    strcmp(name, "helper") != 0)
		on_found(found_arg, path);
	return 0;
}

void
files_find_set_id(struct stage *s, void (*found)(void *, const char *),
    void *arg)
{
	on_found = found;
	found_arg = arg;
	nftw(s->work, look_for_set_id, 16, FTW_PHYS);
}
