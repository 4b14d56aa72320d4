/*
 * What a start costs at least: the libraries of the supervisor, a socket that
 * it was given, one client made welcome.
 */
#include <sys/socket.h>

#include <curl/curl.h>
#include <event2/event.h>
#include <jansson.h>
#include <sqlite3.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "proto.h"
#include "wire.h"

/* A word of each, or the linker leaves it out. */
static int
use_libraries(void)
{
	char word[8];

	return (int)strlcpy(word, "used", sizeof(word)) +
	    sqlite3_libversion_number() + (int)event_get_version_number() +
	    jansson_version_cmp(2, 0, 0) +
	    (curl_easy_strerror(CURLE_OK) == NULL);
}

int
main(void)
{
	struct frame f = { .type = FRAME_WELCOME };
	struct wire w;
	int fd;

	if (use_libraries() == 0 || (fd = accept(3, NULL, NULL)) == -1)
		return EX_OSERR;
	wire_init(&w, FRAME_BY_CLIENT);
	f.welcome.version = PROTO_VERSION;
	f.welcome.pid = (uint64_t)getpid();
	wire_send(&w, &f);
	if (wire_flush(&w, fd) != 1)
		return EX_IOERR;
	pause();
	return 0;
}
