/*
 * A fuzzer is one function that judges what a module makes of any bytes, and
 * the seeds it begins with. fuzz_<module>.c defines both. With clang it is
 * linked to libFuzzer; with any compiler to replay.c, whose main() runs the
 * seeds, mutations of them that are the same each time, or the files named.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"

#define SEED(literal)	{ literal, sizeof(literal) - 1 }

/* The last one has no data. */
extern const struct bytes	fuzz_seeds[];

/* libFuzzer's name for it; 0. */
int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* An oracle: also without assert(). */
#define CHECK(fact)	do {						\
	if (!(fact)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
		    __LINE__, #fact);					\
		abort();						\
	}								\
} while (0)

#endif
