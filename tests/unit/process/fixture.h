/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fixture.h - a directory that stands for /, in which a service's control group is ours. */
#pragma once

#include <sys/xattr.h>

#include "tests/unit/check.h"

#define CGROUP_SERVICE "sys/fs/cgroup/a/b.service"

/* Delegated to us, who are alone in it, with these controllers ("memory pids"). Newly allocated;
 * check_rmdir() removes it. */
static inline char *fake_cgroup(const char *controllers)
{
    char *root = check_mkdir();
    g_autofree char *group = g_build_filename(root, CGROUP_SERVICE, NULL);
    g_autofree char *pid = g_strdup_printf("%d\n", (int) getpid());

    check_write(root, "proc/self/cgroup", "4:memory:/elsewhere\n0::/a/b.service\n");
    check_write(root, CGROUP_SERVICE "/cgroup.controllers", controllers);
    check_write(root, CGROUP_SERVICE "/cgroup.subtree_control", "");
    check_write(root, CGROUP_SERVICE "/cgroup.procs", pid);
    if (geteuid() == 0) /* not every file system has the one, nor may every root set the other */
        assert_true(setxattr(group, "user.delegate", "1", 1, 0) == 0 ||
                    setxattr(group, "trusted.delegate", "1", 1, 0) == 0);
    return root;
}
