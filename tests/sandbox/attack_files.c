/* Reading what is hidden: every way to a file that starts somewhere else. */
#include "attack.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether the folder can be listed and has a secret in it. */
static enum verdict
judge_list(const char *folder)
{
	struct dirent *e;
	DIR *d;

	if (folder == NULL)
		return untried("no such folder in this scene");
	if ((d = opendir(folder)) == NULL)
		return held(folder);
	errno = 0;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, "secret") == 0)
			return escaped(folder);
	return held("an empty folder is there");
}

/* The hidden file by way of a link of /proc to some root. */
static enum verdict
judge_root(const char *root)
{
	if (root[0] == '\0' || scene.hidden == NULL)
		return untried("nobody to go by");
	return judge_secret(in(in(root, scene.hidden), "secret"));
}

TRY(read_hidden)
{
	return judge_secret(in(scene.hidden, "secret"));
}

TRY(read_dotdot)
{
	char up[3 * 64 + 1] = "";
	unsigned i;

	for (i = 0; i < 64; i++)
		strcat(up, "../");
	return judge_secret(in(scene.hidden == NULL ? NULL :
	    in(up, scene.hidden), "secret"));
}

TRY(read_home)
{
	return judge_secret(in(scene.home, "secret"));
}

TRY(read_run)
{
	return judge_secret(in(scene.run, "secret"));
}

TRY(read_state)
{
	return judge_secret(in(scene.state, "secret"));
}

TRY(read_canary)
{
	return judge_open(scene.canary == NULL ? "" : scene.canary, O_RDONLY);
}

TRY(read_private)
{
	return judge_secret(in(scene.private, "secret"));
}

TRY(link_private)
{
	if (scene.private == NULL)
		return untried("no hidden folder here");
	unlink(me);
	if (link(in(scene.private, "secret"), me) == -1)
		return held("link");
	return judge_secret(me);
}

/* Moved, moved back. */
static enum verdict
judge_moved(const char *from, const char *secret)
{
	enum verdict v;

	if (scene.private == NULL)
		return untried("no hidden folder here");
	if (rename(from, me) == -1 && (unlink(me) == -1 ||
	    rename(from, me) == -1))
		return held("rename");
	v = judge_secret(in(me, secret));
	rename(me, from);
	return v;
}

TRY(rename_private)
{
	return judge_moved(scene.private, "secret");
}

TRY(rename_above_private)
{
	return judge_moved("above", "private/secret");
}

TRY(list_hidden)
{
	return judge_list(scene.hidden);
}

TRY(list_home)
{
	return judge_list(scene.home);
}

TRY(list_state)
{
	return judge_list(scene.state);
}

TRY(stat_hidden)
{
	struct stat st;

	if (scene.hidden == NULL)
		return untried("no hidden folder");
	return judge(stat(in(scene.hidden, "secret"), &st), "stat");
}

TRY(chdir_hidden)
{
	if (scene.hidden == NULL)
		return untried("no hidden folder");
	if (chdir(scene.hidden) == -1)
		return held("chdir");
	return judge_secret("secret");
}

TRY(exec_hidden)
{
	if (scene.hidden == NULL)
		return untried("no hidden folder");
	execl(in(scene.hidden, "exits0"), "exits0", (char *)NULL);
	return held("exec");
}

TRY(map_hidden)
{
	char *p;
	int fd;

	if (scene.hidden == NULL)
		return untried("no hidden folder");
	if ((fd = open(in(scene.hidden, "secret"), O_RDONLY)) == -1)
		return held("open");
	p = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	return judge(p == MAP_FAILED ? -1 : 0, "mmap");
}

TRY(read_self_root)
{
	return judge_root("/proc/self/root");
}

TRY(read_thread_root)
{
	return judge_root("/proc/thread-self/root");
}

TRY(read_warden_root)
{
	return judge_root(proc(warden, "root"));
}

TRY(read_leader_root)
{
	return judge_root(proc(leader, "root"));
}

