/*
 * One provider interface, several providers (M1). An ask is one model
 * request: it is sent, retried as the vendors' clients do (before anything
 * was shown), streamed, and ends with exactly one of done and failed, unless it was
 * cut. It never calls back from within model_ask() or model_cut().
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdint.h>

#include "bytes.h"

struct loop;
struct model;
struct ask;

enum model_provider { MODEL_BUILTIN, MODEL_OPENAI };

#define MODEL_RETRIES_NONE	UINT32_MAX

struct model_conf {
	enum model_provider	 provider;
	const char		*base_url;	/* or unix:/SOCKET[:/PATH], PATH /v1 if none */
	const char		*name;		/* the model's */
	const char		*key_file;	/* NULL: none */
	const char		*key;		/* from the environment; NULL: none; copied */
	bool			 tool_then_user; /* WIRE.md 3.2: relaxations of T0 */
	bool			 separate_users;
	bool			 developer_role;
	bool			 stream_options;
	uint64_t		 connect_us, first_byte_us, stall_us; /* 0: default */
	unsigned		 retries;	/* 0: default, 2 */
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
	struct bytes		 tools;		/* a JSON array of {"type":"function",..}; empty: none */
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
	MODEL_WHY_LIMITED,	/* rate limit beyond what one waits for in a turn */
	MODEL_WHY_REFUSED,	/* any other 4xx */
	MODEL_WHY_SERVER,	/* 5xx, an error inside the stream */
	MODEL_WHY_NONSENSE	/* HTML, broken JSON, an endless line */
};

struct model_failure {
	enum model_why	 kind;
	struct bytes	 why;		/* for people: valid UTF-8, at most 600 bytes */
	uint64_t	 retry_after_us; /* what the server asked for, if it did */
};

struct model_usage {
	uint64_t	 input, cached, output;	/* tokens; 0: not told */
	bool		 cut_off;		/* finish_reason length: it was not finished */
};

struct model_ops {
	/*
	 * The last byte of the request left, or (builtin) it was read; once,
	 * however often it is tried.
	 */
	void	(*sent)(void *arg);
	void	(*text)(void *arg, struct bytes);	/* to be shown; whole characters */
	void	(*thought)(void *arg, struct bytes);
	void	(*call)(void *arg, const struct model_call *);	/* complete */
	void	(*retry)(void *arg, uint64_t wait_us, struct bytes why);
	void	(*done)(void *arg, const struct model_usage *);
	void	(*failed)(void *arg, const struct model_failure *);
};

/* NULL: *why is words for the administrator, the caller's to free. */
struct model	*model_new(struct loop *, const struct model_conf *, char **why);
void		 model_free(struct model *);	/* cuts what is open, in silence */
const char	*model_name(const struct model *);	/* "openai:gpt-x", "builtin" */

struct ask	*model_ask(struct model *, const struct model_request *,
		    const struct model_ops *, void *arg);
/*
 * At once and in silence; after done or failed the ask is gone by itself.
 * Any of the above may be called inside a callback.
 */
void		 model_cut(struct ask *);

/*
 * The exact bytes that model_ask() would send, for `transcript --request`.
 */
struct buf;
void		 model_render(const struct model *, const struct model_request *,
		    struct buf *);

#endif
