/* service_internal.h - what the running service is made of. The main thread only. */
#pragma once

#include "daemon/outputs/sweep.h"
#include "daemon/service/control.h"

/* NOLINTBEGIN(readability-identifier-naming): as systemd calls them */
typedef struct sd_event sd_event;
typedef struct sd_event_source sd_event_source;
/* NOLINTEND(readability-identifier-naming) */

typedef struct Service {
    const char *config; /* path */
    sd_event *loop;
    sd_event_source *due_timer, *held_timer, *status_timer, *control_timer, *watchdog_timer,
        *tidy_timer, *beat_timer;
    int64_t watchdog_ms;  /* between two signs of life */
    bool ledger_ill;      /* told: it can't be written */
    bool stuck;           /* told: the watcher is */
    GHashTable *followed; /* mounts_following() of the start; NULL: not in the unit's sandbox */
    bool ready_owed;      /* a reload is over, and the manager could not be told yet */
    Settings *settings;
    Ledger *ledger;
    Health *health;
    Intake *intake;
    Watch *watch;
    Dispatch *dispatch;
    Control *control;
    Sweep *sweep;
    ControlView view;
    JobContext context;
} Service;
