#include "ruleset.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "landlock.h"

/*
 * The kernel's words by our names: the header of the system we are built on
 * may know fewer than the kernel that we run on.
 */
#define BIT(n)		(UINT64_C(1) << (n))
#define EXECUTE		BIT(0)
#define WRITE_FILE	BIT(1)
#define READ_FILE	BIT(2)
#define READ_DIR	BIT(3)
#define REMOVE_DIR	BIT(4)
#define REMOVE_FILE	BIT(5)
#define MAKE_CHAR	BIT(6)
#define MAKE_DIR	BIT(7)
#define MAKE_REG	BIT(8)
#define MAKE_SOCK	BIT(9)
#define MAKE_FIFO	BIT(10)
#define MAKE_BLOCK	BIT(11)
#define MAKE_SYM	BIT(12)
#define REFER		BIT(13)
#define TRUNCATE	BIT(14)
#define IOCTL_DEV	BIT(15)

#define BIND_TCP	BIT(0)
#define CONNECT_TCP	BIT(1)

#define SCOPE_ABSTRACT	BIT(0)
#define SCOPE_SIGNAL	BIT(1)

#define ASK_VERSION	1U
#define BENEATH		1	/* the rule's kind */

struct attr {
	uint64_t	 fs, net, scoped;
};

struct beneath {
	uint64_t	 rights;
	int32_t		 fd;
} __attribute__((packed));

#define READ	(READ_FILE | READ_DIR | EXECUTE)
#define WRITE	(READ | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | \
	    MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER)
#define DEVICE	(READ_FILE | WRITE_FILE | IOCTL_DEV)
#define OF_FILE	(EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)

/* What each ABI brought. */
static const struct attr news[] = {
	[1] = { .fs = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE |
	    MAKE_CHAR | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO |
	    MAKE_BLOCK | MAKE_SYM },
	[2] = { .fs = REFER },
	[3] = { .fs = TRUNCATE },
	[4] = { .net = BIND_TCP | CONNECT_TCP },
	[5] = { .fs = IOCTL_DEV },
	[6] = { .scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL },
};

unsigned
landlock_abi(void)
{
	long abi;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	return abi < 0 ? 0 : (unsigned)abi;
}

int
ruleset_open(struct ruleset *r, unsigned abi, bool net)
{
	struct attr a = { 0 };
	unsigned i;

	for (i = 1; i <= abi && i < sizeof(news) / sizeof(news[0]); i++) {
		a.fs |= news[i].fs;
		a.scoped |= news[i].scoped;
		if (!net)
			a.net |= news[i].net;
	}
	r->handled = a.fs;
	/* An older kernel takes a longer struct whose tail is zero. */
	r->fd = (int)syscall(SYS_landlock_create_ruleset, &a, sizeof(a), 0);
	return r->fd == -1 ? -1 : 0;
}

void
ruleset_close(struct ruleset *r)
{
	fd_close(&r->fd);
}

static uint64_t
rights_of(enum right right)
{
	switch (right) {
	case RIGHT_LIST:
		return READ_DIR;
	case RIGHT_READ:
		return READ;
	case RIGHT_WRITE:
		return WRITE;
	case RIGHT_DEVICE:
		return DEVICE;
	}
	return 0;
}

int
ruleset_allow(const struct ruleset *r, int fd, const struct stat *st,
    enum right right)
{
	struct beneath b = { .rights = rights_of(right), .fd = fd };

	b.rights &= r->handled;
	/* The kernel refuses a rule that gives a file a folder's rights. */
	if (!S_ISDIR(st->st_mode))
		b.rights &= OF_FILE;
	if (b.rights == 0)
		return 0;
	return (int)syscall(SYS_landlock_add_rule, r->fd, BENEATH, &b, 0);
}

int
ruleset_enter(const struct ruleset *r)
{
	return (int)syscall(SYS_landlock_restrict_self, r->fd, 0);
}
