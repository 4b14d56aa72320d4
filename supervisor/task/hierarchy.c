#include "hierarchy.h"

#include <stdlib.h>

#include "xalloc.h"

#define NFIELDS		6	/* of mountinfo, before the optional ones */
#define NDIGITS		16

enum { ROOT = 3, POINT = 4, OPTIONS = 5 };

struct mount {
	struct bytes	field[NFIELDS];
	struct bytes	type;
};

static const char *const names[] = { "cpu", "memory", "pids" };

/* The part of rest before c, which is dropped with it; false: none is left. */
static bool
cut(struct bytes *rest, char c, struct bytes *part)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->data, c, rest->len);
	part->data = rest->data;
	part->len = end == NULL ? rest->len : (size_t)(end - rest->data);
	rest->data += part->len + (end != NULL);
	rest->len -= part->len + (end != NULL);
	return true;
}

static bool
begins(struct bytes b, const char *with)
{
	size_t n = strlen(with);

	return b.len >= n && memcmp(b.data, with, n) == 0;
}

unsigned
hierarchy_controllers(struct bytes list)
{
	unsigned found = 0;
	size_t i, n, k;

	for (i = 0; i < list.len; i += n + 1) {
		for (n = 0; i + n < list.len &&
		    memchr(" ,\n", list.data[i + n], 3) == NULL; n++)
			;
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (bytes_is((struct bytes){ list.data + i, n },
			    names[k]))
				found |= 1U << k;
	}
	return found;
}

const char *
hierarchy_names(unsigned controllers, char *text)
{
	size_t k;

	text[0] = '\0';
	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		if ((controllers & 1U << k) == 0)
			continue;
		if (text[0] != '\0')
			strlcat(text, " ", CONTROLLER_NAMES_MAX);
		strlcat(text, names[k], CONTROLLER_NAMES_MAX);
	}
	return text;
}

/* NUMBER:CONTROLLERS:PATH */
static bool
split(struct bytes line, struct bytes *number, struct bytes *controllers)
{
	return cut(&line, ':', number) && cut(&line, ':', controllers);
}

unsigned
hierarchy_held(struct bytes cgroup)
{
	struct bytes line, number, controllers;
	unsigned held = 0;

	while (cut(&cgroup, '\n', &line))
		if (split(line, &number, &controllers) &&
		    !bytes_is(number, "0"))
			held |= hierarchy_controllers(controllers);
	return held;
}

static bool
ends(struct bytes b, const char *with)
{
	size_t n = strlen(with);

	return b.len >= n && memcmp(b.data + b.len - n, with, n) == 0;
}

static bool
is_outside(struct bytes path)
{
	return bytes_is(path, "/..") || begins(path, "/../");
}

char *
hierarchy_own(struct bytes cgroup, const char **why)
{
	struct bytes line;

	while (cut(&cgroup, '\n', &line)) {
		if (!begins(line, "0::/"))
			continue;
		line.data += 3;
		line.len -= 3;
		*why = "our group is outside of our cgroup namespace";
		if (is_outside(line))
			return NULL;
		*why = "our group was removed";
		if (ends(line, " (deleted)"))
			return NULL;
		return xmemdup(line.data, line.len);
	}
	*why = "this kernel has no cgroup2";
	return NULL;
}

static bool
parse_mount(struct bytes line, struct mount *m)
{
	struct bytes word;
	size_t i;

	for (i = 0; i < NFIELDS; i++)
		if (!cut(&line, ' ', &m->field[i]))
			return false;
	while (cut(&line, ' ', &word))
		if (bytes_is(word, "-"))
			return cut(&line, ' ', &m->type);
	return false;
}

static bool
is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	    s[2] >= '0' && s[2] <= '7';
}

/* Space, tab, newline and backslash come as \ooo. */
static char *
unescape(struct bytes b)
{
	char *s = xmemdup(b.data, b.len), *to = s;
	const char *at;

	for (at = s; *at != '\0'; to++) {
		if (at[0] == '\\' && is_octal(at + 1)) {
			*to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 |
			    (at[3] - '0'));
			at += 4;
		} else
			*to = *at++;
	}
	*to = '\0';
	return s;
}

/* own below root, as seen from there; NULL: it is elsewhere. */
static const char *
below(const char *own, const char *root)
{
	size_t n = strlen(root);

	if (strcmp(root, "/") == 0)
		return own;
	if (strncmp(own, root, n) != 0 || (own[n] != '/' && own[n] != '\0'))
		return NULL;
	return own + n;
}

static char *
folder_in(const struct mount *m, const char *own)
{
	char *root = unescape(m->field[ROOT]);
	char *point = unescape(m->field[POINT]);
	const char *rest;
	char *folder = NULL;

	if ((rest = below(own, root)) != NULL)
		folder = xasprintf("%s%s", point,
		    strcmp(rest, "/") == 0 ? "" : rest);
	free(root);
	free(point);
	return folder;
}

static bool
is_read_only(struct bytes options)
{
	return bytes_is(options, "ro") || begins(options, "ro,");
}

char *
hierarchy_folder(struct bytes mountinfo, const char *own, const char **why)
{
	char *found = NULL, *folder;
	struct bytes line;
	struct mount m;

	*why = "no cgroup2 mount";
	while (cut(&mountinfo, '\n', &line)) {
		if (!parse_mount(line, &m) || !bytes_is(m.type, "cgroup2"))
			continue;
		if (found == NULL)
			*why = "no cgroup2 mount shows our group";
		if ((folder = folder_in(&m, own)) == NULL)
			continue;
		if (!is_read_only(m.field[OPTIONS])) {
			free(found);
			return folder;
		}
		if (found == NULL)
			found = folder;
		else
			free(folder);
	}
	return found;
}

bool
hierarchy_number(struct bytes text, const char *key, uint64_t *value)
{
	struct bytes line, word;
	char *number, *end;
	bool is_number;

	while (cut(&text, '\n', &line)) {
		if (!cut(&line, ' ', &word) || !bytes_is(word, key))
			continue;
		number = xmemdup(line.data, line.len);
		*value = strtoull(number, &end, 10);
		is_number = number[0] >= '0' && number[0] <= '9' &&
		    *end == '\0';
		free(number);
		return is_number;
	}
	return false;
}

bool
hierarchy_is_supervisor(const char *name)
{
	const char *digits = name + strlen(HIERARCHY_SUPERVISOR);

	return begins(bytes_of(name), HIERARCHY_SUPERVISOR) &&
	    strlen(digits) == NDIGITS &&
	    strspn(digits, "0123456789abcdef") == NDIGITS;
}
