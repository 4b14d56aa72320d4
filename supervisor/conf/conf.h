/*
 * The configuration as values, made from conf.def: a struct for each section,
 * so that conf.tasks.grace is `grace` in [tasks]. Pure: texts in, values or
 * words out; conf_load() alone, in conf_load.c, touches files. Times are in
 * microseconds, sizes in bytes. A conf owns all that it points to.
 */
#ifndef CONF_H
#define CONF_H

#include <stdint.h>

#include "bytes.h"
#include "log.h"

#define CONF_UNSAID	UINT64_MAX	/* a number that nobody gave */

struct conf_list {
	char	**items;
	size_t	 nitems;
};

typedef char *conf_WORD, *conf_TEXT, *conf_URL, *conf_PATH;
typedef uint64_t conf_COUNT, conf_TIME, conf_SIZE;
typedef bool conf_BOOL;
typedef struct conf_list conf_LIST, conf_PATHS, conf_PLACES;

#define SECTION(section)	struct conf_##section {
#define KEY(section, key, TYPE, fallback, words)	conf_##TYPE key;
#define END(section)		};
#include "conf.def"
#undef SECTION
#undef KEY
#undef END

struct conf_named_tool {
	char			*name;
	struct conf_tool	 said;
};

struct conf_named_room {
	char			*name;
	struct conf_room	 said;
};

struct conf {
	struct conf_model	 model;
	struct conf_session	 session;
	struct conf_tasks	 tasks;
	struct conf_sandbox	 sandbox;
	struct conf_log		 log;
	struct conf_named_tool	*tools;		/* each [tool NAME] */
	size_t			 ntools;
	struct conf_named_room	*rooms;		/* each [session NAME] */
	size_t			 nrooms;
	char			*key;		/* from the environment, or NULL */
	char			*notice;	/* for the log, or NULL */
};

/* What the environment says of a model; strings are NULL where it is silent. */
struct conf_env {
	char	*base_url;
	char	*model;
	char	*key;
	bool	 anthropic;		/* there is a key for that one */
};

void	 conf_init(struct conf *);	/* the fallbacks */
void	 conf_fini(struct conf *);	/* wipes the key */

/*
 * Adds what the text says; later texts win. -1: *why is `file:line: what`,
 * the caller's to free, and the conf is only good for conf_fini().
 */
int	 conf_parse(struct conf *, const char *file, struct bytes text,
	    char **why);
/*
 * What no single line can tell. If no file named a provider: openai where a
 * file or the environment has a base_url or a key, else builtin; and the
 * environment fills in what openai lacks. Afterwards provider is never NULL,
 * and openai has a base_url and a model. -1 as above.
 */
int	 conf_settle(struct conf *, const struct conf_env *, char **why);
enum log_level conf_level(const struct conf *);
/* What is said of a tool, or of a session; never NULL. */
const struct conf_tool *conf_tool(const struct conf *, const char *name);
const struct conf_room *conf_room(const struct conf *, const char *session);

/*
 * In conf_load.c. Takes OPENAI_* and ANTHROPIC_API_KEY out of the environment
 * and wipes the keys there (M4). Once, early; the conf_env outlives reloads.
 */
void	 conf_env_take(struct conf_env *);
void	 conf_env_fini(struct conf_env *);
/*
 * A file (it must be there, and is all), or NULL: sigbox.conf and then
 * conf.d/ *.conf in byte order, of $XDG_CONFIG_HOME/sigbox (~/.config) if it
 * has any of them, else of /etc/sigbox. Then the credential, conf_settle() and
 * system_file, whose text becomes session.system. *conf (zeroed at first) is
 * replaced only by a good one; -1: it is untouched, and *why is words, the
 * caller's to free.
 */
int	 conf_load(struct conf *, const char *file, const struct conf_env *,
	    char **why);

#endif
