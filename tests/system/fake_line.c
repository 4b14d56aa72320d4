#include "fake_line.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "check_request.h"
#include "fake_answer.h"
#include "fake_book.h"
#include "fake_script.h"

#define HEAD_MAX	65536

struct line *
line_new(int fd, struct book *book, const char *key)
{
	struct line *l = calloc(1, sizeof(*l));

	if (l == NULL)
		abort();
	l->fd = fd;
	l->book = book;
	l->key = key;
	return l;
}

void
line_free(struct line *l)
{
	if (l->answer != NULL && l->request > 0)
		book_cut(l->book, l->request);
	answer_free(l->answer);
	close(l->fd);
	free(l->in);
	free(l);
}

static const struct step *
now_at(const struct line *l)
{
	if (l->answer == NULL || l->step == l->answer->n)
		return NULL;
	return &l->answer->steps[l->step];
}

short
line_events(const struct line *l)
{
	const struct step *s = now_at(l);

	return s != NULL && s->kind == STEP_BYTES ? POLLIN | POLLOUT : POLLIN;
}

static bool
fill(struct line *l)
{
	ssize_t n;

	if (l->size - l->nin < HEAD_MAX) {
		l->size = l->size * 2 + 2 * HEAD_MAX;
		if ((l->in = realloc(l->in, l->size + 1)) == NULL)
			abort();
	}
	n = read(l->fd, l->in + l->nin, l->size - l->nin);
	if (n <= 0)
		return n == -1 && (errno == EAGAIN || errno == EINTR);
	if (l->nin == 0)
		l->first_us = book_now();
	l->nin += (size_t)n;
	l->in[l->nin] = '\0';
	return true;
}

/* The value of a header in the head, which ends in a NUL; or NULL. */
static const char *
header(const char *head, const char *name)
{
	size_t n = strlen(name);
	const char *at;

	for (at = strstr(head, "\r\n"); at != NULL; at = strstr(at, "\r\n")) {
		at += 2;
		if (strncasecmp(at, name, n) == 0 && at[n] == ':')
			return at + n + 1 + strspn(at + n + 1, " ");
	}
	return NULL;
}

static bool
starts(const char *value, const char *with)
{
	return value != NULL && strncmp(value, with, strlen(with)) == 0;
}

static char *
refuse_head(const struct line *l, const char *head)
{
	const char *key = header(head, "Authorization");

	if (!starts(head, "POST /v1/chat/completions HTTP/1.1\r\n"))
		return strdup("not a POST to /v1/chat/completions");
	if (!starts(header(head, "Content-Type"), "application/json"))
		return strdup("the content's type is not application/json");
	if (!starts(key, "Bearer ") || !starts(key + 7, l->key))
		return strdup("the key is missing or another");
	if (header(head, "Expect") != NULL)
		return strdup("it waits for 100-continue");
	return NULL;
}

static uint32_t
hash(struct body b)
{
	uint32_t h = 2166136261U;
	size_t i;

	for (i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.data[i]) * 16777619U;
	return h;
}

static struct answer *
answer_of(struct line *l, struct script *s, struct body body)
{
	if (s->once && !book_is_first(l->book, s->user))
		script_heal(s);
	if (s->context > 0)
		book_set_limit(l->book, s->context);
	if (book_limit(l->book) > 0 && body.len > book_limit(l->book))
		return answer_error(400, NULL,
		    "this model's maximum context is less than that");
	if (s->status > 0 && !s->html)
		return answer_error((unsigned)s->status, s->retry_after,
		    "the fake model was told to fail");
	return answer_make(s, hash(body));
}

static void
take_request(struct line *l, const char *head, struct body body)
{
	json_t *request = json_loadb(body.data, body.len, JSON_ALLOW_NUL |
	    JSON_DECODE_INT_AS_REAL, NULL);
	struct script *s = script_read(request);
	char *why = refuse_head(l, head);

	if (why == NULL)
		why = check_request(body);
	l->request = book_add(l->book, body, l->first_us, s, why);
	if (why != NULL)
		l->answer = answer_error(400, NULL, why);
	else
		l->answer = answer_of(l, s, body);
	l->step = l->sent = 0;
	l->due = 0;
	free(why);
	script_free(s);
	json_decref(request);
}

/* Starts an answer if a whole request is there. */
static void
take(struct line *l)
{
	struct body body;
	const char *length;
	size_t used;
	char *end;

	if (l->nin == 0 || (end = strstr(l->in, "\r\n\r\n")) == NULL)
		return;
	end[2] = '\0';
	length = header(l->in, "Content-Length");
	body.data = end + 4;
	body.len = length == NULL ? 0 : strtoul(length, NULL, 10);
	end[2] = '\r';
	used = (size_t)(body.data - l->in) + body.len;
	if (l->nin < used)
		return;
	end[2] = '\0';
	take_request(l, l->in, body);
	memmove(l->in, l->in + used, l->nin - used);
	l->nin -= used;
}

enum went { WENT_ON, WENT_NOWHERE, WENT_AWAY };

static enum went
send_bytes(struct line *l, const struct step *s)
{
	ssize_t n = write(l->fd, s->data + l->sent, s->len - l->sent);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? WENT_NOWHERE :
		    WENT_AWAY;
	l->sent += (size_t)n;
	if (l->sent < s->len)
		return WENT_NOWHERE;
	l->sent = 0;
	return WENT_ON;
}

static bool
wait_out(struct line *l, const struct step *s)
{
	uint64_t now = book_now();

	if (l->due == 0)
		l->due = now + s->ms * 1000;
	if (now < l->due)
		return false;
	l->due = 0;
	return true;
}

static bool
wait_name(struct line *l, const struct step *s)
{
	book_hold(l->book, s->data);
	return book_is_released(l->book, s->data);
}

static enum went
play(struct line *l, short revents)
{
	const struct step *s = now_at(l);

	if (s == NULL)
		return WENT_NOWHERE;
	switch (s->kind) {
	case STEP_BYTES:
		return (revents & POLLOUT) == 0 ? WENT_NOWHERE :
		    send_bytes(l, s);
	case STEP_PAUSE:
		return wait_out(l, s) ? WENT_ON : WENT_NOWHERE;
	case STEP_HOLD:
		return wait_name(l, s) ? WENT_ON : WENT_NOWHERE;
	case STEP_CLOSE:
		l->request = 0;		/* we cut it, not the client */
		break;
	}
	return WENT_AWAY;
}

bool
line_go(struct line *l, short revents)
{
	enum went went;

	if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !fill(l))
		return false;
	if (l->answer == NULL)
		take(l);
	while ((went = play(l, revents)) == WENT_ON)
		l->step++;
	if (l->answer != NULL && l->step == l->answer->n) {
		answer_free(l->answer);
		l->answer = NULL;
		l->request = 0;
	}
	return went != WENT_AWAY;
}
