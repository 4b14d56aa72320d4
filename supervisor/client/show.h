/*
 * What a verb prints, from one description: with --json each object as it
 * came, without it columns or a list of keys. Text of others goes through here
 * too: raw into a pipe, clean onto a terminal (T8).
 */
#ifndef SHOW_H
#define SHOW_H

#include "value.h"

struct show_column {
	const char	*key;		/* NULL ends a table */
	const char	*heading;
	enum value_as	 as;
};

/* Columns are aligned when all rows are known: they are printed at the end. */
struct show {
	const struct show_column *columns;	/* NULL: a list of keys */
	bool			 json;
	char			**cells;	/* row after row */
	size_t			 ncells;
	size_t			 nrows;
};

extern const struct show_column show_tasks[], show_approvals[];

void	 show_init(struct show *, const struct show_column *, bool json);
void	 show_item(struct show *, struct bytes json);
void	 show_object(struct show *, const json_t *);	/* never as JSON */
/* Prints the columns and frees them. */
void	 show_end(struct show *);

/* A task in a line: t7 bench: exited 0, 12 s. Adds. */
void	 show_task(struct buf *, const json_t *task);
/* A request for consent: a5 wipe (t7): approved by uid 0: why. Adds. */
void	 show_approval(struct buf *, const json_t *approval);

bool	 show_is_terminal(void);	/* stdout */
bool	 show_has_colour(void);
void	 show_bytes(struct bytes);	/* to stdout, as they are */
void	 show_line(struct bytes);	/* the same, as a line */
void	 show_text(struct bytes);	/* to stdout, clean on a terminal */
void	 show_to(int fd, struct bytes);	/* 1 or 2, clean on a terminal */
void	 show_end_line(void);		/* of stdout, if it is in one */
void	 show_at_start(void);		/* it is in none, by other means */
/* Whatever was shown is out, or the program ends: in silence, or in words. */
void	 show_flush(void);

/* sigbox: ..., to stderr, cleaned. */
void	 show_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
