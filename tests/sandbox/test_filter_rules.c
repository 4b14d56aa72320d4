#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "filter_table.h"
#include "filter_verdict.h"

#define HIGH		(UINT64_C(1) << 32)	/* of no int */
#define JUNK		UINT64_C(0x7fff12340fff)	/* left in a register */
#define TIMENS		0x80
#define FCHMODAT2	452
#define OPENAT2		437
#define CLONE3		435
#define PASS		VERDICT_PASS

#define T	FILTER_TOOL
#define L	FILTER_TOOL_LANDLOCK
#define O	FILTER_TOOL_OLD
#define N	FILTER_TOOL_NONE
#define W	FILTER_WORKER

struct rule_case {
	enum filter	filter;
	int		verdict;
	struct question	q;
};

static void
check(const struct rule_case *c, size_t n)
{
	bool looked;
	size_t i;
	int code, kernel;

	for (i = 0; i < n; i++) {
		code = verdict_of_code(c[i].filter, AUDIT_ARCH_X86_64, &c[i].q,
		    &looked);
		cr_expect_eq(code, c[i].verdict, "case %zu, %s: %d by code",
		    i, table_name(c[i].q.nr), code);
		cr_assert(verdict_of_kernel(c[i].filter, &c[i].q, 1, &kernel));
		cr_expect_eq(kernel, c[i].verdict, "case %zu, %s: %d by kernel",
		    i, table_name(c[i].q.nr), kernel);
	}
}

#define CHECK(cases)	check(cases, sizeof(cases) / sizeof((cases)[0]))

static const struct rule_case namespaces[] = {
	{ T, PASS, { SYS_clone, { SIGCHLD } } },
	{ T, PASS, { SYS_clone, { CLONE_VM | CLONE_VFORK | SIGCHLD } } },
	{ T, PASS, { SYS_clone, { CLONE_VM | CLONE_THREAD | CLONE_SIGHAND |
	    CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SETTLS |
	    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID } } },
	{ T, EPERM, { SYS_clone, { CLONE_NEWNS | SIGCHLD } } },
	{ T, EPERM, { SYS_clone, { HIGH | CLONE_PARENT | SIGCHLD } } },
	{ T, EPERM, { SYS_clone, { CLONE_NEWCGROUP } } },
	{ T, EPERM, { SYS_clone, { CLONE_NEWUTS } } },
	{ T, EPERM, { SYS_clone, { CLONE_NEWIPC } } },
	{ T, EPERM, { SYS_clone, { CLONE_NEWUSER } } },
	{ T, EPERM, { SYS_clone, { CLONE_NEWPID } } },
	{ T, EPERM, { SYS_clone, { CLONE_NEWNET } } },
	{ T, EPERM, { SYS_clone, { HIGH | CLONE_NEWUSER | CLONE_NEWNS } } },
	{ T, PASS, { SYS_unshare, { CLONE_FILES | CLONE_FS } } },
	{ T, EPERM, { SYS_unshare, { CLONE_NEWNS } } },
	{ T, EPERM, { SYS_unshare, { CLONE_NEWCGROUP } } },
	{ T, EPERM, { SYS_unshare, { CLONE_NEWUTS } } },
	{ T, EPERM, { SYS_unshare, { CLONE_NEWIPC } } },
	{ T, EPERM, { SYS_unshare, { CLONE_NEWUSER } } },
	{ T, EPERM, { SYS_unshare, { CLONE_NEWPID } } },
	{ T, EPERM, { SYS_unshare, { CLONE_NEWNET } } },
	{ T, EPERM, { SYS_unshare, { TIMENS } } },
	{ T, EPERM, { SYS_unshare, { HIGH | CLONE_FILES | CLONE_NEWUSER } } },
	{ L, EPERM, { SYS_clone, { CLONE_NEWUSER } } },
	{ O, EPERM, { SYS_unshare, { CLONE_NEWUSER } } },
	{ N, PASS, { SYS_unshare, { CLONE_NEWUSER } } },
	{ N, PASS, { SYS_clone, { CLONE_NEWUSER } } },
	{ W, PASS, { SYS_clone, { SIGCHLD } } },
	{ W, EPERM, { SYS_clone, { CLONE_NEWUSER } } },
	{ T, ENOSYS, { CLONE3, { 0 } } },
	{ N, PASS, { CLONE3, { 0 } } },
	{ W, ENOSYS, { CLONE3, { 0 } } },
};

Test(rules, no_namespace_is_made)
{
	CHECK(namespaces);
}

