/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* view.h - what the answers are made of: the parts of the running service. */
#pragma once

#include "daemon/digest/digest.h"
#include "daemon/jobs/dispatch.h"
#include "daemon/jobs/previews.h"
#include "daemon/jobs/undoer.h"
#include "daemon/watch/watch.h"

/* Borrowed. A route that is slow gets a copy, with a reference of the settings; the other parts
 * live until control_stop() has returned. */
typedef struct ControlView {
    Settings *settings;
    Ledger *ledger;
    Health *health;
    Watch *watch;
    Dispatch *dispatch;
    Undoer *undoer;
    Digest *digest;
    Previews *previews;
    const char *state_dir; /* where import.db is */
    uid_t page;            /* peer_page() */
    int64_t started_ms;    /* clock_ms() */
    /* Reads the configuration again. False: it has errors, which are appended (of Error); the old
     * one stays. True: the folders that cannot be used now are appended. Main thread only. */
    bool (*reload)(void *user, GPtrArray *errors);
    void *user;
    int64_t turn_ms;     /* after which an answer leaves other pictures to the next one; 0: 1 s */
    int64_t patience_ms; /* that a client waits for a slow answer at most; 0: 50 s */
} ControlView;
