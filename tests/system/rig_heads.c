/*
 * What stands in front of a request for what was compacted (C12). Which
 * session's it is, the journals say, and there each is written once.
 */
#include <stdlib.h>
#include <string.h>

#include "rig.h"

/* The head in what the first user message says, NULL: none. */
static char *
head_in(const char *text)
{
	static const char open[] = "<session-note compaction=\"";
	static const char close[] = "</session-note>";
	const char *end;

	if (text == NULL || strncmp(text, open, strlen(open)) != 0 ||
	    (end = strstr(text, close)) == NULL)
		return NULL;
	return strndup(text, (size_t)(end - text) + strlen(close));
}

char *
rig_head(const json_t *messages)
{
	return head_in(json_string_value(json_object_get(json_array_get(
	    messages, 1), "content")));
}

/* The head that a record keeps is a message as it is sent. */
static bool
is_of_record(const json_t *record, const char *head)
{
	json_t *message;
	char *kept;
	bool same;

	if (strcmp(rig_str(record, "kind"), "compacted") != 0)
		return false;
	message = json_loads(rig_str(record, "message"), 0, NULL);
	kept = head_in(json_string_value(json_object_get(message,
	    "content")));
	same = kept != NULL && strcmp(kept, head) == 0;
	free(kept);
	json_decref(message);
	return same;
}

static bool
is_recorded(const json_t *records, const char *head)
{
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
		if (is_of_record(record, head))
			return true;
	return false;
}

void
rig_check_heads(struct rig *r)
{
	size_t i, n = r->pid == 0 ? 0 : rig_count(r);
	json_t *records = NULL;
	char *head;

	for (i = 1; i <= n; i++) {
		if ((head = rig_head(rig_request(r, i))) == NULL)
			continue;
		if (records == NULL)
			records = rig_lines(rig_ok(r, "events", "-A",
			    "--since", "0", "--json", NULL));
		if (!is_recorded(records, head))
			rig_fail(r, "request %zu begins with what no record "
			    "of a compaction says: %s", i, head);
		free(head);
	}
}
