/*
 * What others run later: hooks of git, project files of editors and agents. In
 * a working folder that has them.
 */
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is only opened is not changed, and nobody has to tell of it. */
static enum verdict
change(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0755);

	if (fd == -1)
		return held(path);
	return judge(write(fd, "planted\n", 8), path);
}

static enum verdict
create(const char *path)
{
	return change(path, O_CREAT | O_EXCL);
}

TRY(git_hook_write)
{
	return change(".git/hooks/pre-commit", 0);
}

TRY(git_hook_create)
{
	return create(".git/hooks/post-checkout");
}

TRY(git_hook_link)
{
	return judge(symlink("/bin/true", ".git/hooks/post-merge"),
	    "symlink");
}

TRY(git_hook_chmod)
{
	return judge(chmod(".git/hooks/pre-commit", 0777), "chmod");
}

TRY(git_hooks_rename)
{
	return judge(rename(".git/hooks", ".git/aside"), "rename");
}

TRY(git_config_write)
{
	return change(".git/config", 0);
}

/* As git itself does it. */
TRY(git_config_rename)
{
	int fd = open(".git/config.lock", O_WRONLY | O_CREAT | O_CLOEXEC,
	    0644);

	if (fd == -1 || write(fd, "planted\n", 8) == -1)
		return held("lock");
	return judge(rename(".git/config.lock", ".git/config"), "rename");
}

TRY(git_config_unlink)
{
	return judge(unlink(".git/config"), "unlink");
}

TRY(git_config_hardlink)
{
	return change("config_hard_link", 0);
}

TRY(git_attributes)
{
	mkdir(".git/info", 0755);
	return create(".git/info/attributes");
}

TRY(git_module_hook)
{
	return create(".git/modules/sub/hooks/pre-commit");
}

TRY(git_nested_hook)
{
	return change("below/.git/hooks/pre-commit", 0);
}

TRY(git_worktree_config)
{
	return create(".git/config.worktree");
}

TRY(git_commondir)
{
	return create(".git/commondir");
}

TRY(git_rename)
{
	return judge(rename(".git", ".git-aside"), "rename");
}

/* Another repository in the old one's place. */
TRY(git_replace)
{
	if (rename(".git", ".git-old") == -1)
		return held("rename");
	return judge(symlink(".git-old", ".git"), "symlink");
}

/* By another name of the same folder. */
TRY(git_by_proc)
{
	return change("/proc/self/cwd/.git/config", 0);
}

TRY(work_move)
{
	char cwd[4096], aside[4096 + 8];

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return held("getcwd");
	snprintf(aside, sizeof(aside), "%s-aside", cwd);
	if (rename(cwd, aside) == -1)
		return held("rename");
	rename(aside, cwd);
	return escaped("rename");
}

TRY(envrc_write)
{
	return change(".envrc", 0);
}

TRY(vscode_write)
{
	return change(".vscode/tasks.json", 0);
}

TRY(vscode_rename)
{
	return judge(rename(".vscode", ".vscode-aside"), "rename");
}

TRY(mcp_write)
{
	return change(".mcp.json", 0);
}

/* Not there before: it cannot be covered, only noticed. */
TRY(claude_appears)
{
	mkdir(".claude", 0755);
	return create(".claude/settings.json");
}
