/*
 * A model, a server for it to ask, and a log of what the owner of its asks
 * was told. One of each, for one test.
 */
#ifndef RIG_H
#define RIG_H

#include "loop.h"
#include "model.h"
#include "server.h"

extern struct rig {
	struct loop		*loop;
	struct server		*server;
	char			*base_url;
	struct model_conf	 conf;
	struct model		*model;
	struct ask		*ask;		/* the last one */
	struct buf		 log;
	size_t			 nended;
	uint64_t		 retry_after_us;
	struct model_usage	 usage;		/* as it ended */
	bool			(*until)(void);
	void			(*at_text)(void);
} rig;

extern const struct model_ops	rig_ops;

void	rig_set_up(void);
void	rig_tear_down(void);
struct model *rig_model(void);
void	rig_ask(const char *text);
void	rig_run(bool (*until)(void));
/* What one may run until. */
bool	rig_has_ended(void);
bool	rig_two_have_ended(void);
bool	rig_is_streaming(void);
bool	rig_peer_has_left(void);

/* What a server may say when it is asked. */
void	rig_answer_hi(void *, struct server_peer *);
void	rig_fall_silent(void *, struct server_peer *);	/* after a "hi" */

#define expect_log(text) \
	cr_expect_str_eq(rig.log.data, text, "%s", rig.log.data)
#define expect_in_log(text) \
	cr_expect_not_null(strstr(rig.log.data, text), "%s", rig.log.data)

#endif
