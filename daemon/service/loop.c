/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sd-event for signals, timers, the watchdog, control and the dispatcher. */
#include "daemon/service/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/files/mounts.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/journal/journal.h"
#include "daemon/service/notify.h"
#include "daemon/service/reload.h"

enum {
    HELD_MS = 2000,            /* between two checks of held folders */
    RESULT_MS = 100,           /* from a check to its result */
    STATUS_MS = 1000,          /* between two STATUS= */
    PRUNE_MS = 10 * 60 * 1000, /* between two removals of old rows of the ledger */
    PRUNE_SOON_MS = 1000,      /* the same while more rows are old */
    HANG_CHECK_MS = 5 * 1000,  /* between two checks of busy workers and of mounts */
    RELOAD_MS = 1000, /* between two reloads that signals ask for: reading blocks the loop */
    FILES_MS = 1000,  /* from the start to the first status files */
    PRUNE_ROWS = 500, /* rows that are removed at a time */
};

/* ---- timers ---- */

static uint64_t usec_of(int64_t ms)
{
    return ms == INT64_MAX ? UINT64_MAX : (uint64_t) MAX(ms, 0) * 1000;
}

/* Sets a one-shot timer to `ms` on clock_ms(); INT64_MAX: off. */
static void arm(sd_event_source *timer, int64_t ms)
{
    sd_event_source_set_time(timer, usec_of(ms));
    sd_event_source_set_enabled(timer, ms == INT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* Sets it to fire in `ms`, unless it is set already. */
static void arm_once(sd_event_source *timer, int64_t ms)
{
    int enabled = SD_EVENT_OFF;

    sd_event_source_get_enabled(timer, &enabled);
    if (enabled == SD_EVENT_OFF)
        arm(timer, clock_ms() + ms);
}

static void arm_held_timer(Service *service)
{
    if (health_count_degraded(service->health))
        arm_once(service->held_timer, HELD_MS);
}

/* ---- the handlers ---- */

/* Reports once that the ledger can't be written, and once that it can be again. */
static void report_ledger(Service *service, const Error *why)
{
    bool unavailable = dispatch_paused(service->dispatch);
    g_autofree char *reason = unavailable && why ? error_text(why) : NULL;

    if (unavailable == service->ledger_unavailable)
        return;
    journal_event(unavailable ? EVENT_LEDGER_UNAVAILABLE : EVENT_LEDGER_AVAILABLE, .error = why);
    digest_set_ledger(service->digest, unavailable && !reason ? "unknown" : reason);
    service->ledger_unavailable = unavailable;
}

/* The next start renames it and makes a new one. */
static void exit_if_damaged(Service *service)
{
    if (ledger_is_damaged(service->ledger))
        sd_event_exit(service->loop, EXIT_FAILURE);
}

static void dispatch_now(Service *service)
{
    g_autoptr(Error) error = NULL;
    int64_t next_ms = INT64_MAX;

    dispatch_turn(service->dispatch, &next_ms, &error);
    report_ledger(service, error);
    exit_if_damaged(service);
    arm(service->due_timer, next_ms);
    arm_once(service->status_timer, STATUS_MS);
    if (dispatch_in_flight(service->dispatch))
        arm_once(service->look_timer, DISPATCH_LOOK_MS);
    arm_held_timer(service);
}

static int on_dispatch(sd_event_source *source, int fd, uint32_t events, void *user)
{
    (void) source, (void) fd, (void) events;
    dispatch_now(user);
    return 0;
}

static int on_due(sd_event_source *source, uint64_t usec, void *user)
{
    (void) source, (void) usec;
    dispatch_now(user);
    return 0;
}

/* Checks the held folders; those whose output works again continue. */
static int on_held(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;

    (void) source, (void) usec;
    /* the last job of a removed folder may have held it */
    health_retain(service->health, service->settings);
    bool running = healthcheck_held(service->settings, service->health);
    health_end_old_trials(service->health);
    dispatch_now(service); /* a folder that the watcher found available again continues, too */
    if (running)
        arm(service->held_timer, clock_ms() + RESULT_MS);
    return 0;
}

/* Looks for jobs that stand still, as long as jobs are in flight. */
static int on_look(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;

    (void) source, (void) usec;
    if (dispatch_look(service->dispatch))
        arm(service->look_timer, clock_ms() + DISPATCH_LOOK_MS);
    arm_held_timer(service);
    return 0;
}

/* ", scanning 'inbox': 34000 files": newly allocated; "" after the initial scan. */
static char *progress(Service *service)
{
    int files = 0;
    g_autofree char *name = watch_scanning(service->watch, &files);

    return name ? g_strdup_printf(", scanning '%s': %d files", name, files) : g_strdup("");
}

/* " (1 unavailable, 2 held, 1 paused)": newly allocated; "" when all are available. */
static char *unavailable_folders(const Service *service)
{
    int number[HEALTH_PAUSED + 1] = { 0 };
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < service->settings->folders->len; i++) {
        const Folder *folder = service->settings->folders->pdata[i];
        number[health_get(service->health, folder->name, NULL)]++;
    }
    for (HealthState state = HEALTH_UNAVAILABLE; state <= HEALTH_PAUSED; state++)
        if (number[state])
            g_string_append_printf(text, "%s%d %s", text->len ? ", " : " (", number[state],
                                   health_word(state));
    g_string_append(text, text->len ? ")" : "");
    return g_string_free(text, FALSE);
}

static int on_status(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };
    unsigned folders = service->settings->folders->len;

    (void) source, (void) usec;
    if (!ledger_count_configured(service->ledger, service->settings, &counts, &error)) {
        arm(service->status_timer, clock_ms() + HELD_MS);
        return 0;
    }
    g_autofree char *unavailable = unavailable_folders(service);
    g_autofree char *scanning = progress(service);
    g_autofree char *text =
        !folders
            ? g_strdup_printf("STATUS=no folder is configured in %s", service->settings->file)
            : g_strdup_printf("STATUS=%u folder%s%s, %" PRId64 " queued, %" PRId64 " in progress%s",
                              folders, folders == 1 ? "" : "s", unavailable, counts.queued,
                              ledger_in_progress(&counts), scanning);
    service->ready_owed = service->ready_owed && !notify_try("READY=1");
    if (!notify_try(text) || service->ready_owed || *scanning)
        arm(service->status_timer, clock_ms() + STATUS_MS);
    return 0;
}

