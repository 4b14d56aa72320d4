/*
 * fuzz_x			the seeds and mutations of them
 * fuzz_x FILE...		what libFuzzer had found
 * fuzz_x --seeds FOLDER	writes the seeds, for libFuzzer to begin with
 */
#include <err.h>
#include <sysexits.h>

#include "buf.h"
#include "fuzz.h"

#define ROUNDS	2000		/* mutations of each seed */
#define STEPS	6		/* at most, of each mutation */

static uint64_t	state = 0x9e3779b97f4a7c15;	/* each run is the same run */

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n == 0 ? 0 : (size_t)(state >> 11) % n;
}

static void
judge(struct bytes b)
{
	LLVMFuzzerTestOneInput((const uint8_t *)b.data, b.len);
}

static size_t
nseeds(void)
{
	size_t n = 0;

	while (fuzz_seeds[n].data != NULL)
		n++;
	return n;
}

/* Replaces `gone` bytes at `at`. */
static void
splice(struct buf *b, size_t at, size_t gone, struct bytes new)
{
	struct buf out = { 0 };

	buf_add(&out, b->data, at);
	buf_add_bytes(&out, new);
	if (at + gone < b->len)
		buf_add(&out, b->data + at + gone, b->len - at - gone);
	buf_fini(b);
	*b = out;
}

static void
mutate(struct buf *b)
{
	static const char edges[] =
	    "\0\x01\x1b\n\r\x7f\x80\x9b\xc2\xe2\xf4\xff";
	struct bytes other = fuzz_seeds[below(nseeds())];
	size_t at = below(b->len + 1), from = below(other.len);
	char c = (char)below(256);

	switch (below(6)) {
	case 0:
		splice(b, at, 1, (struct bytes){ &c, 1 });
		break;
	case 1:
		splice(b, at, below(2), (struct bytes){
		    &edges[below(sizeof(edges) - 1)], 1 });
		break;
	case 2:
		splice(b, at, 1 + below(8), (struct bytes){ NULL, 0 });
		break;
	case 3:
		splice(b, at, below(16), (struct bytes){ other.data + from,
		    below(other.len - from + 1) });
		break;
	case 4:
		splice(b, at, b->len, (struct bytes){ NULL, 0 });
		break;
	case 5:
		splice(b, at, 0, other);
		break;
	}
}

static void
run_seeds(void)
{
	struct buf b = { 0 };
	size_t i, round, step;

	for (i = 0; fuzz_seeds[i].data != NULL; i++) {
		judge(fuzz_seeds[i]);
		for (round = 0; round < ROUNDS; round++) {
			buf_reset(&b);
			buf_add_bytes(&b, fuzz_seeds[i]);
			for (step = below(STEPS) + 1; step > 0; step--)
				mutate(&b);
			judge(buf_bytes(&b));
		}
	}
	buf_fini(&b);
}

static void
run_file(const char *path)
{
	struct buf b = { 0 };
	size_t n;
	FILE *f;

	if ((f = fopen(path, "rb")) == NULL)
		err(EX_NOINPUT, "%s", path);
	while ((n = fread(buf_room(&b, 4096), 1, 4096, f)) > 0)
		b.len += n;
	if (ferror(f))
		err(EX_IOERR, "%s", path);
	fclose(f);
	judge(buf_bytes(&b));
	buf_fini(&b);
}

static void
write_seed(const char *folder, size_t i)
{
	struct buf path = { 0 };
	FILE *f;

	buf_printf(&path, "%s/seed%zu", folder, i);
	if ((f = fopen(path.data, "wb")) == NULL)
		err(EX_CANTCREAT, "%s", path.data);
	fwrite(fuzz_seeds[i].data, 1, fuzz_seeds[i].len, f);
	if (fclose(f) != 0)
		err(EX_IOERR, "%s", path.data);
	buf_fini(&path);
}

int
main(int argc, char **argv)
{
	size_t n;
	int i;

	if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
		for (n = 0; n < nseeds(); n++)
			write_seed(argv[2], n);
		return 0;
	}
	for (i = 1; i < argc; i++)
		run_file(argv[i]);
	if (argc == 1)
		run_seeds();
	return 0;
}
