/* control.h - what the daemon answers on control.sock: HTTP over a unix socket.
 *
 * GET /v1/status and POST /v1/reload, described in control.c. The socket is for the daemon's own
 * user and group. */
#pragma once

#include "daemon/jobs/dispatch.h"
#include "daemon/watch/watch.h"

typedef struct Control Control;

enum { CONTROL_MISTAKES = 422 }; /* HTTP status: the new configuration is wrong */

/* What the answers are made of; borrowed, and changed only on the thread of control_turn(). */
typedef struct ControlView {
    Settings *settings;
    Ledger *ledger;
    Health *health;
    Watch *watch;
    Dispatch *dispatch;
    int64_t started_ms; /* clock_ms() */
    /* Takes the configuration as it is now; false where it has mistakes (of Error), which are
     * appended, and the old one stays. */
    bool (*reload)(void *user, GPtrArray *mistakes);
    void *user;
} ControlView;

/* Listens on `path`, which is replaced when nobody answers there. */
Control *control_start(const char *path, const ControlView *view, Error **err);

/* Readable when there is something to answer: control_turn() then. It waits for no client; a reload
 * takes as long as reading the configuration does. */
int control_fd(const Control *control);
void control_turn(Control *control);

/* When to call control_turn() at the latest, in ms from now; -1: when control_fd() says so. */
int64_t control_timeout(const Control *control);

void control_stop(Control *control);
