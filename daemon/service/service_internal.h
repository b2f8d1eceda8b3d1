/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* service_internal.h - the parts of the running service. The main thread only. */
#pragma once

#include "daemon/control/server.h"
#include "daemon/digest/digest.h"
#include "daemon/outputs/sweep.h"
#include "daemon/service/status_files.h"

/* NOLINTBEGIN(readability-identifier-naming): as systemd calls them */
typedef struct sd_event sd_event;
typedef struct sd_event_source sd_event_source;
/* NOLINTEND(readability-identifier-naming) */

typedef struct Service {
    const char *config; /* path of the configuration */
    sd_event *loop;
    sd_event_source *due_timer, *held_timer, *status_timer, *control_timer, *watchdog_timer,
        *prune_timer, *hang_timer, *reload_timer, *look_timer, *files_timer;
    int64_t watchdog_ms;     /* between two WATCHDOG=1 */
    int64_t next_reload_ms;  /* on clock_ms(): the next one that a signal may begin */
    bool ledger_unavailable; /* it is reported that the ledger can't be written */
    GHashTable *followed;    /* mounts_propagated() of the start; NULL: not in the unit's sandbox */
    bool ready_owed;         /* READY=1 after a reload is still to be sent */
    Settings *settings;
    Ledger *ledger;
    Health *health;
    Intake *intake;
    Watch *watch;
    Dispatch *dispatch;
    Control *control;
    Sweep *sweep;
    Undoer *undoer;
    Previews *previews;
    StatusFiles *status_files;
    Digest *digest;
    ControlView view;
    JobContext context;
} Service;
