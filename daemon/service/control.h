/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* control.h - the daemon's control socket: HTTP over a unix socket.
 *
 * GET /v1/status and POST /v1/reload, described in control.c. The socket is for the daemon's own
 * user and group. */
#pragma once

#include "daemon/jobs/dispatch.h"
#include "daemon/watch/watch.h"

typedef struct Control Control;

enum { CONTROL_CONFIG_ERRORS = 422 }; /* HTTP status: the new configuration is wrong */

/* The sources of the answers. Borrowed, and changed only on the thread of control_turn(). */
typedef struct ControlView {
    Settings *settings;
    Ledger *ledger;
    Health *health;
    Watch *watch;
    Dispatch *dispatch;
    int64_t started_ms; /* clock_ms() */
    /* Reads the configuration again. False: it has errors, which are appended (of Error); the old
     * one stays. True: the folders that cannot be used now are appended. */
    bool (*reload)(void *user, GPtrArray *errors);
    void *user;
} ControlView;

/* Listens on `path`; replaces a socket that no process listens on. view is borrowed until
 * control_stop(), and may be filled until the first control_turn(). */
Control *control_start(const char *path, const ControlView *view, Error **err);

/* Readable when control_turn() has something to do. That never waits for a client; a reload takes
 * as long as to read the configuration. */
int control_fd(const Control *control);
void control_turn(Control *control);

/* When to call control_turn() at the latest, in ms from now; -1: when control_fd() is readable. */
int64_t control_timeout(const Control *control);

void control_stop(Control *control);
