/*
 * One parameter as a header declares it, "-j --jobs![1|2] <INT> How many":
 * first what it says, then what that makes of a tool.
 */
#ifndef DECLARE_H
#define DECLARE_H

#include "tool.h"

/* Bytes are of the line; data NULL: not said. */
struct declare {
	struct bytes	 name;
	bool		 dashes;	/* --name; else -n, or an @arg */
	char		 letter;	/* 0: none */
	char		 mod;		/* ! * + or 0 */
	char		 separator;	/* behind * or +, or 0 */
	struct bytes	 fallback;	/* =default */
	struct bytes	 choices;	/* a|b */
	bool		 first;		/* [=a|b]: the first is the default */
	struct bytes	 notation;	/* INT of <INT> */
	struct bytes	 computed;	/* `fn`, which nobody runs */
	struct bytes	 binding;	/* $NAME, which is argc's own affair */
	struct bytes	 text;
	const char	*why;		/* after false, a literal */
};

/* dashed: an option or a flag; else an argument. */
bool			 declare_read(struct declare *, struct bytes line,
			    bool dashed);
/* NULL: d->why. What was said about values is up to the next. */
struct tool_param	*declare_add(struct declare *, struct tool *);
bool			 declare_flag(struct declare *, struct tool_param *);
bool			 declare_value(struct declare *, struct tool_param *);

#endif
