#include "sabotage.h"

#include <stdio.h>
#include <string.h>

#define MARK	"sabotage-"

static char	lost[64];

void
sabotage_set(const char *title)
{
	const char *at = strstr(title, MARK);

	if (at != NULL)
		snprintf(lost, sizeof(lost), "%.*s",
		    (int)strcspn(at + strlen(MARK), " "), at + strlen(MARK));
}

bool
sabotage(const char *layer)
{
	return strcmp(lost, layer) == 0;
}