/* Removes old rows of the ledger, a few at a time. */
static int on_prune(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;
    g_autoptr(Error) error = NULL;
    int pruned = 0;

    (void) source, (void) usec;
    if (!ledger_prune(service->ledger, service->settings->history_ms, PRUNE_ROWS, &pruned, &error))
        journal_event(EVENT_ERROR, .error = error);
    arm(service->prune_timer, clock_ms() + (pruned == PRUNE_ROWS ? PRUNE_SOON_MS : PRUNE_MS));
    return 0;
}

/* A mount that came into the unit's sandbox stays there when it is unmounted outside. Only a new
 * sandbox, which systemd makes at a start, is without it and shows what is mounted instead. */
static void restart_if_stale_mount(Service *service)
{
    g_autoptr(GPtrArray) mounts = service->followed ? mounts_read() : NULL;
    const char *point = mounts ? mounts_find_stale(mounts, service->followed) : NULL;
    g_autofree char *shown = point ? text_escape(point) : NULL;

    if (!shown)
        return;
    journal_event(EVENT_STALE_MOUNT, .reason = shown);
    g_clear_pointer(&service->followed, g_hash_table_unref); /* report it once */
    sd_event_exit(service->loop, EXIT_FAILURE);
}

/* Ends workers that compute without a picture, and follows the mounts. */
static int on_hang_check(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;

    (void) source, (void) usec;
    dispatch_end_busy(service->dispatch);
    if (dispatch_in_flight(service->dispatch)) /* one that hangs may go on */
        arm_once(service->look_timer, DISPATCH_LOOK_MS);
    arm_held_timer(service);
    restart_if_stale_mount(service);
    exit_if_damaged(service); /* the watcher may have met it, which gives the dispatcher nothing */
    arm(service->hang_timer, clock_ms() + HANG_CHECK_MS);
    return 0;
}

/* Keeps the status files of the folders. */
static int on_files(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;

    (void) source, (void) usec;
    int64_t wait_ms = status_files_turn(service->status_files, &service->view);
    arm(service->files_timer, wait_ms == CLOCK_NEVER ? CLOCK_NEVER : clock_ms() + wait_ms);
    return 0;
}

/* The manager restarts a service whose main loop is blocked. */
static int on_watchdog(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;

    (void) source, (void) usec;
    notify_try("WATCHDOG=1");
    arm(service->watchdog_timer, clock_ms() + service->watchdog_ms);
    return 0;
}

static void start_watchdog(Service *service)
{
    uint64_t usec = 0;

    if (sd_watchdog_enabled(0, &usec) <= 0)
        return;
    service->watchdog_ms = (int64_t) (usec / 1000 / 3); /* one of them may be lost */
    arm(service->watchdog_timer, clock_ms());
}