static const struct rule_case sockets[] = {
	{ T, PASS, { SYS_socket, { AF_INET, SOCK_STREAM | SOCK_CLOEXEC } } },
	{ T, EPERM, { SYS_socket, { AF_INET, SOCK_RAW } } },
	{ T, EPERM, { SYS_socket, { AF_INET6, SOCK_SEQPACKET } } },
	{ T, PASS, { SYS_socket, { AF_INET6, SOCK_DGRAM } } },
	{ T, PASS, { SYS_socket, { HIGH | AF_INET, HIGH | SOCK_DGRAM } } },
	{ T, EPERM, { SYS_socket, { AF_UNSPEC } } },
	{ T, EPERM, { SYS_socket, { AF_UNIX } } },
	{ T, EPERM, { SYS_socket, { HIGH | AF_UNIX } } },
	{ T, EPERM, { SYS_socket, { HIGH * AF_INET | AF_UNIX } } },
	{ T, EPERM, { SYS_socket, { AF_NETLINK } } },
	{ T, EPERM, { SYS_socket, { AF_PACKET } } },
	{ T, EPERM, { SYS_socket, { AF_VSOCK } } },
	{ T, EPERM, { SYS_socket, { AF_ALG } } },
	{ T, EPERM, { SYS_socket, { AF_BLUETOOTH } } },
	{ T, EPERM, { SYS_socket, { AF_TIPC } } },
	{ T, EPERM, { SYS_socket, { AF_KEY } } },
	{ T, EPERM, { SYS_socket, { 600 } } },
	{ T, EPERM, { SYS_socket, { UINT64_MAX } } },
	{ L, EPERM, { SYS_socket, { AF_INET } } },
	{ L, EPERM, { SYS_socket, { AF_UNIX } } },
	{ O, EPERM, { SYS_socket, { HIGH | AF_INET6 } } },
	{ N, PASS, { SYS_socket, { AF_UNIX } } },
	{ W, EPERM, { SYS_socket, { AF_INET } } },
};

Test(rules, sockets_are_of_the_internet_or_not_at_all)
{
	CHECK(sockets);
}

static const struct rule_case terminals[] = {
	{ T, PASS, { SYS_ioctl, { 0, TCGETS } } },
	{ T, PASS, { SYS_ioctl, { 0, FIONREAD } } },
	{ T, PASS, { SYS_ioctl, { TIOCSTI, TIOCGWINSZ } } },
	{ T, EPERM, { SYS_ioctl, { 0, TIOCSTI } } },
	{ T, EPERM, { SYS_ioctl, { 0, HIGH | TIOCSTI } } },
	{ T, EPERM, { SYS_ioctl, { 0, ~UINT64_C(0) << 32 | TIOCSTI } } },
	{ T, EPERM, { SYS_ioctl, { 0, TIOCLINUX } } },
	{ T, EPERM, { SYS_ioctl, { 0, HIGH | TIOCLINUX } } },
	{ L, EPERM, { SYS_ioctl, { 0, HIGH | TIOCSTI } } },
	{ O, EPERM, { SYS_ioctl, { 0, HIGH | TIOCLINUX } } },
	{ N, EPERM, { SYS_ioctl, { 0, HIGH | TIOCSTI } } },
	{ N, EPERM, { SYS_ioctl, { 0, TIOCLINUX } } },
	{ N, PASS, { SYS_ioctl, { 0, TCGETS } } },
	{ W, PASS, { SYS_ioctl, { 0, FIONREAD } } },
};

Test(rules, nobody_types_into_a_terminal)
{
	CHECK(terminals);
}

