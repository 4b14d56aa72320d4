/*
 * What the second wall forbids, and each time that the same thing is possible
 * without it. Landlock asks before a folder's emptiness and mode.
 */
#include "landlock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "place.h"
#include "try.h"
#include "xalloc.h"

#define FORBIDDEN(name)	place_expect(&p, #name, try_##name, EACCES)
#define ALLOWED(name)	place_expect_allowed(&p, #name, try_##name)
#define IS(name, why)	place_expect(&p, #name, try_##name, (why))

Test(landlock, nothing_outside_is_read)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	FORBIDDEN(read_outside);
	FORBIDDEN(read_by_dots);
	FORBIDDEN(read_by_link);
	FORBIDDEN(list_outside);
	FORBIDDEN(run_outside);
	FORBIDDEN(read_environ);
	place_fini(&p);
}

Test(landlock, nothing_outside_is_changed)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	FORBIDDEN(append_outside);
	FORBIDDEN(truncate_open_outside);
	FORBIDDEN(make_outside);
	FORBIDDEN(unlink_outside);
	FORBIDDEN(mkdir_outside);
	FORBIDDEN(rmdir_outside);
	FORBIDDEN(write_by_link);
	FORBIDDEN(rename_out);
	IS(link_in, EXDEV);
	FORBIDDEN(make_in_tools);
	FORBIDDEN(make_in_tmp_of_host);
	place_fini(&p);
}

Test(landlock, what_is_the_tools_own_is_its_own)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	ALLOWED(read_own);
	ALLOWED(write_own);
	ALLOWED(truncate_own);
	ALLOWED(make_all_kinds);
	ALLOWED(make_in_rw);
	ALLOWED(make_in_tmp);
	ALLOWED(run_tool);
	place_fini(&p);
}

Test(landlock, of_the_host_programs_are_seen_and_people_are_not)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	ALLOWED(run_of_host);
	ALLOWED(read_passwd);
	ALLOWED(read_hostname);
	ALLOWED(read_cpuinfo);
	ALLOWED(list_var_lib);
	FORBIDDEN(list_home);
	FORBIDDEN(list_run);
	FORBIDDEN(list_sys);
	FORBIDDEN(list_tmp);
	FORBIDDEN(list_root);
	place_fini(&p);
}

Test(landlock, a_few_devices_and_no_more)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	ALLOWED(use_devices);
	ALLOWED(list_dev);
	FORBIDDEN(open_ptmx);
	FORBIDDEN(make_in_shm);
	place_fini(&p);
}

Test(landlock, read_only_is_that)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	p.policy.profile = PROFILE_READ_ONLY;
	ALLOWED(read_own);
	ALLOWED(read_sub);
	FORBIDDEN(write_own);
	FORBIDDEN(make_all_kinds);
	ALLOWED(make_in_tmp);
	ALLOWED(make_in_rw);
	place_fini(&p);
}

Test(landlock, scratch_has_programs_and_an_empty_folder)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	p.policy.profile = PROFILE_SCRATCH;
	ALLOWED(run_of_host);
	ALLOWED(read_passwd);
	ALLOWED(use_devices);
	ALLOWED(run_tool);
	ALLOWED(make_in_tmp);
	FORBIDDEN(read_hostname);
	FORBIDDEN(read_cpuinfo);
	FORBIDDEN(list_var_lib);
	FORBIDDEN(read_own);
	place_fini(&p);
}

Test(landlock, none_has_no_walls)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	p.policy.profile = PROFILE_NONE;
	ALLOWED(read_outside);
	ALLOWED(make_outside);
	place_fini(&p);
}

Test(landlock, what_is_hidden_leaves_what_is_beside_it)
{
	char hostname[] = "/etc/hostname", absent[] = "/usr/not/there";
	char *none[] = { NULL }, *hide[] = { hostname, absent, NULL, NULL };
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	hide[2] = xstrdup(place_path(&p, "work/sub"));
	p.policy.hide = none;
	p.policy.profile = PROFILE_READ_ONLY;
	ALLOWED(read_hostname);
	ALLOWED(read_sub);
	p.policy.hide = hide;
	FORBIDDEN(read_hostname);
	FORBIDDEN(read_sub);
	ALLOWED(read_passwd);
	ALLOWED(read_own);
	ALLOWED(run_of_host);
	free(hide[2]);
	place_fini(&p);
}

Test(landlock, it_refuses_what_it_could_not_hold)
{
	char *hide[] = { NULL, NULL };
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	p.policy.hide = hide;
	hide[0] = xstrdup(place_path(&p, "work/sub"));
	place_expect_refused(&p, "hidden path in the working folder", EPERM);
	free(hide[0]);
	hide[0] = xstrdup(place_path(&p, "rw/below"));
	place_expect_refused(&p, "Landlock of what rw= names", EPERM);
	free(hide[0]);
	hide[0] = NULL;
	p.policy.landlock = 0;
	place_expect_refused(&p, "Landlock", ENOSYS);
	place_fini(&p);
}

static void
expect_path_refused(struct place *p, char **path, const char *below,
    const char *step, int why)
{
	char *was = *path;

	*path = xstrdup(place_path(p, below));
	place_expect_refused(p, step, why);
	free(*path);
	*path = was;
}

Test(landlock, what_the_policy_names_is_there_and_is_what_it_was)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	expect_path_refused(&p, &p.policy.cwd, "rw",
	    "Landlock of the working folder", ESTALE);
	expect_path_refused(&p, &p.policy.tools, "gone",
	    "Landlock of the tools", ENOENT);
	expect_path_refused(&p, &p.policy.tmp, "gone",
	    "Landlock of the temporary folder", ENOENT);
	expect_path_refused(&p, &p.policy.rw[0], "gone",
	    "Landlock of what rw= names", ENOENT);
	expect_path_refused(&p, &p.policy.rw[0], "work/link/x",
	    "Landlock of what rw= names", ENOTDIR);
	place_fini(&p);
}

