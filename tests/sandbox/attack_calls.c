/*
 * System calls that no tool needs. Their arguments do no harm where the call
 * is allowed; then its own error says that it was reached.
 */
#include "attack.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/io.h>
#include <sys/klog.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

REACH(io_uring, SYS_io_uring_setup, 1, (char [120]){ 0 })
REACH(userfaultfd, SYS_userfaultfd, O_CLOEXEC | 1)
REACH(keyctl, SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1)
REACH(add_key, SYS_add_key, "user", "sigbox", "x", 1, KEY_SPEC_PROCESS_KEYRING)
REACH(request_key, SYS_request_key, "user", "sigbox-none", NULL, 0)
REACH(kexec, SYS_kexec_load, 0, 0, NULL, ~0UL)
REACH(kexec_file, SYS_kexec_file_load, -1, -1, 0, "", ~0UL)
REACH(reboot, SYS_reboot, 1, 2, 3, NULL)
REACH(settime_zone, SYS_settimeofday, NULL, NULL)
REACH(clock_settime, SYS_clock_settime, 0, (long [2]){ 0, -1 })
REACH(syslog, SYS_syslog, 10, NULL, 0)
REACH(swap_on, SYS_swapon, "/nonexistent", 0)
REACH(swap_off, SYS_swapoff, "/nonexistent")
REACH(module_load, SYS_init_module, NULL, 0, "")
REACH(module_remove, SYS_delete_module, "nonexistent", O_NONBLOCK)
REACH(acct, SYS_acct, "/nonexistent")
REACH(quota, SYS_quotactl, 0x800007 << 8, "/nonexistent", 0, NULL)
REACH(io_port, SYS_ioperm, 0x80, 1, 1)
REACH(io_level, SYS_iopl, 3)
REACH(ldt, SYS_modify_ldt, 0, NULL, 0)
REACH(memfd_secret, 447, 0)
REACH(fanotify, SYS_fanotify_init, FAN_CLASS_NOTIF | 0x200, 0)
REACH(process_madvise, SYS_process_madvise, -1, NULL, 0, 0, 0)
REACH(kcmp_self, SYS_kcmp, getpid(), getpid(), 0, 0, 0)
REACH(vmsplice, SYS_vmsplice, -1, NULL, 0, 0)

TRY(bpf)
{
	union bpf_attr a = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
	    .value_size = 4, .max_entries = 1 };

	return judge_reach(syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a)),
	    "bpf");
}

TRY(perf)
{
	struct perf_event_attr a = { .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(a), .config = PERF_COUNT_SW_CPU_CLOCK,
	    .exclude_kernel = 1, .exclude_hv = 1 };

	return judge_reach(syscall(SYS_perf_event_open, &a, 0, -1, -1, 0),
	    "perf_event_open");
}

TRY(adjust_time)
{
	struct timex t = { .modes = ADJ_OFFSET_SS_READ };

	return judge_reach(adjtimex(&t), "adjtimex");
}

TRY(personality)
{
	return judge_reach(personality(ADDR_NO_RANDOMIZE), "personality");
}

/* The name that it has already. */
TRY(hostname)
{
	struct utsname u;

	if (uname(&u) == -1)
		return held("uname");
	return judge(sethostname(u.nodename, strlen(u.nodename)),
	    "sethostname");
}

TRY(domainname)
{
	struct utsname u;

	if (uname(&u) == -1)
		return held("uname");
	return judge(setdomainname(u.domainname, strlen(u.domainname)),
	    "setdomainname");
}

TRY(set_uid)
{
	return judge(setresuid(0, 0, 0), "setresuid");
}

TRY(set_gid)
{
	return judge(setresgid(0, 0, 0), "setresgid");
}

TRY(set_groups)
{
	gid_t none = 0;

	return judge(setgroups(1, &none), "setgroups");
}

TRY(caps_raise)
{
	struct __user_cap_header_struct head = {
		_LINUX_CAPABILITY_VERSION_3, 0
	};
	struct __user_cap_data_struct caps[2];

	memset(caps, 0, sizeof(caps));
	caps[0].effective = caps[0].permitted = 1U << CAP_SYS_ADMIN;
	return judge(syscall(SYS_capset, &head, caps), "capset");
}

TRY(limit_raise)
{
	struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

	return judge(setrlimit(RLIMIT_MEMLOCK, &r), "RLIMIT_MEMLOCK");
}

TRY(realtime)
{
	struct sched_param p = { .sched_priority = 1 };

	return judge(sched_setscheduler(0, SCHED_FIFO, &p), "SCHED_FIFO");
}

TRY(nice_up)
{
	return judge(setpriority(PRIO_PROCESS, 0, -5), "setpriority");
}

#ifdef __x86_64__
/* getpid() by the 32-bit table, which the filter does not read. */
TRY(int80)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) :
	    "memory", "r8", "r9", "r10", "r11");
	return r == getpid() ? escaped("int 0x80") : held("int 0x80");
}

TRY(x32)
{
	return judge_reach(syscall(0x40000000L | SYS_getpid), "x32");
}
#else
TRY(int80)
{
	return untried("not on this machine");
}

TRY(x32)
{
	return untried("not on this machine");
}
#endif

/* Written to they could do harm; to open them is enough. */
static enum verdict
judge_files(const char *const *files)
{
	enum verdict v = untried("none is there");

	for (; *files != NULL; files++)
		if ((v = judge_open(*files, O_WRONLY)) == ESCAPED)
			return v;
	return v;
}

TRY(proc_sys)
{
	return judge_files((const char *const []){
	    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
	    "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory",
	    NULL });
}

TRY(max_user_namespaces)
{
	return judge_open("/proc/sys/user/max_user_namespaces", O_WRONLY);
}

TRY(sysrq)
{
	return judge_open("/proc/sysrq-trigger", O_WRONLY);
}

TRY(kcore)
{
	return judge_open("/proc/kcore", O_RDONLY);
}

/* Where all of them are zero, there is nothing to be learnt. */
TRY(kallsyms)
{
	char text[17] = "";
	int fd = open("/proc/kallsyms", O_RDONLY);

	if (fd == -1 || read(fd, text, sizeof(text) - 1) == -1)
		return held("/proc/kallsyms");
	errno = 0;
	return strspn(text, "0") < strlen(text) ? escaped(text) :
	    held("zeros");
}

TRY(timer_list)
{
	return judge_open("/proc/timer_list", O_RDONLY);
}

TRY(sys_write)
{
	return judge_files((const char *const []){ "/sys/power/state",
	    "/sys/kernel/uevent_helper", "/sys/kernel/mm/ksm/run",
	    "/sys/kernel/profiling", NULL });
}

TRY(sys_read)
{
	return judge_open("/sys/kernel/mm/transparent_hugepage/enabled",
	    O_RDONLY);
}

TRY(cgroup_write)
{
	return judge_files((const char *const []){
	    "/sys/fs/cgroup/cgroup.procs",
	    "/sys/fs/cgroup/unified/cgroup.procs",
	    "/sys/fs/cgroup/pids/cgroup.procs", NULL });
}

TRY(own_maps)
{
	return judge_files((const char *const []){ "/proc/self/uid_map",
	    "/proc/self/gid_map", NULL });
}
