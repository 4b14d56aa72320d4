/* What the kernel does with a filter, as far as seccomp knows instructions. */
#ifndef FILTER_BPF_H
#define FILTER_BPF_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "filter_code.h"

/*
 * The action, SECCOMP_RET_. *looked: it depended on arguments. What no kernel
 * would have loaded is an assert.
 */
uint32_t	bpf_run(const struct filter_code *, const struct seccomp_data *,
		    bool *looked);

#endif