static void turn_control(Service *service)
{
    control_turn(service->control);
    int64_t timeout = control_timeout(service->control);
    arm(service->control_timer, timeout < 0 ? INT64_MAX : clock_ms() + timeout);
}

static int on_control(sd_event_source *source, int fd, uint32_t events, void *user)
{
    (void) source, (void) fd, (void) events;
    turn_control(user);
    return 0;
}

static int on_control_time(sd_event_source *source, uint64_t usec, void *user)
{
    (void) source, (void) usec;
    turn_control(user);
    return 0;
}

/* ---- the loop ---- */

bool loop_reload(void *user, GPtrArray *errors)
{
    Service *service = user;
    bool taken = reload_settings(service, errors);

    arm_once(service->status_timer, STATUS_MS);
    arm(service->files_timer, clock_ms());
    return taken;
}

static int on_reload_time(sd_event_source *source, uint64_t usec, void *user)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    Service *service = user;

    (void) source, (void) usec;
    loop_reload(service, errors);
    service->next_reload_ms = clock_ms() + RELOAD_MS;
    return 0;
}

/* Signals that come faster than that are one reload, which sees the newest files. */
static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
    Service *service = user;

    (void) source, (void) info;
    arm_once(service->reload_timer, MAX(service->next_reload_ms - clock_ms(), 0));
    return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
    const Service *service = user;

    (void) source, (void) info;
    notify_try("STOPPING=1\nSTATUS=finishing the pictures in progress");
    return sd_event_exit(service->loop, 0);
}

static bool add_timer(Service *service, sd_event_source **timer, sd_event_time_handler_t handler)
{
    return sd_event_add_time(service->loop, timer, CLOCK_BOOTTIME, 0, 1000, handler, service) >=
               0 &&
           sd_event_source_set_enabled(*timer, SD_EVENT_OFF) >= 0;
}

static bool add_signal(Service *service, int number, sd_event_signal_handler_t handler)
{
    return sd_event_add_signal(service->loop, NULL, number, handler, service) >= 0;
}

bool loop_build(Service *service, Error **err)
{
    if (sd_event_new(&service->loop) < 0)
        return error_set(err, ERROR_INTERNAL, NULL, "cannot make the main loop");
    if (add_timer(service, &service->due_timer, on_due) &&
        add_timer(service, &service->held_timer, on_held) &&
        add_timer(service, &service->status_timer, on_status) &&
        add_timer(service, &service->control_timer, on_control_time) &&
        add_timer(service, &service->watchdog_timer, on_watchdog) &&
        add_timer(service, &service->prune_timer, on_prune) &&
        add_timer(service, &service->hang_timer, on_hang_check) &&
        add_timer(service, &service->reload_timer, on_reload_time) &&
        add_timer(service, &service->look_timer, on_look) &&
        add_timer(service, &service->files_timer, on_files) &&
        add_signal(service, SIGTERM, on_stop) && add_signal(service, SIGINT, on_stop) &&
        add_signal(service, SIGHUP, on_hangup) &&
        sd_event_add_io(service->loop, NULL, dispatch_fd(service->dispatch), EPOLLIN, on_dispatch,
                        service) >= 0 &&
        sd_event_add_io(service->loop, NULL, control_fd(service->control), EPOLLIN, on_control,
                        service) >= 0)
        return true;
    return error_set(err, ERROR_INTERNAL, NULL, "cannot make the main loop");
}

void loop_free(Service *service)
{
    sd_event_source_unref(service->due_timer);
    sd_event_source_unref(service->held_timer);
    sd_event_source_unref(service->status_timer);
    sd_event_source_unref(service->control_timer);
    sd_event_source_unref(service->watchdog_timer);
    sd_event_source_unref(service->prune_timer);
    sd_event_source_unref(service->hang_timer);
    sd_event_source_unref(service->reload_timer);
    sd_event_source_unref(service->look_timer);
    sd_event_source_unref(service->files_timer);
    sd_event_unref(service->loop);
}

int loop_run(Service *service)
{
    sd_notify(0, "READY=1");
    start_watchdog(service);
    arm(service->prune_timer, clock_ms() + PRUNE_MS);
    arm(service->hang_timer, clock_ms() + HANG_CHECK_MS);
    arm(service->files_timer, clock_ms() + FILES_MS);
    dispatch_now(service);
    return sd_event_loop(service->loop);
}
