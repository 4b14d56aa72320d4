#include "key.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "fd.h"
#include "xalloc.h"

#define HEADER		"Authorization: Bearer "
#define HEADER_LEN	(sizeof(HEADER) - 1)
#define KEY_MAX		8000
#define KEY_SIZE	8192

struct key {
	size_t	len;
	char	header[KEY_SIZE - sizeof(size_t)];
};

static struct key *
key_alloc(void)
{
	struct key *k;

	k = mmap(NULL, sizeof(*k), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (k == MAP_FAILED)
		return NULL;
	if (madvise(k, sizeof(*k), MADV_DONTDUMP) == -1) {
		munmap(k, sizeof(*k));
		return NULL;
	}
	memcpy(k->header, HEADER, HEADER_LEN);
	return k;
}

void
key_free(struct key *k)
{
	if (k == NULL)
		return;
	explicit_bzero(k, sizeof(*k));
	munmap(k, sizeof(*k));
}

char *
key_header(const struct key *k)
{
	return (char *)(uintptr_t)k->header;
}

/* Straight into the guarded pages; a fifo would hold the loop. */
static const char *
read_file(struct key *k, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;

	if (fd == -1)
		return strerror(errno);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= KEY_MAX)
		n = fd_read_all(fd, k->header + HEADER_LEN, KEY_MAX);
	fd_close(&fd);
	if (n == -1)
		return "no regular file of at most 8000 bytes";
	k->len = (size_t)n;
	return NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What could break out of its header line is no key. */
static const char *
trim(struct key *k)
{
	char *text = k->header + HEADER_LEN;
	size_t i;

	while (k->len > 0 && is_blank(text[k->len - 1]))
		k->len--;
	for (i = 0; i < k->len && is_blank(text[i]); i++)
		;
	k->len -= i;
	memmove(text, text + i, k->len);
	text[k->len] = '\0';
	for (i = 0; i < k->len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return "no key: a key has neither blanks nor "
			    "characters beyond ASCII";
	return k->len == 0 ? "empty" : NULL;
}

struct key *
key_new(const char *file, const char *text, char **why)
{
	struct key *k = key_alloc();
	const char *wrong = NULL;

	if (k == NULL)
		wrong = strerror(errno);
	else if (file != NULL)
		wrong = read_file(k, file);
	else if ((k->len = strlen(text)) > KEY_MAX)
		wrong = "too long";
	else
		memcpy(k->header + HEADER_LEN, text, k->len);
	if (wrong == NULL)
		wrong = trim(k);
	if (wrong == NULL)
		return k;
	*why = xasprintf("key %s%s: %s", file != NULL ? "file " : "",
	    file != NULL ? file : "from the environment", wrong);
	key_free(k);
	return NULL;
}

void
key_redact(const struct key *k, struct buf *words)
{
	const char *text = k->header + HEADER_LEN;
	char *at;

	while (words->len > 0 && (at = memmem(words->data, words->len, text,
	    k->len)) != NULL) {
		memset(at, '*', k->len);
		/* A key of asterisks alone hides itself. */
		if (memmem(words->data, words->len, text, k->len) == at)
			return;
	}
}
