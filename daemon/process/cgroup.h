/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup.h - a control group (version 2) for each worker, where ours is delegated to us.
 *
 * In it the kernel limits all memory of a worker, where RLIMIT_DATA counts only its own data, and
 * its number of threads; and it reports why it killed a worker. This is a second barrier, behind
 * the sandbox. Where no group can be had (the unit does not delegate, the hierarchy is of version
 * 1, or a container cannot write it), these functions do nothing.
 *
 * One for the process. start and stop: main thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Moves us into a group `daemon` below ours, since the kernel wants no process in a group that has
 * limited groups below it. Call it before the first worker. `root` is "", or a directory that
 * stands for / in a test. */
void cgroup_start(const char *root);

/* Moves us back; after the last worker has ended. */
void cgroup_stop(void);

/* What the group of each worker limits: "memory and threads"; NULL where workers have none. */
const char *cgroup_limits(void);

/* The group of one worker at a time, used by one thread. */
typedef struct CgroupLeaf CgroupLeaf;

CgroupLeaf *cgroup_leaf_new(void);
void cgroup_leaf_free(CgroupLeaf *leaf); /* which must be empty */

/* Puts a process in, with the memory that it takes to start. */
void cgroup_leaf_add(CgroupLeaf *leaf, pid_t pid);

/* Limits the memory of the process to so many bytes of data, and what the kernel counts besides. */
void cgroup_leaf_set_memory(CgroupLeaf *leaf, int64_t bytes);

/* Why the kernel killed the process that was put in last, as the text after "killed: ", newly
 * allocated; NULL where memory was not the reason, or that is not known. *outgrew: it wanted more
 * than its limit; else the service or the machine had no more. */
char *cgroup_leaf_kill_reason(const CgroupLeaf *leaf, bool *outgrew);
