/* inotify.h - libinotifytools, held tightly.
 *
 * The library is one instance a process and keeps its state in globals, so one thread owns all of
 * this. Of the library we use: its start and end, one directory at a time, one event at a time.
 * Left out, because each of them loses files or crashes in 3.22.6: its recursion, its renaming of
 * watches, its regular expressions, several events at once, fanotify. */
#pragma once

#include <stdint.h>
#include <sys/inotify.h>

#include "base/error.h"

/* What a look can be due to, and no more: each bit is a share of the queue of 16,384 events.
 * CREATE: hard links, O_TMPFILE. ATTRIB: permissions that were given later. DELETE, MOVED_FROM:
 * what is pending or counted goes at once. A file without a name is nobody's (EXCL_UNLINK). */
#define INOTIFY_MASK                                                                               \
    (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB | IN_DELETE |            \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK)

typedef struct InotifyEvent {
    int wd;           /* -1 with IN_Q_OVERFLOW */
    uint32_t mask;    /* IN_... */
    const char *name; /* "" for the directory itself; valid until the next event */
} InotifyEvent;

/* Starts the library. *fd becomes readable when there are events; it is close-on-exec, and the
 * library's own: don't read or close it. */
bool inotify_open(int *fd, Error **err);

/* Ends it; every watch is gone. */
void inotify_close(void);

/* Watches the directory open as fd (O_PATH will do). Its descriptor, or -1 with errno; ENOSPC: the
 * user's limit of watches is reached. */
int inotify_add(int fd);

/* Ends one watch; its last event, IN_IGNORED, still comes. */
void inotify_remove(int wd);

/* The next event; false when there is none at the moment. Never waits. */
bool inotify_next(InotifyEvent *event);

/* How many watches the library remembers although they ended: it never forgets one. */
unsigned inotify_stale(void);
