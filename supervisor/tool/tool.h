/*
 * A tool: what the model may call, as its author described it. It is data; it
 * runs nothing and reads nothing. header.h or schema.h fill it, folder.h finds
 * the file, args.h turns a call's arguments into what the process receives.
 *
 * A tool owns all it points to. Times are microseconds, sizes bytes; what the
 * author did not say is TOOL_UNSAID, and the configuration decides.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdint.h>

#include "buf.h"

#define TOOL_NAME_MAX	64
#define TOOL_UNSAID	UINT64_MAX

enum tool_type {
	TOOL_STRING, TOOL_INTEGER, TOOL_NUMBER, TOOL_BOOLEAN, TOOL_ARRAY,
	TOOL_ANY		/* a schema said more than we check */
};

enum tool_background {
	TOOL_BACKGROUND_AUTO, TOOL_BACKGROUND_YES, TOOL_BACKGROUND_NO
};

struct tool_param {
	char		*name;		/* the key in JSON: dry_run */
	char		*flag;		/* on argv: --dry-run, or -d */
	char		*variable;	/* DRY_RUN, behind SIGBOX_ARG_ */
	char		 letter;	/* of `-d --dry-run`; 0: none */
	char		*describe;	/* never NULL */
	enum tool_type	 type;
	enum tool_type	 items;		/* of an array, never TOOL_ARRAY */
	bool		 required;
	bool		 positional;	/* on argv behind --, in order */
	bool		 bare;		/* an @flag: not given is false */
	char		 separator;	/* of an array on argv; 0: repeated */
	char		*fallback;	/* default, JSON text; or NULL */
	char		**choices;	/* of an array: its elements' */
	size_t		 nchoices;
};

/* Something to tell the author. line 0: about the whole file. */
struct tool_note {
	unsigned	 line;
	char		*text;
};

struct tool {
	char			*name;
	char			*path;	/* absolute; NULL: a built-in tool */
	char			*source; /* what described it; NULL: built in */
	char			*describe;
	struct tool_param	*params;
	size_t			 nparams;
	bool			 open;	/* others than params may come */
	char			*parameters; /* JSON schema; never changes */
	struct tool_note	*warnings;
	size_t			 nwarnings;

	uint64_t		 timeout_us;	/* 0: none */
	uint64_t		 grace_us;
	uint64_t		 idle_us;	/* without output; 0: none */
	uint64_t		 max_output;	/* of each stream */
	enum tool_background	 background;
	char			*profile;	/* NULL: the configuration's */
	char			*net;		/* "no" or "host"; NULL: same */
	char			**rw;		/* absolute paths */
	size_t			 nrw;
	char			*watch;		/* for its output; NULL: none */
	bool			 confirm;	/* each call needs consent */
	bool			 linger;	/* until its last child ends */
	bool			 stream;	/* its stdin stays open */
};

/* Everything unsaid; the name is copied. */
struct tool	*tool_new(const char *name);
void		 tool_free(struct tool *);

/* [A-Za-z0-9_-]{1,64} */
bool		 tool_name_is_valid(struct bytes);
const char	*tool_type_name(enum tool_type);
/* What a parser quotes may be half a character: a copy, fit to be shown. */
char		*tool_plain(const char *);

/*
 * A new string parameter at the end. flag empty: --name in kebab-case. NULL:
 * its name, flag or variable is taken. It stays in place until the next is
 * added.
 */
struct tool_param *tool_add_param(struct tool *, struct bytes name,
		    struct bytes flag);
const struct tool_param *tool_find_param(const struct tool *, const char *name);
void		 tool_add_choice(struct tool_param *, struct bytes);
void		 tool_warn(struct tool *, unsigned line, const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
void		 tool_note_fini(struct tool_note *);

/* Makes the JSON schema from the parameters; afterwards nothing is added. */
void		 tool_render(struct tool *);

/* The item for `sigbox tools --json`. */
void		 tool_json(const struct tool *, struct buf *);
/* The item of a model request: {"type":"function","function":{...}}. */
void		 tool_request(const struct tool *, struct buf *);

#endif