/* Its parents up to the root are not ours, from wherever it stands. */
TRY(read_warden_cwd)
{
	char up[PATH_MAX];

	if (warden == 0)
		return untried("nobody to go by");
	snprintf(up, sizeof(up), "%s/../../../../../../../..",
	    proc(warden, "cwd"));
	return judge_root(up);
}

TRY(read_victim_root)
{
	return judge_root(proc((pid_t)number(scene.victim), "root"));
}

TRY(read_victim_cwd)
{
	const char *cwd = proc((pid_t)number(scene.victim), "cwd");

	return judge_secret(cwd[0] == '\0' ? "" : in(cwd, "secret"));
}

TRY(read_victim_fd)
{
	const char *fds = proc((pid_t)number(scene.victim), "fd");

	if (fds[0] == '\0' || scene.victim_fd == NULL)
		return untried("no victim");
	return judge_secret(in(fds, scene.victim_fd));
}

/* A descriptor that only names the file, turned into one that reads. */
TRY(read_o_path)
{
	char path[64];
	int fd;

	if (scene.hidden == NULL)
		return untried("no hidden folder");
	fd = open(in(scene.hidden, "secret"), O_PATH);
	if (fd == -1)
		return held("O_PATH");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return judge_secret(path);
}

TRY(read_o_path_folder)
{
	int fd;

	if (scene.hidden == NULL)
		return untried("no hidden folder");
	if ((fd = open(scene.hidden, O_PATH | O_DIRECTORY)) == -1)
		return held("O_PATH");
	return judge_secret_fd(openat(fd, "secret", O_RDONLY), "openat");
}

TRY(read_root_dotdot)
{
	int fd = open("/", O_PATH | O_DIRECTORY);

	if (fd == -1 || scene.hidden == NULL)
		return held("the root");
	return judge_secret_fd(openat(fd, in(in("../..", scene.hidden),
	    "secret"), O_RDONLY), "openat");
}

/* Made before the start, by an earlier task or a person. */
TRY(read_link)
{
	return judge_secret("link_to_secret");
}

TRY(read_link_made)
{
	if (scene.hidden == NULL)
		return untried("no hidden folder");
	unlink("link_made");
	if (symlink(in(scene.hidden, "secret"), "link_made") == -1)
		return held("symlink");
	return judge_secret("link_made");
}

TRY(link_hidden_in)
{
	if (scene.hidden == NULL)
		return untried("no hidden folder");
	unlink(me);
	if (link(in(scene.hidden, "secret"), me) == -1)
		return held("link");
	return judge_secret(me);
}

TRY(rename_hidden_in)
{
	if (scene.hidden == NULL)
		return untried("no hidden folder");
	if (rename(in(scene.hidden, me), me) == -1)
		return held("rename");
	return escaped("rename");
}

/* The room that the kernel's struct file_handle ends in is ours here. */
struct handle {
	unsigned	bytes;
	int		type;
	unsigned char	data[128];
};

TRY(open_by_handle)
{
	struct handle h = { 0 };
	const char *hex;
	char *end;
	int fd;

	if (scene.handle == NULL)
		return untried("no handle");
	h.type = (int)strtol(scene.handle, &end, 10);
	for (hex = end + 1; hex[0] != '\0' && hex[1] != '\0' &&
	    h.bytes < sizeof(h.data); hex += 2) {
		char two[3] = { hex[0], hex[1], '\0' };

		h.data[h.bytes++] = (unsigned char)strtol(two, NULL, 16);
	}
	if ((fd = open(".", O_RDONLY | O_DIRECTORY)) == -1)
		return held("the working folder");
	return judge_secret_fd((int)syscall(SYS_open_by_handle_at, fd, &h,
	    O_RDONLY), "open_by_handle_at");
}

TRY(name_to_handle)
{
	struct handle h = { .bytes = sizeof(h.data) };
	int id;

	return judge(syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &h, &id, 0),
	    "name_to_handle_at");
}

/* A device that somebody put into the folder for it. */
TRY(open_node)
{
	return judge_open("node", O_RDONLY);
}
