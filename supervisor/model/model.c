#include "model.h"

#include <sys/queue.h>

#include <stdlib.h>

#include "ask.h"
#include "http.h"
#include "key.h"
#include "loop.h"
#include "request.h"
#include "xalloc.h"

#define SECOND		UINT64_C(1000000)
#define CONNECT_US	(10 * SECOND)
#define FIRST_BYTE_US	(600 * SECOND)
#define STALL_US	(120 * SECOND)
#define RETRIES		2

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static void
copy_conf(struct model *m, const struct model_conf *conf)
{
	m->conf = *conf;
	m->name = xstrdup(conf->name == NULL ? "builtin" : conf->name);
	m->key_file = copy(conf->key_file);
	m->conf.name = m->name;
	m->conf.key_file = m->key_file;
	m->conf.key = NULL;
	m->conf.base_url = NULL;
	if (conf->retries == 0)
		m->conf.retries = RETRIES;
	if (conf->retries == MODEL_RETRIES_NONE)
		m->conf.retries = 0;
}

static uint64_t
or_default(uint64_t us, uint64_t otherwise)
{
	return us == 0 ? otherwise : us;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* unix:/SOCKET or unix:/SOCKET:/PATH */
static void
set_socket(struct model *m, const char *s)
{
	const char *colon = strchr(s, ':');

	m->socket = xmemdup(s, colon == NULL ? strlen(s) :
	    (size_t)(colon - s));
	m->url = xasprintf("http://localhost%s/chat/completions",
	    colon == NULL ? "/v1" : colon + 1);
}

static bool
set_url(struct model *m, const char *base, char **why)
{
	size_t len;

	if (base != NULL && begins(base, "unix:/")) {
		set_socket(m, base + strlen("unix:"));
		return true;
	}
	if (base == NULL ||
	    (!begins(base, "http://") && !begins(base, "https://"))) {
		*why = xasprintf("base_url: %s is neither http:// nor "
		    "https:// nor unix:/", base == NULL ? "nothing" : base);
		return false;
	}
	for (len = strlen(base); len > 0 && base[len - 1] == '/'; len--)
		;
	m->url = xasprintf("%.*s/chat/completions", (int)len, base);
	return true;
}

static bool
set_openai(struct model *m, const struct model_conf *conf, char **why)
{
	struct http_limits limits = {
		or_default(conf->connect_us, CONNECT_US),
		or_default(conf->first_byte_us, FIRST_BYTE_US),
		or_default(conf->stall_us, STALL_US)
	};

	if (conf->name == NULL || *conf->name == '\0') {
		*why = xstrdup("model: no name is set");
		return false;
	}
	if (!set_url(m, conf->base_url, why))
		return false;
	if ((conf->key_file != NULL || conf->key != NULL) && (m->key =
	    key_new(conf->key_file, conf->key, why)) == NULL)
		return false;
	if ((m->http = http_new(m->loop, &limits)) == NULL) {
		*why = xstrdup("libcurl cannot start");
		return false;
	}
	return true;
}

struct model *
model_new(struct loop *loop, const struct model_conf *conf, char **why)
{
	struct model *m = xcalloc(1, sizeof(*m));

	m->loop = loop;
	TAILQ_INIT(&m->asks);
	copy_conf(m, conf);
	switch (conf->provider) {
	case MODEL_BUILTIN:
		m->label = xstrdup("builtin");
		return m;
	case MODEL_OPENAI:
		m->label = xasprintf("openai:%s", m->name);
		if (set_openai(m, conf, why))
			return m;
		break;
	}
	model_free(m);
	return NULL;
}

void
model_free(struct model *m)
{
	struct ask *a;

	if (m == NULL)
		return;
	while ((a = TAILQ_FIRST(&m->asks)) != NULL)
		model_cut(a);
	http_free(m->http);
	key_free(m->key);
	free(m->label);
	free(m->name);
	free(m->key_file);
	free(m->url);
	free(m->socket);
	free(m);
}

const char *
model_name(const struct model *m)
{
	return m->label;
}

void
model_render(const struct model *m, const struct model_request *r,
    struct buf *out)
{
	struct buf request = { 0 };

	request_render(&request, &m->conf, r);
	buf_add_bytes(out, buf_bytes(&request));
	buf_fini(&request);
}
