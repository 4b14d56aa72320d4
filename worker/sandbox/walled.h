/* By what the self-check knows the walls. */
#ifndef WALLED_H
#define WALLED_H

/* What hides a folder is a tmpfs of this size, in bytes: so it is known again. */
#define COVER_SIZE	(1U << 20)

/*
 * A file of ours that the mounts show and Landlock forbids: who can open it has
 * no second wall.
 */
#define WALLED_NAME	"walled"
#define WALLED_FILE	"/dev/" WALLED_NAME

#endif