static const struct rule_case kills[] = {
	{ T, EPERM, { SYS_kill, { 0, SIGKILL } } },
	{ T, EPERM, { SYS_kill, { 0, SIGSTOP } } },
	{ T, EPERM, { SYS_kill, { HIGH, SIGKILL } } },
	{ T, EPERM, { SYS_kill, { 0, HIGH | SIGKILL } } },
	{ T, EPERM, { SYS_kill, { HIGH, HIGH | SIGSTOP } } },
	{ T, EPERM, { SYS_kill, { ~UINT64_C(0) << 32, SIGSTOP } } },
	{ T, PASS, { SYS_kill, { 0, SIGTERM } } },
	{ T, PASS, { SYS_kill, { 0, SIGCONT } } },
	{ T, PASS, { SYS_kill, { 0, 0 } } },
	{ T, PASS, { SYS_kill, { 2, SIGKILL } } },
	{ T, PASS, { SYS_kill, { SIGKILL, SIGSTOP } } },
	{ T, PASS, { SYS_kill, { UINT64_MAX, SIGKILL } } },
	{ L, EPERM, { SYS_kill, { HIGH, SIGKILL } } },
	{ O, EPERM, { SYS_kill, { 0, HIGH | SIGSTOP } } },
	{ N, EPERM, { SYS_kill, { HIGH, SIGKILL } } },
	{ N, EPERM, { SYS_kill, { 0, HIGH | SIGSTOP } } },
	{ N, PASS, { SYS_kill, { 0, SIGTERM } } },
	{ W, PASS, { SYS_kill, { UINT64_MAX, SIGSTOP } } },
	{ T, EPERM, { SYS_setpriority, { PRIO_PGRP, 0, 7 } } },
	{ T, EPERM, { SYS_setpriority, { HIGH | PRIO_PGRP, HIGH, 7 } } },
	{ T, PASS, { SYS_setpriority, { PRIO_PROCESS, 0, 7 } } },
	{ L, EPERM, { SYS_ioprio_set, { IOPRIO_WHO_PGRP, 0, 0 } } },
	{ T, EPERM, { SYS_ioprio_set, { HIGH | IOPRIO_WHO_PGRP, 0, 0 } } },
	{ T, PASS, { SYS_ioprio_set, { IOPRIO_WHO_PROCESS, 0, 0 } } },
	{ T, PASS, { SYS_setpriority, { PRIO_PROCESS, 2, 7 } } },
	{ O, EPERM, { SYS_kill, { 7, SIGSTOP } } },
	{ O, PASS, { SYS_kill, { 7, SIGKILL } } },
	{ L, PASS, { SYS_kill, { 7, SIGSTOP } } },
	{ O, EPERM, { SYS_tgkill, { 7, 7, HIGH | SIGSTOP } } },
	{ O, EPERM, { SYS_fcntl, { 7, F_SETSIG, SIGSTOP } } },
	{ O, PASS, { SYS_fcntl, { 7, F_SETSIG, SIGUSR1 } } },
	{ T, EPERM, { SYS_setpriority, { PRIO_PROCESS, HIGH | 1, 7 } } },
	{ T, EPERM, { SYS_setpriority, { PRIO_USER, 7, 7 } } },
	{ T, EPERM, { SYS_ioprio_set, { IOPRIO_WHO_PROCESS, 1, 0 } } },
	{ T, EPERM, { SYS_sched_setaffinity, { 1, 0, 0 } } },
	{ T, PASS, { SYS_sched_setaffinity, { 2, 0, 0 } } },
	{ L, EPERM, { SYS_setpriority, { PRIO_PROCESS, 1, 7 } } },
	{ L, PASS, { SYS_setpriority, { PRIO_PROCESS, HIGH, 7 } } },
	{ L, EPERM, { SYS_sched_setaffinity, { 1, 0, 0 } } },
	{ L, PASS, { SYS_sched_setaffinity, { 0, 0, 0 } } },
	{ T, PASS, { SYS_prlimit64, { 0, 7, 0, 0 } } },
	{ T, EPERM, { SYS_prlimit64, { 1, 7, 0, 0 } } },
	{ L, EPERM, { SYS_prlimit64, { 1, 7, 0, 0 } } },
	{ L, EPERM, { SYS_shmget, { 1, 0, 0 } } },
	{ T, PASS, { SYS_shmget, { 1, 0, 0 } } },
	{ T, PASS, { SYS_socketpair, { AF_UNIX, SOCK_STREAM } } },
	{ T, PASS, { SYS_socketpair,
	    { HIGH | AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC } } },
	{ T, EPERM, { SYS_socketpair, { AF_UNIX, SOCK_DGRAM } } },
	{ T, EPERM, { SYS_socketpair, { AF_UNIX, HIGH | SOCK_DGRAM } } },
	{ L, EPERM, { SYS_socketpair, { AF_UNIX, SOCK_RAW } } },
	{ T, EPERM, { SYS_socketpair, { AF_TIPC, SOCK_STREAM } } },
};

Test(rules, the_group_is_not_killed_or_stopped_from_inside)
{
	CHECK(kills);
}

