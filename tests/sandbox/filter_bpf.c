#include "filter_bpf.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static uint32_t
load(const struct seccomp_data *d, uint32_t at, bool *looked)
{
	uint32_t word;

	assert(at % sizeof(word) == 0 && at <= sizeof(*d) - sizeof(word));
	*looked |= at >= offsetof(struct seccomp_data, args);
	memcpy(&word, (const char *)d + at, sizeof(word));
	return word;
}

static bool
holds(const struct sock_filter *i, uint32_t a)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return a == i->k;
	case BPF_JGT:
		return a > i->k;
	case BPF_JGE:
		return a >= i->k;
	case BPF_JSET:
		return (a & i->k) != 0;
	}
	assert(!"a jump that the generator makes");
	return false;
}

uint32_t
bpf_run(const struct filter_code *c, const struct seccomp_data *d, bool *looked)
{
	uint32_t a = 0;
	size_t pc;

	*looked = false;
	for (pc = 0; pc < c->len; pc++) {
		const struct sock_filter *i = &c->insns[pc];

		if (i->code == (BPF_LD | BPF_W | BPF_ABS))
			a = load(d, i->k, looked);
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_JMP | BPF_JA))
			pc += i->k;
		else if (i->code == (BPF_RET | BPF_K))
			return i->k;
		else {
			assert(BPF_CLASS(i->code) == BPF_JMP &&
			    BPF_SRC(i->code) == BPF_K);
			pc += holds(i, a) ? i->jt : i->jf;
		}
	}
	assert(!"a filter ends with a return");
	return 0;
}
