/*
 * One provider interface, several providers (M1). An ask is one model
 * request: it is sent, tried again as the vendors' clients do (as long as
 * nothing was shown), streamed, and ends with exactly one of done and failed,
 * unless it was cut. It never calls back from within model_ask() or
 * model_cut(), and inside a callback all of this may be called.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdint.h>

#include "bytes.h"

struct ask;
struct buf;
struct loop;
struct model;

enum model_provider { MODEL_BUILTIN, MODEL_OPENAI };

#define MODEL_RETRIES_NONE	UINT32_MAX

/* All of it is copied. */
struct model_conf {
	enum model_provider	 provider;
	/* http://, https://, or unix:/SOCKET[:/PATH], where PATH is /v1 */
	const char		*base_url;
	const char		*name;		/* the model's */
	const char		*key_file;	/* NULL: none */
	const char		*key;		/* itself; NULL: none */
	/* What a server allows beyond the strictest, T0. */
	bool			 tool_then_user; /* with nothing in between */
	bool			 separate_users; /* neighbours of role user */
	bool			 developer_role; /* for system */
	bool			 stream_options; /* asks for the usage */
	/* How long nothing may happen; 0: 10 s, 10 min, 2 min. */
	uint64_t		 connect_us, first_byte_us, stall_us;
	unsigned		 retries;	/* 0: 2 */
};

/*
 * What the model is to answer. items are rendered messages, each one JSON
 * object text ({"role":"user","content":"..."} and so on, in transcript order);
 * all of it is copied before model_ask() returns.
 */
struct model_request {
	struct bytes		 system;	/* plain text; empty: none */
	const struct bytes	*items;
	size_t			 nitems;
	/* A JSON array of {"type":"function",..}; empty: none. */
	struct bytes		 tools;
	const char		*model;		/* NULL: the configured one */
};

struct model_call {
	struct bytes	id;		/* never empty, unique in this answer */
	struct bytes	name;
	struct bytes	arguments;	/* always the text of a JSON object */
	struct bytes	bad;		/* what came instead, if it was none */
};

enum model_why {
	MODEL_WHY_NETWORK,	/* no connection, cut stream, stall */
	MODEL_WHY_DENIED,	/* 401, 403 */
	MODEL_WHY_QUOTA,	/* money */
	MODEL_WHY_CONTEXT,	/* the transcript is too long */
	MODEL_WHY_LIMITED,	/* longer than one waits for in a turn */
	MODEL_WHY_REFUSED,	/* any other 4xx */
	MODEL_WHY_SERVER,	/* 5xx, an error inside the stream */
	MODEL_WHY_NONSENSE	/* HTML, broken JSON, an endless line */
};

/* All tries together. */
struct model_usage {
	uint64_t	 input, cached, output;	/* tokens; 0: not told */
	bool		 cut_off;	/* at the limit of its length */
};

struct model_failure {
	enum model_why	 kind;
	struct bytes	 why;		/* valid UTF-8, at most 600 bytes */
	uint64_t	 retry_after_us; /* the server's wish, or 0 */
	struct model_usage usage;
};

struct model_ops {
	/*
	 * The last byte of the request left, or (builtin) it was read; once,
	 * however often it is tried.
	 */
	void	(*sent)(void *arg);
	/* To be shown: whole characters, no controls but TAB and LF. */
	void	(*text)(void *arg, struct bytes);
	void	(*thought)(void *arg, struct bytes);
	/* Complete; calls come last, right before done. */
	void	(*call)(void *arg, const struct model_call *);
	void	(*retry)(void *arg, uint64_t wait_us, struct bytes why);
	void	(*done)(void *arg, const struct model_usage *);
	void	(*failed)(void *arg, const struct model_failure *);
};

/* NULL: *why is words for the administrator, the caller's to free. */
struct model	*model_new(struct loop *, const struct model_conf *,
		    char **why);
/* Cuts what is open, in silence. */
void		 model_free(struct model *);
/* "openai:gpt-x", "builtin" */
const char	*model_name(const struct model *);

struct ask	*model_ask(struct model *, const struct model_request *,
		    const struct model_ops *, void *arg);
/* At once and in silence; after done or failed the ask is gone by itself. */
void		 model_cut(struct ask *);
/* What the server has told so far, before a cut. */
void		 model_used(const struct ask *, struct model_usage *);

/* Adds the exact bytes that model_ask() would send. */
void		 model_render(const struct model *,
		    const struct model_request *, struct buf *);

#endif
