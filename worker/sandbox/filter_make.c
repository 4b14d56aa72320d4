/*
 * filter_make FILE: writes the filters as C. It runs where sigbox is built, so
 * that a worker needs no libseccomp and no time to make them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "filter_code.h"
#include "who.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME	0x80
#endif
#define TMPFILE_BIT	(O_TMPFILE & ~O_DIRECTORY)

/*
 * Each filter is two programs, the rules and the list after it. libseccomp
 * makes the rules; where none holds they end with this, and it is made a jump
 * to the list. That is ours: a search among ranges of numbers, since a test of
 * each number would cost every tool some 100 us more to load.
 */
#define GO_ON		SCMP_ACT_LOG
#define INSNS_MAX	4096		/* BPF_MAXINSNS */
#define NUMBERS		1024		/* above all that calls have */
#define JUMP_MAX	255
#define TESTS_MAX	2
#define ANYWHERE	(-1)		/* the number depends on the machine */

struct call {
	unsigned	 who;
	const char	*name;
	int		 number;
	int		 error;		/* for the others */
};

struct rule {
	unsigned		 who;
	const char		*name;
	int			 error;	/* 0: pass */
	struct scmp_arg_cmp	 tests[TESTS_MAX];
};

struct range {
	uint32_t	from, action;	/* to the next one's from */
};

static const struct call calls[] = {
#define CALL(who, name)			{ who, #name, ANYWHERE, EPERM },
#define CALL_AT(who, name, number)	{ who, #name, number, EPERM },
#define HIDE_AT(who, name, number)	{ who, #name, number, ENOSYS },
#include "calls.def"
};

static const struct rule rules[] = {
#define BIT(n, b)	{ n, SCMP_CMP_MASKED_EQ, b, b },
#define IS(n, v)	{ n, SCMP_CMP_MASKED_EQ, 0xffffffff, v },
#define TYPE(n, v)	{ n, SCMP_CMP_MASKED_EQ, 0xf, v },
#define RULE(who, name, error, tests)	{ who, #name, error, { tests } },
#include "rules.def"
};

#define NCALLS	(sizeof(calls) / sizeof(calls[0]))
#define NRULES	(sizeof(rules) / sizeof(rules[0]))

static _Noreturn void
fail(const char *what, int error)
{
	fprintf(stderr, "filter_make: %s: %s\n", what, strerror(error));
	exit(1);
}

/* A library and a table that disagree would guard the wrong call. */
static int
number(const struct call *c)
{
	int known = seccomp_syscall_resolve_name(c->name);

	if (c->number == ANYWHERE)
		return known;
	if (known >= 0 && known != c->number)
		fail(c->name, EINVAL);
	return c->number;
}

static int
number_of(const char *name)
{
	size_t i;

	for (i = 0; i < NCALLS; i++)
		if (strcmp(calls[i].name, name) == 0)
			return number(&calls[i]);
	fail(name, ENOENT);
}

static uint32_t
action(int error)
{
	return error == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((uint32_t)error);
}

static void
add(scmp_filter_ctx ctx, const struct rule *rule)
{
	int r, nr = number_of(rule->name);

	if (nr < 0)
		return;			/* not on this machine */
	r = seccomp_rule_add_exact_array(ctx, action(rule->error), nr,
	    rule->tests[1].op == 0 ? 1 : 2, rule->tests);
	if (r < 0)
		fail(rule->name, -r);
}

static scmp_filter_ctx
rules_of(enum filter f)
{
	/* Profile none is the host as it is, old calls included. */
	uint32_t bad = f == FILTER_TOOL_NONE ? SCMP_ACT_ALLOW :
	    SCMP_ACT_KILL_PROCESS;
	scmp_filter_ctx ctx;
	size_t i;
	int r;

	if ((ctx = seccomp_init(GO_ON)) == NULL)
		fail("seccomp_init", ENOMEM);
	if ((r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, bad)) < 0 ||
	    (r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)) < 0)
		fail("seccomp_attr_set", -r);
	for (i = 0; i < NRULES; i++)
		if (rules[i].who & 1U << f)
			add(ctx, &rules[i]);
	return ctx;
}

