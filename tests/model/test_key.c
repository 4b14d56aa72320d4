#include "key.h"

#include <sys/stat.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char	path[] = "/tmp/test_key.XXXXXX";

static void
make_file(void)
{
	int fd = mkstemp(path);

	cr_assert_neq(fd, -1);
	close(fd);
}

static void
remove_file(void)
{
	unlink(path);
}

TestSuite(key, .init = make_file, .fini = remove_file);

static void
write_key(const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	cr_assert_neq(fd, -1);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static const struct {
	const char	*text, *header, *why;
} files[] = {
	{ "sk-1", "Authorization: Bearer sk-1", NULL },
	{ " \tsk-1\r\n\n", "Authorization: Bearer sk-1", NULL },
	{ "", NULL, ": empty" },
	{ "\n", NULL, ": empty" },
	{ "two words\n", NULL, ": no key" },
	{ "sk-1\r\nX-Evil: 1\n", NULL, ": no key" },
	{ "\xc3\xa9", NULL, ": no key" }
};

Test(key, is_what_the_file_says_or_an_error_that_names_the_file)
{
	struct key *k;
	char *why;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		write_key(files[i].text, strlen(files[i].text));
		why = NULL;
		k = key_new(path, NULL, &why);
		if (files[i].header != NULL) {
			cr_assert_not_null(k, "case %zu", i);
			cr_expect_str_eq(key_header(k), files[i].header);
		} else {
			cr_assert_null(k, "case %zu", i);
			cr_expect_not_null(strstr(why, files[i].why));
			cr_expect_not_null(strstr(why, path));
			cr_expect_null(strstr(why, "words"));
		}
		key_free(k);
		free(why);
	}
}

static void
expect_no_key(const char *file, const char *words)
{
	char *why = NULL;

	cr_expect_null(key_new(file, NULL, &why));
	cr_assert_not_null(why);
	cr_expect_not_null(strstr(why, words), "%s", why);
	free(why);
}

Test(key, comes_from_a_regular_file_of_its_size)
{
	char *huge = calloc(1, 8001), fifo[sizeof(path) + 5];

	expect_no_key("/dev/zero", "/dev/zero: no regular file");
	expect_no_key("/tmp", "/tmp: no regular file");
	expect_no_key("/nonexistent/key", "No such file");
	memset(huge, 'x', 8001);
	write_key(huge, 8001);
	expect_no_key(path, "at most 8000 bytes");
	free(huge);
	/* Nobody writes: this returns all the same. */
	snprintf(fifo, sizeof(fifo), "%s.fifo", path);
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	expect_no_key(fifo, "no regular file");
	unlink(fifo);
}

/* The flags of the mapping that holds p, as the kernel tells them. */
static char *
flags_of(const void *p, char *line, int size)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	unsigned long from, to;
	bool found = false;

	cr_assert_not_null(f);
	while (fgets(line, size, f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			found = (unsigned long)p >= from &&
			    (unsigned long)p < to;
		if (found && strncmp(line, "VmFlags:", 8) == 0)
			break;
	}
	fclose(f);
	return line;
}

Test(key, is_in_no_core_dump)
{
	char *why = NULL, line[512];
	struct key *k = key_new(NULL, "sk-1", &why);

	cr_assert_not_null(k);
	cr_expect_not_null(strstr(flags_of(key_header(k), line,
	    sizeof(line)), " dd"));
	key_free(k);
}

Test(key, is_taken_out_of_words)
{
	char *why = NULL;
	struct key *k = key_new(NULL, "sk-1", &why), *stars;
	struct buf words = { 0 };

	buf_puts(&words, "sk-1, sk-2 and sk-1");
	key_redact(k, &words);
	cr_expect_str_eq(words.data, "****, sk-2 and ****");
	key_free(k);
	stars = key_new(NULL, "**", &why);
	key_redact(stars, &words);
	cr_expect_str_eq(words.data, "****, sk-2 and ****");
	key_free(stars);
	buf_fini(&words);
}
