/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inotify.h - watches, and the events that libinotifytools reads.
 *
 * The library has one instance a process, in global variables: one thread owns it. Of the library
 * we use its start and end, and one event at a time. Watches are added by the kernel's call: that
 * may hang in a share, and the library would have to be locked meanwhile. Left out, because each of
 * them loses files or crashes in 3.22.6: its recursion, its renaming of watches, its regular
 * expressions, several events at once, fanotify. */
#pragma once

#include <stdint.h>
#include <sys/inotify.h>

#include "base/error.h"

/* The events that can make a check necessary, and no others: all share a queue of 16,384.
 * CREATE: hard links, O_TMPFILE. ATTRIB: permissions that were given later. DELETE, MOVED_FROM: a
 * pending or counted file is forgotten at once. EXCL_UNLINK: no events of unnamed files. */
#define INOTIFY_MASK                                                                               \
    (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB | IN_DELETE |            \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK)

typedef struct InotifyEvent {
    int wd;           /* -1 with IN_Q_OVERFLOW */
    uint32_t mask;    /* IN_... */
    const char *name; /* "" for the directory itself; valid until the next event */
} InotifyEvent;

/* Starts the library. *fd is readable when there are events. It is close-on-exec and belongs to the
 * library: do not read or close it; a duplicate of it takes watches. False: no events are to be
 * had. */
bool inotify_open(int *fd, Error **err);

/* Stops the library. Watches end when the duplicates of its descriptor are closed, too. */
void inotify_close(void);

/* Takes the next event; false when there is none now. Never waits. */
bool inotify_next(InotifyEvent *event);

/* Watches the directory that is open as fd (O_PATH is enough); `instance` is a duplicate of the
 * library's descriptor. Returns the watch, or -1 with errno; ENOSPC: the user's limit of watches is
 * reached. Any thread; hangs as long as the directory's file system does not respond. */
int inotify_add(int instance, int fd);
