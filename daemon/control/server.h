/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* server.h - HTTP/1.1 with JSON on a Unix socket, which is for the daemon's own user and group.
 *
 * A connection gets one answer. It has five seconds for its request and five to take the answer: a
 * client that is slow or silent keeps no other out. Main thread only. */
#pragma once

#include "daemon/control/routes.h"

typedef struct Control Control;

/* Listens on `path`; replaces a socket that no process listens on. routes and view are borrowed
 * until control_stop(), and view may be filled until the first control_turn(). */
Control *control_start(const char *path, const Route *routes, const ControlView *view, Error **err);

/* Readable when control_turn() has something to do. That never waits for a client, nor for a route
 * that is slow; a reload takes as long as to read the configuration. */
int control_fd(const Control *control);
void control_turn(Control *control);

/* When to call control_turn() at the latest, in ms from now; -1: when control_fd() is readable. */
int64_t control_timeout(const Control *control);

/* Waits for the answers that are being made, for ever if one hangs, and sends them. */
void control_stop(Control *control);
