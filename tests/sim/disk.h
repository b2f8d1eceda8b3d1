/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* disk.h - file systems in memory, with the kernel's manners.
 *
 * Files have numbers, links, a mode, times, extended attributes and leases; directories have
 * entries in order of their making. A path is absolute, or relative to an open directory. Each
 * function that is named as a system call behaves as the kernel's of that name on ext4: results,
 * errno, also for calls that the daemon never makes (kernel.c compares 100,000 random sequences).
 * Those here pass no point() and know no fault: the calls of the daemon (calls.c) do, before they
 * come here. People, the judge and SQLite come here directly.
 *
 * Each inode and each directory entry also has what a power cut leaves of it: what was synced
 * survives, of the rest any subset does (ACTOR_DISK). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include "tests/sim/schedule.h"

void disk_reset(void);

/* ---- mounts ---- */

/* A file system of its own at this directory, which is made where it is missing. `type` as
 * statfs(2) has it. Returns its number. A file system has a size: writes beyond it are ENOSPC. */
int disk_mount(const char *path, long type, int64_t bytes);
void disk_unmount(int mount); /* as umount -l: open files go on */
void disk_set_full(int mount, bool full);
void disk_set_readonly(int mount, bool readonly);

typedef enum Hang { HANG_NONE, HANG_WAITS, HANG_FAILS } Hang; /* FAILS: EIO, at once */
/* Calls on it wait from now on, for disk_call(); those that wait end as the new state says. */
void disk_set_hang(int mount, Hang hang);
Hang disk_hang(int mount); /* how it is now */
bool disk_call(int mount); /* waits while it hangs; false with EIO where it fails */

/* ---- descriptors: one table, each entry of a process ---- */

enum { DISK_FD = 1000 }; /* the lowest number: a real descriptor is seen at once */
int sim_open(ProcessId process, int dir, const char *path, int flags, mode_t mode);
int sim_openat2(ProcessId process, int dir, const char *path, const void *how, size_t size);
int sim_close(int fd);
int sim_dup(ProcessId process, int fd, int least, int flags); /* also hands one to a process */
void disk_close_all(ProcessId process); /* it has ended: its descriptors and leases go */

/* Which file system a descriptor or path is on: for faults. -1: none (an eventfd, a socket). */
int disk_mount_of_fd(int fd);
int disk_mount_of_path(int dir, const char *path);

/* ---- files; as the system calls, -1 with errno ---- */
ssize_t sim_pread(int fd, void *to, size_t size, off_t at);
ssize_t sim_pwrite(int fd, const void *from, size_t size, off_t at);
ssize_t sim_read(int fd, void *to, size_t size);
ssize_t sim_write(int fd, const void *from, size_t size);
off_t sim_lseek(int fd, off_t at, int whence);
int sim_ftruncate(int fd, off_t size);
int sim_fallocate(int fd, int mode, off_t at, off_t size);
int sim_fsync(int fd); /* of the file, with its attributes; of a directory its entries */
int sim_fdatasync(int fd);
int sim_fstat(int fd, struct stat *st);
int sim_fstatat(int dir, const char *path, struct stat *st, int flags);
int sim_statx(int dir, const char *path, int flags, unsigned mask, struct statx *st);
int sim_fstatfs(int fd, struct statfs *st);
int sim_statvfs(const char *path, struct statvfs *st);
int sim_faccessat(int dir, const char *path, int mode, int flags);
int sim_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);
int sim_unlinkat(int dir, const char *path, int flags);
int sim_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int sim_mkdirat(int dir, const char *path, mode_t mode);
int sim_symlinkat(const char *target, int dir, const char *path);
ssize_t sim_readlinkat(int dir, const char *path, char *to, size_t size);
int sim_fchmod(int fd, mode_t mode);
int sim_fchown(int fd, uid_t user, gid_t group);
int sim_utimensat(int dir, const char *path, const struct timespec times[2], int flags);
int sim_futimens(int fd, const struct timespec times[2]);
ssize_t sim_fgetxattr(int fd, const char *name, void *value, size_t size);
int sim_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
ssize_t sim_flistxattr(int fd, char *list, size_t size);
int sim_fcntl(int fd, int command, long argument); /* F_DUPFD_CLOEXEC, F_GETFL, F_SETFL, F_SETLEASE,
                                                      F_GETLEASE, F_ADD_SEALS, F_GETFD, F_SETFD */
int sim_flock(int fd, int operation);
/* The entry after the one at *at; false: there is none. The name lives until the directory changes.
 */
bool sim_readdir(int fd, off_t *at, const char **name, ino_t *inode, unsigned char *type);

/* ---- what no file system has (pipes.c) ---- */
int sim_eventfd(ProcessId process, unsigned value, int flags);
int sim_pipe2(ProcessId process, int fds[2], int flags);
int sim_socketpair(ProcessId process, int type, int fds[2]); /* SEQPACKET, STREAM */
int sim_memfd(ProcessId process, const char *name, unsigned flags);
/* One message; fd -1 or an open one, which travels along; the receiver's is new, of `process`. -1
 * with EAGAIN where it would wait; 0: the peer is gone. */
ssize_t sim_send(int fd, const void *data, size_t size, int passed);
ssize_t sim_receive(ProcessId process, int fd, void *data, size_t size, int *passed);
int sim_shutdown(int fd, int how);
/* POLLIN, POLLOUT, POLLHUP as poll(2) has them, and the key on which wake_all() is called when that
 * changes: one for all descriptors, as who waits may wait for several. */
short sim_ready(int fd);
const void *sim_ready_key(int fd);

/* ---- inotify: a queue of events for each watch, in the kernel's order ---- */
typedef struct DiskEvent {
    int wd;
    uint32_t mask, cookie;
    char name[256];
} DiskEvent;
int sim_inotify_init(ProcessId process, unsigned limit); /* events in its queue; then overflow */
int sim_inotify_add_watch(int fd, int dir, const char *path, uint32_t mask);
int sim_inotify_rm_watch(int fd, int wd);
bool sim_inotify_next(int fd, DiskEvent *event);

/* ---- kills and power cuts ---- */

/* The disk as it comes back after the power was cut: descriptors are gone, and of what was not
 * synced a part is there, that ACTOR_DISK picks. */
void disk_power_cut(void);

/* ---- for the judge ---- */

/* Called whenever an entry begins to name a file (link, rename, creation), in the directory `path`.
 */
extern void (*disk_on_named)(const char *path, ino_t inode, ProcessId by);
/* Calls each for every entry below `path`, with its whole path. */
void disk_each(const char *path, void (*each)(void *user, const char *path, const struct stat *st),
               void *user);
/* The content of a file: lives until it changes. NULL: no such file. */
const char *disk_content(const char *path, size_t *size);
