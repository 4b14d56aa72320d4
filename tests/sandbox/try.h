/* What a tool might try: each returns 0, or errno, and undoes what it did. */
#ifndef TRY_H
#define TRY_H

#include "place.h"

#define TRIES(X)							\
	X(read_outside) X(read_by_dots) X(read_by_link) X(list_outside)	\
	X(run_outside) X(append_outside) X(truncate_open_outside)	\
	X(truncate_outside) X(make_outside) X(unlink_outside)		\
	X(mkdir_outside) X(rmdir_outside) X(rename_out) X(link_in)	\
	X(write_by_link) X(read_own) X(write_own) X(truncate_own)	\
	X(read_sub) X(make_all_kinds) X(make_in_rw) X(make_in_tmp)	\
	X(rename_across) X(run_tool) X(make_in_tools)	\
	X(run_of_host) X(read_passwd) X(read_hostname) X(read_cpuinfo)	\
	X(list_root) X(list_dev) X(list_home) X(list_run) X(list_sys)	\
	X(list_tmp) X(list_var_lib) X(make_in_tmp_of_host)		\
	X(use_devices) X(open_ptmx) X(ask_ptmx) X(read_walled)		\
	X(write_walled) X(make_in_shm) X(connect_tcp) X(bind_tcp)	\
	X(connect_abstract) X(signal_other) X(read_environ)		\
	X(keep_descriptors)

#define X(name)	int	try_##name(const struct place *);
TRIES(X)
#undef X

#endif