static const struct rule_case modes[] = {
	{ T, PASS, { SYS_chmod, { 0, 01755 } } },
	{ T, EPERM, { SYS_chmod, { 0, 04755 } } },
	{ T, EPERM, { SYS_chmod, { 0, 02755 } } },
	{ T, EPERM, { SYS_chmod, { 0, HIGH | 06000 } } },
	{ T, PASS, { SYS_fchmod, { 04000, 0644 } } },
	{ T, EPERM, { SYS_fchmod, { 0, 04755 } } },
	{ T, EPERM, { SYS_fchmod, { 0, 02755 } } },
	{ T, EPERM, { SYS_fchmod, { 0, 0xffff0000 | 02755 } } },
	{ T, PASS, { SYS_fchmodat, { 0, 04000, 0755 } } },
	{ T, EPERM, { SYS_fchmodat, { 0, 0, 04755 } } },
	{ T, EPERM, { SYS_fchmodat, { 0, 0, 02755 } } },
	{ T, PASS, { FCHMODAT2, { 0, 0, 0755, 0x1000 } } },
	{ T, EPERM, { FCHMODAT2, { 0, 0, 04755, 0x1000 } } },
	{ T, EPERM, { FCHMODAT2, { 0, 0, HIGH | 02755 } } },
	{ T, PASS, { SYS_creat, { 0, 0755 } } },
	{ T, EPERM, { SYS_creat, { 0, 04755 } } },
	{ T, EPERM, { SYS_creat, { 0, 02755 } } },
	{ T, PASS, { SYS_mknod, { 0, S_IFIFO | 0600, 06000 } } },
	{ T, EPERM, { SYS_mknod, { 0, S_IFREG | 04755 } } },
	{ T, EPERM, { SYS_mknod, { 0, 02755 } } },
	{ T, PASS, { SYS_mknodat, { 0, 0, S_IFIFO | 0600 } } },
	{ T, EPERM, { SYS_mknodat, { 0, 0, S_IFREG | 04755 } } },
	{ T, EPERM, { SYS_mknodat, { 0, 0, 02755 } } },
	{ T, PASS, { SYS_mkdir, { 0, 02755 } } },
	{ L, EPERM, { SYS_fchmod, { 0, 02755 } } },
	{ O, EPERM, { SYS_fchmodat, { 0, 0, 04755 } } },
	{ N, PASS, { SYS_chmod, { 0, 04755 } } },
};

Test(rules, no_mode_makes_a_set_uid_file)
{
	CHECK(modes);
}

static const struct rule_case opens[] = {
	{ T, PASS, { SYS_open, { 0, O_RDONLY, JUNK } } },
	{ T, PASS, { SYS_open, { 0, O_RDWR | O_DIRECTORY, JUNK } } },
	{ T, PASS, { SYS_open, { 0, O_WRONLY | O_CREAT, 0777 } } },
	{ T, PASS, { SYS_open, { O_CREAT, O_TRUNC, 04755 } } },
	{ T, EPERM, { SYS_open, { 0, O_WRONLY | O_CREAT, 04755 } } },
	{ T, EPERM, { SYS_open, { 0, O_WRONLY | O_CREAT, 02755 } } },
	{ T, EPERM, { SYS_open, { 0, HIGH | O_CREAT, HIGH | 04755 } } },
	{ T, EPERM, { SYS_open, { 0, O_TMPFILE | O_RDWR, 04755 } } },
	{ T, EPERM, { SYS_open, { 0, O_TMPFILE | O_RDWR, 02755 } } },
	{ T, PASS, { SYS_open, { 0, O_TMPFILE | O_RDWR, 0700 } } },
	{ T, PASS, { SYS_openat, { 0, 0, O_RDONLY, JUNK } } },
	{ T, PASS, { SYS_openat, { 0, 0, O_PATH | O_DIRECTORY, JUNK } } },
	{ T, PASS, { SYS_openat, { 0, 0, O_RDWR | O_CREAT | O_EXCL, 0666 } } },
	{ T, PASS, { SYS_openat, { 0, O_CREAT, O_RDWR, 04755 } } },
	{ T, EPERM, { SYS_openat, { 0, 0, O_WRONLY | O_CREAT, 04755 } } },
	{ T, EPERM, { SYS_openat, { 0, 0, O_WRONLY | O_CREAT, 02755 } } },
	{ T, EPERM, { SYS_openat, { 0, 0, HIGH | O_CREAT, HIGH | 02755 } } },
	{ T, EPERM, { SYS_openat, { 0, 0, O_TMPFILE | O_RDWR, 04755 } } },
	{ T, EPERM, { SYS_openat, { 0, 0, O_TMPFILE | O_RDWR, 02755 } } },
	{ T, PASS, { SYS_openat, { 0, 0, O_TMPFILE | O_RDWR, 0600 } } },
	{ L, EPERM, { SYS_openat, { 0, 0, O_WRONLY | O_CREAT, 04755 } } },
	{ O, EPERM, { SYS_openat, { 0, 0, O_TMPFILE | O_RDWR, 02755 } } },
	{ T, ENOSYS, { OPENAT2, { 0 } } },
	{ W, PASS, { OPENAT2, { 0 } } },
	{ N, PASS, { SYS_openat, { 0, 0, O_WRONLY | O_CREAT, 04755 } } },
};

Test(rules, no_open_makes_a_set_uid_file)
{
	CHECK(opens);
}
