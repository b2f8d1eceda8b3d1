/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* events.h - hands each event to the folder that it is about.
 *
 * libinotifytools has one instance a process, which the watcher's thread owns; each folder has a
 * thread of its own. Between them is a port for each folder: a queue of its events. No thread holds
 * the lock of all this while it asks a file system, so that a share that does not respond keeps no
 * event from another folder. */
#pragma once

#include "daemon/watch/inotify.h"

typedef struct Events Events;
typedef struct EventPort EventPort;

/* Starts the library. NULL: no events are to be had. */
Events *events_open(Error **err);

/* Every port must be freed before. */
void events_close(Events *events);

/* Readable when events_turn() has something to read; -1: there are no events now. */
int events_fd(const Events *events);

/* When events_turn() is due, if nothing is to be read; CLOCK_NEVER. */
int64_t events_due_ms(const Events *events);

/* Hands over events, and restarts the library where events were lost or where it failed to start.
 * True: there may be more. The watcher's thread, as the two above. */
bool events_turn(Events *events, int64_t now_ms);

/* ---- a folder's side: the thread of the folder, where nothing else is said ---- */

/* `wake`, an eventfd, becomes readable when the port has an event. Any thread. */
EventPort *events_port_new(Events *events, int wake);

/* Ends all watches of the port; no event comes from now on. Any thread. */
void events_port_close(EventPort *port);

/* Closes it too. Any thread; no other one may use it. */
void events_port_free(EventPort *port);

/* Watches the directory that is open as fd. Returns the watch, or -1 with errno: ENOSPC when the
 * user's limit of watches is reached; ENODEV when there are no events now; ESTALE when the watch
 * has ended already. A directory that another port watches belongs to this one then. */
int events_add(EventPort *port, int fd);

/* Ends a watch of the port. */
void events_remove(EventPort *port, int wd);

/* Takes the next event; false when there is none now. IN_Q_OVERFLOW: events were lost, and every
 * watch of the port has ended. Never waits. */
bool events_next(EventPort *port, InotifyEvent *event);
