/* The filters' instructions, written by filter_make when sigbox is built. */
#ifndef FILTER_CODE_H
#define FILTER_CODE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"

struct filter_code {
	const struct sock_filter	*insns;
	unsigned short			 len;
	uint64_t			 hash;
};

extern const struct filter_code filter_code[FILTERS];

/* FNV-1a over the instructions as they lie in memory. */
static inline uint64_t
filter_code_hash(const struct sock_filter *insns, size_t len)
{
	const unsigned char *p = (const unsigned char *)insns;
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < len * sizeof(*insns); i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

#endif