/* Frees ctx. Returns how many instructions it took. */
static size_t
export(scmp_filter_ctx ctx, struct sock_filter *to, size_t max)
{
	FILE *f = tmpfile();
	size_t n;
	int r;

	if (f == NULL)
		fail("temporary file", errno);
	if ((r = seccomp_export_bpf(ctx, fileno(f))) < 0)
		fail("seccomp_export_bpf", -r);
	seccomp_release(ctx);
	rewind(f);
	n = fread(to, sizeof(*to), max, f);
	if (ferror(f) || n == 0 || fgetc(f) != EOF)
		fail("length of a filter", E2BIG);
	fclose(f);
	return n;
}

/* What calls.def says to the filter of each number. */
static void
list_of(enum filter f, uint32_t *list)
{
	bool tool = 1U << f & TOOLS;
	size_t i;

	for (i = 0; i < NUMBERS; i++)
		list[i] = action(tool ? ENOSYS : 0);
	for (i = 0; i < NCALLS && f != FILTER_TOOL_NONE; i++) {
		int nr = number(&calls[i]);

		if (nr >= NUMBERS)
			fail(calls[i].name, ERANGE);
		if (nr >= 0)
			list[nr] = action(calls[i].who & 1U << f ? 0 :
			    calls[i].error);
	}
}

/* r[0] begins at the lowest number that comes here. Returns its length. */
static size_t
search(struct sock_filter *to, const struct range *r, size_t n)
{
	size_t left;

	if (n == 1) {
		*to = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, r->action);
		return 1;
	}
	left = search(to + 1, r, n / 2);
	if (left > JUMP_MAX)
		fail("length of a jump", E2BIG);
	*to = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
	    r[n / 2].from, (uint8_t)left, 0);
	return 1 + left + search(to + 1 + left, r + n / 2, n - n / 2);
}

/* The last range has no end. */
static size_t
make_list(enum filter f, struct sock_filter *to, size_t max)
{
	uint32_t list[NUMBERS], i;
	struct range ranges[NUMBERS];
	size_t n = 0;

	list_of(f, list);
	for (i = 0; i < NUMBERS; i++)
		if (n == 0 || ranges[n - 1].action != list[i])
			ranges[n++] = (struct range){ i, list[i] };
	if (max < 2 * n)
		fail("length of a filter", E2BIG);
	*to = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr));
	return 1 + search(to + 1, ranges, n);
}

static size_t
make(enum filter f, struct sock_filter *code)
{
	size_t i, n = export(rules_of(f), code, INSNS_MAX);

	for (i = 0; i < n; i++)
		if (code[i].code == (BPF_RET | BPF_K) && code[i].k == GO_ON)
			code[i] = (struct sock_filter){ BPF_JMP | BPF_JA, 0, 0,
			    (uint32_t)(n - i - 1) };
	return n + make_list(f, code + n, INSNS_MAX - n);
}

static void
write_filter(FILE *out, int f, const struct sock_filter *code, size_t n)
{
	size_t i;

	fprintf(out, "\nstatic const struct sock_filter code%d[] = {\n", f);
	for (i = 0; i < n; i++)
		fprintf(out, "\t{ 0x%02x, %u, %u, 0x%08x },\n", code[i].code,
		    code[i].jt, code[i].jf, code[i].k);
	fprintf(out, "};\n");
}

int
main(int argc, char **argv)
{
	static struct sock_filter code[FILTERS][INSNS_MAX];
	size_t n[FILTERS];
	FILE *out;
	int f;

	if (argc != 2)
		fail("usage: filter_make FILE", EINVAL);
	if ((out = fopen(argv[1], "w")) == NULL)
		fail(argv[1], errno);
	/* What the kernel of this machine can do is of no interest. */
	seccomp_api_set(3);
	fprintf(out, "#include \"filter_code.h\"\n");
	for (f = 0; f < FILTERS; f++) {
		n[f] = make((enum filter)f, code[f]);
		write_filter(out, f, code[f], n[f]);
	}
	fprintf(out, "\nconst struct filter_code filter_code[FILTERS] = {\n");
	for (f = 0; f < FILTERS; f++)
		fprintf(out, "\t{ code%d, %zu, UINT64_C(0x%016llx) },\n", f,
		    n[f], (unsigned long long)filter_code_hash(code[f], n[f]));
	fprintf(out, "};\n");
	if (fclose(out) != 0)
		fail(argv[1], errno);
	return 0;
}
