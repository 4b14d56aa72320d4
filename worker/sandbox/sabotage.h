/*
 * In a test build a task with "sabotage-LAYER" in its title goes without that
 * layer, so that the checks have something to find. Nowhere else.
 */
#ifndef SABOTAGE_H
#define SABOTAGE_H

#include <stdbool.h>

#ifdef SABOTAGE
void	sabotage_set(const char *title);
bool	sabotage(const char *layer);
#else
#define sabotage_set(title)	((void)(title))
#define sabotage(layer)		false
#endif

#endif