Test(landlock, tcp_is_shut_unless_the_network_is_the_hosts)
{
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	if (landlock_abi() >= 4) {
		FORBIDDEN(connect_tcp);
		FORBIDDEN(bind_tcp);
	}
	p.policy.net = true;
	ALLOWED(connect_tcp);
	ALLOWED(bind_tcp);
	place_fini(&p);
}

/* A right that the ABI does not know is left to the other walls. */
Test(landlock, each_abi_holds_what_it_can)
{
	char ptmx[] = "/dev/ptmx", *rw[] = { ptmx, NULL };
	struct place p;
	unsigned abi;
	char **was;

	place_init(&p, TIER_LANDLOCK, NULL);
	for (abi = 1; abi <= landlock_abi(); abi++) {
		p.policy.landlock = abi;
		FORBIDDEN(read_outside);
		FORBIDDEN(append_outside);
		ALLOWED(make_all_kinds);
		IS(rename_across, abi >= 2 ? 0 : EXDEV);
		IS(truncate_outside, abi >= 3 ? EACCES : 0);
		IS(connect_tcp, abi >= 4 ? EACCES : 0);
		IS(bind_tcp, abi >= 4 ? EACCES : 0);
		IS(connect_abstract, abi >= 6 ? EPERM : 0);
		IS(signal_other, abi >= 6 ? EPERM : 0);
		was = p.policy.rw;
		p.policy.rw = rw;
		IS(ask_ptmx, abi >= 5 ? EACCES : 0);
		p.policy.rw = was;
	}
	/* A newer one has no more rights that we know. */
	if (landlock_abi() >= 6) {
		p.policy.landlock = 1000;
		FORBIDDEN(read_outside);
	}
	place_fini(&p);
}

Test(landlock, no_descriptor_stays_open)
{
	char absent[] = "/usr/share/doc/x", *hide[] = { absent, NULL };
	struct place p;

	place_init(&p, TIER_LANDLOCK, NULL);
	p.policy.hide = hide;
	ALLOWED(keep_descriptors);
	place_fini(&p);
}

static int
add_node(const char *root, const char *name)
{
	char *to = xasprintf("%s/tmp/%s", root, name);
	char *from = xasprintf("/dev/%s", name);
	int fd = open(to, O_CREAT | O_RDWR | O_CLOEXEC, 0666), r;

	r = fd == -1 ? -1 : fchmod(fd, 0666);
	fd_close(&fd);
	if (r == 0 && strcmp(name, "walled") != 0)
		r = mount(from, to, NULL, MS_BIND, NULL);
	free(to);
	free(from);
	return r;
}

/* The tree at /mnt, and a /dev such as the mounts make one. */
static int
enter_view(const struct place *p)
{
	static const char *const nodes[] = {
		"null", "zero", "full", "random", "urandom", "walled"
	};
	char *dev = xasprintf("%s/tmp", p->root);
	char *shm = xasprintf("%s/tmp/shm", p->root);
	size_t i;
	int r = 0;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == -1 ||
	    mount(p->root, "/mnt", NULL, MS_BIND, NULL) == -1 ||
	    mount("tmpfs", dev, "tmpfs", 0, "mode=755") == -1 ||
	    mkdir(shm, 0755) == -1 || chmod(shm, 01777) == -1)
		r = -1;
	for (i = 0; r == 0 && i < sizeof(nodes) / sizeof(nodes[0]); i++)
		r = add_node(p->root, nodes[i]);
	if (r == 0)
		r = mount(dev, "/dev", NULL, MS_BIND | MS_REC, NULL);
	free(dev);
	free(shm);
	return r;
}

static void
view_init(struct place *p)
{
	if (getuid() != 0)
		cr_skip_test("it takes root to mount what nobody is to see");
	place_init(p, TIER_FULL, "/mnt");
	p->view = enter_view;
}

Test(landlock, in_tier_full_all_that_is_mounted_is_read_but_the_canary)
{
	struct place p;

	view_init(&p);
	ALLOWED(read_outside);
	ALLOWED(run_outside);
	ALLOWED(list_root);
	ALLOWED(list_home);
	ALLOWED(read_cpuinfo);
	ALLOWED(use_devices);
	ALLOWED(list_dev);
	FORBIDDEN(read_walled);
	FORBIDDEN(write_walled);
	FORBIDDEN(read_environ);
	place_fini(&p);
}

Test(landlock, in_tier_full_only_what_is_private_is_written)
{
	struct place p;

	view_init(&p);
	ALLOWED(make_all_kinds);
	ALLOWED(make_in_rw);
	ALLOWED(make_in_tmp);
	ALLOWED(make_in_tmp_of_host);
	ALLOWED(make_in_shm);
	FORBIDDEN(make_outside);
	FORBIDDEN(append_outside);
	FORBIDDEN(unlink_outside);
	FORBIDDEN(rename_out);
	ALLOWED(keep_descriptors);
	p.policy.profile = PROFILE_READ_ONLY;
	FORBIDDEN(write_own);
	p.policy.profile = PROFILE_SCRATCH;
	FORBIDDEN(write_own);
	ALLOWED(make_in_tmp);
	place_fini(&p);
}

Test(landlock, in_tier_full_mounts_may_stand_alone)
{
	struct place p;

	view_init(&p);
	p.policy.landlock = 0;
	ALLOWED(read_walled);
	place_fini(&p);
}
