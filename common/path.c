#include "path.h"

/* Of a path behind a slash, up to the next one. */
static bool
is_plain(struct bytes part)
{
	return part.len > 0 && !bytes_is(part, ".") && !bytes_is(part, "..") &&
	    memchr(part.data, '\0', part.len) == NULL;
}

bool
path_is_canonical(struct bytes path)
{
	struct bytes part;
	const char *slash;

	if (bytes_is(path, "/"))
		return true;
	while (path.len > 0 && path.data[0] == '/') {
		path.data++;
		path.len--;
		slash = memchr(path.data, '/', path.len);
		part = (struct bytes){ path.data,
		    slash == NULL ? path.len : (size_t)(slash - path.data) };
		if (!is_plain(part))
			return false;
		path.data += part.len;
		path.len -= part.len;
		if (path.len == 0)
			return true;
	}
	return false;
}

bool
path_is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	if (strcmp(folder, "/") == 0)
		return path[0] == '/';
	return strncmp(path, folder, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}
