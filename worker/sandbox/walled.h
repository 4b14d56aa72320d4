/*
 * A file of ours that the mounts show and Landlock forbids: who can open it has
 * no second wall.
 */
#ifndef WALLED_H
#define WALLED_H

#define WALLED_NAME	"walled"
#define WALLED_FILE	"/dev/" WALLED_NAME

#endif
