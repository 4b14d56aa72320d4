/*
 * Preloaded into user-mode Linux. That of 6.1 has room for the registers up to
 * AVX-512 alone, and a kernel takes no part of a set: where the processor has
 * more (AMX), it could not set any. The rest, which nobody uses, is zero.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#define MAX_SET		(64 << 10)

typedef long (*ptrace_fn)(int, pid_t, void *, void *);

static long
set_all(ptrace_fn real, pid_t pid, void *type, const struct iovec *part)
{
	static char	set[MAX_SET], now[MAX_SET];
	struct iovec	whole = { now, sizeof(now) };

	if (part->iov_len > sizeof(set)) {
		errno = EINVAL;
		return -1;
	}
	if (real(PTRACE_GETREGSET, pid, type, &whole) == -1)
		return -1;
	memset(set, 0, sizeof(set));
	memcpy(set, part->iov_base, part->iov_len);
	whole.iov_base = set;
	return real(PTRACE_SETREGSET, pid, type, &whole);
}

/* As in libc. */
long
ptrace(enum __ptrace_request request, ...)
{
	static ptrace_fn	 real;
	void			*addr, *data;
	va_list			 ap;
	pid_t			 pid;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ptrace");
	va_start(ap, request);
	pid = va_arg(ap, pid_t);
	addr = va_arg(ap, void *);
	data = va_arg(ap, void *);
	va_end(ap);
	if (request == PTRACE_SETREGSET && addr == (void *)NT_X86_XSTATE)
		return set_all(real, pid, addr, data);
	return real((int)request, pid, addr, data);
}
