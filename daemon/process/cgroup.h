/* cgroup.h - a control group (version 2) of its own for each worker, where ours is delegated to us.
 *
 * In it the kernel holds a worker to its memory whatever it takes it for, where RLIMIT_DATA counts
 * only its own data, and to a number of threads; and it tells what a worker was killed for. This is
 * a wall behind the sandbox's. Where there is none (the unit does not delegate, the hierarchy is an
 * old one or can't be written in a container), all of this does nothing.
 *
 * One for the process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Moves us into a group `daemon` below ours, since the kernel wants no process in one that has
 * limited ones below it. Before there is any worker. `root` is "", or a directory that stands for /
 * in a test. */
void cgroup_start(const char *root);

/* Back to where we were; after the last worker's end. */
void cgroup_stop(void);

/* What each worker's group limits: "memory and threads"; NULL where workers have none. */
const char *cgroup_limits(void);

/* The group of one worker at a time, which one thread uses. */
typedef struct CgroupLeaf CgroupLeaf;

CgroupLeaf *cgroup_leaf_new(void);
void cgroup_leaf_free(CgroupLeaf *leaf); /* which nobody is in any more */

/* Puts a process in, which may have the memory that it takes to start. */
void cgroup_leaf_enter(CgroupLeaf *leaf, pid_t pid);

/* From now on it may have so many bytes of data, and what the kernel counts besides. */
void cgroup_leaf_allow(CgroupLeaf *leaf, int64_t bytes);

/* Why the kernel killed the process that was put in last, as it goes on after "killed: ", newly
 * allocated; NULL where it was not for want of memory, or that can't be known. *outgrew: it wanted
 * more than it may have; else there was no more in the service or the machine. */
char *cgroup_leaf_verdict(const CgroupLeaf *leaf, bool *outgrew);
