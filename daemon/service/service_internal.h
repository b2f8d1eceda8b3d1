/* service_internal.h - what the service is made of: service.c starts, reloads and stops it,
 * loop.c turns. */
#pragma once

#include "daemon/outputs/sweep.h"
#include "daemon/service/control.h"
#include "daemon/service/service.h"

/* NOLINTBEGIN(readability-identifier-naming): as systemd calls them */
typedef struct sd_event sd_event;
typedef struct sd_event_source sd_event_source;
/* NOLINTEND(readability-identifier-naming) */

typedef struct Service {
    const ServiceOptions *options;
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

/* The loop, with a source for all that the service waits for; nothing is armed yet. */
bool loop_build(Service *service, Error **err);
void loop_free(Service *service); /* a timer that is held holds the loop in turn */

/* Tells the manager that the service is ready, and turns until it is told to stop: 0, or what was
 * given to sd_event_exit(), or a negative errno value. */
int loop_run(Service *service);

/* Lets the manager know soon how much there is to do. */
void loop_tell_status(Service *service);

/* A whole new snapshot; or false, the old one, and every mistake (of Error). */
bool service_reload(void *service, GPtrArray *mistakes);
