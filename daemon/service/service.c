/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts the parts of the daemon in their order and stops them again.
 *
 * The main thread runs the loop. Work that can block for long has threads of its own: watching,
 * processing, logging. Only a reload blocks the loop, while it reads the configuration, which has
 * time limits. */
#include "daemon/service/service.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/control/pause.h"
#include "daemon/control/peer.h"
#include "daemon/files/beneath.h"
#include "daemon/files/mounts.h"
#include "daemon/files/sync.h"
#include "daemon/folders/claim.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/journal/crash_record.h"
#include "daemon/journal/journal.h"
#include "daemon/outputs/sweep.h"
#include "daemon/process/cgroup.h"
#include "daemon/process/spawn.h"
#include "daemon/service/exit_deadline.h"
#include "daemon/service/loop.h"
#include "daemon/service/notify.h"
#include "daemon/service/reload.h"
#include "daemon/settings/load.h"

enum {
    SYNC_PAUSE_MS = 15,   /* sync.h: of threads that end their pictures at the same time */
    GRACE_MS = 10 * 1000, /* that a stop waits for parts that hang */
    CONFIG_ERROR = 2,     /* exit status: the configuration is wrong */
    ASK_TRIES = 20,       /* messages to a busy manager, with this pause between them: */
    ASK_US = 50 * 1000,
};

/* Whether a start can succeed only after a change of the configuration. */
static bool needs_new_config(const GPtrArray *errors)
{
    for (unsigned i = 0; i < errors->len; i++) {
        const Error *error = g_ptr_array_index(errors, i);
        if (error->kind != ERROR_CONFIG)
            return false;
    }
    return true;
}

/* ---- start and stop ---- */

static bool make_dir(const char *path, Error **err)
{
    if (g_mkdir_with_parents(path, 0750) == 0)
        return true;
    return error_errno(err, errno, "cannot make the directory '%s'", path);
}

/* Records the picture over which the last daemon crashed, even if it is not in the ledger yet: the
 * watcher never opens it again, and it is processed once at most, alone. */
static bool record_crash(const Service *service, const CrashRecord *last, Error **err)
{
    const Folder *folder =
        last->folder ? settings_find_folder(service->settings, last->folder) : NULL;
    g_autoptr(Error) why = NULL;
    struct stat st;

    if (!last->signal || !folder)
        return true;
    error_set(&why, ERROR_INTERNAL, "report it, with the picture if you may",
              "hotfolder itself crashed while it handled this picture: signal %d (%s)",
              last->signal, sigdescr_np(last->signal));
    journal_event(EVENT_DAEMON_CRASHED, .folder = folder->name, .source = last->source,
                  .error = why);
    bool there = beneath_stat(folder->path, last->source, &st) && S_ISREG(st.st_mode);
    FileId file = there ? fileid_of(&st) : (FileId){ 0 };
    const LedgerCrash crash = { last->row, last->token, folder->name, last->source,
                                there ? &file : NULL };
    return ledger_record_crash(service->ledger, &crash, why, err);
}

static bool open_ledger(Service *service, const ServiceOptions *options, Error **err)
{
    const char *state_dir = options->state_dir;
    g_autofree char *path = g_build_filename(state_dir, "ledger.db", NULL);
    g_auto(CrashRecord) last = { 0 };

    if (!make_dir(state_dir, err) || !make_dir(options->runtime_dir, err) ||
        !ledger_open(path, &service->ledger, err))
        return false;
    if (ledger_damaged_copy(service->ledger))
        journal_event(EVENT_LEDGER_DAMAGED, .reason = ledger_damaged_copy(service->ledger));
    if (ledger_recovered(service->ledger))
        journal_event(EVENT_RECOVERED, .count = ledger_recovered(service->ledger));
    return crash_record_open(state_dir, &last, err) && record_crash(service, &last, err);
}

static void on_added(void *user)
{
    const Service *service = user;

    dispatch_wake(service->dispatch);
}

/* Before any picture is processed: what ends from now on is news. */
static Digest *start_digest(const Service *service, const char *state_dir)
{
    const CourierParts parts = { .ledger = service->ledger,
                                 .health = service->health,
                                 .state_dir = state_dir,
                                 .send = notice_send };

    return digest_start(&parts, service->settings);
}

/* The order matters: the watcher's library needs low descriptors, which no worker inherits; and a
 * daemon that finds its socket taken must not have looked at a folder that another one watches. */
static bool start_parts(Service *service, const ServiceOptions *options, Error **err)
{
    g_autofree char *socket = g_build_filename(options->runtime_dir, "control.sock", NULL);

    claims_set_service(options->config, options->runtime_dir);
    service->health = health_new();
    if (!pause_restore(service->ledger, service->health, err))
        return false;
    service->context.ledger = service->ledger;
    service->context.health = service->health;
    sync_set_pause(SYNC_PAUSE_MS);
    spawn_start();
    healthcheck_all(service->settings, service->health, NULL);
    cgroup_start("");
    if (!(service->dispatch = dispatch_new(service->settings, &service->context, err)))
        return false;
    if (!(service->control = control_start(socket, control_routes, &service->view, err)))
        return false;
    service->undoer = undoer_start(service->ledger);
    service->digest = start_digest(service, options->state_dir);
    service->previews = previews_start(service->context.budget);
    service->intake = intake_new(service->ledger, on_added, service);
    service->watch = watch_start(service->settings, service->intake, service->health, err);
    if (!service->watch || !dispatch_start(service->dispatch, err))
        return false;
    service->view = (ControlView){
        .settings = service->settings,
        .ledger = service->ledger,
        .health = service->health,
        .watch = service->watch,
        .dispatch = service->dispatch,
        .undoer = service->undoer,
        .digest = service->digest,
        .previews = service->previews,
        .state_dir = options->state_dir,
        .page = peer_page(),
        .started_ms = clock_ms(),
        .reload = loop_reload,
        .user = service,
    };
    service->status_files = status_files_new();
    if (ledger_is_fresh(service->ledger))
        service->sweep = sweep_start(service->settings, ledger_tag(service->ledger));
    return true;
}

/* Asks the manager for the time that the configuration gives to pictures in progress: the unit's
 * TimeoutStopSec= may be shorter. EXTEND_TIMEOUT_USEC= never shortens it (sd_notify(3)). */
static void ask_for_time(const Service *service)
{
    int64_t most_ms = service->settings->stop_ms + INT64_C(3) * GRACE_MS;
    g_autofree char *text =
        g_strdup_printf("EXTEND_TIMEOUT_USEC=%" PRId64, most_ms * INT64_C(1000));

    for (int tries = 0; tries < ASK_TRIES && !notify_try(text); tries++)
        usleep(ASK_US);
}

/* `status` is the exit status if a part hangs. */
static void stop_parts(Service *service, int status)
{
    if (service->dispatch) {
        ask_for_time(service);
        exit_deadline_set(service->settings->stop_ms + GRACE_MS, status);
        dispatch_stop(service->dispatch, service->settings->stop_ms);
    }
    exit_deadline_set(GRACE_MS, status);
    sweep_stop(service->sweep);
    status_files_stop(service->status_files, &service->view);
    previews_stop(service->previews);
    digest_halt(service->digest); /* a request may wait for a test */
    control_stop(service->control);
    digest_stop(service->digest);
    previews_free(service->previews);
    undoer_stop(service->undoer);
    if (service->watch)
        watch_stop(service->watch);
    dispatch_free(service->dispatch);
    cgroup_stop();
    spawn_stop();
    intake_free(service->intake);
    health_free(service->health);
    claims_retain(NULL);
}

static void report_stopped(Service *service)
{
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };

    if (ledger_count_configured(service->ledger, service->settings, &counts, &error))
        journal_event(EVENT_STOPPED, .count = counts.queued + ledger_in_progress(&counts));
}

/* Blocked before any thread starts: only the main loop receives them. */
static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* The capabilities that a unit gives are for the daemon: no program that it starts gets them. */
static void keep_capabilities(void)
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static bool serve(Service *service, const ServiceOptions *options, Error **err)
{
    if (!open_ledger(service, options, err) || !start_parts(service, options, err) ||
        !loop_build(service, err))
        return false;

    journal_event(EVENT_STARTED, .reason = HOTFOLDER_VERSION);
    reload_report_no_folders(service->settings);
    reload_report_unconfigured(service);
    reload_report_warnings(service);
    int code = loop_run(service);
    if (code > 0) /* the code that decided it has reported why */
        return error_set(err, ERROR_INTERNAL, "start it again where systemd does not",
                         "hotfolder exits; the messages before this one say why");
    return code == 0 ||
           error_set(err, ERROR_INTERNAL, NULL, "the main loop failed: %s", g_strerror(-code));
}

/* The mounts that need a restart when they are unmounted: a new set. NULL outside of the unit's
 * sandbox, where they end without it. */
static GHashTable *follow_mounts(void)
{
    g_autoptr(GPtrArray) mounts = g_getenv("HOTFOLDER_DROPIN") ? mounts_read() : NULL;

    return mounts ? mounts_propagated(mounts) : NULL;
}

int service_run(const ServiceOptions *options)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Error) error = NULL;
    Service service = { .config = options->config, .followed = follow_mounts() };

    block_signals();
    keep_capabilities();
    journal_start();
    service.settings = settings_load(options->config, NULL, errors);
    reload_report_errors(errors);
    bool ok = service.settings && serve(&service, options, &error);
    stop_parts(&service, ok ? EXIT_SUCCESS : EXIT_FAILURE);
    if (ok)
        report_stopped(&service);
    ledger_close(service.ledger);
    loop_free(&service);
    g_clear_pointer(&service.followed, g_hash_table_unref);
    settings_unref(service.settings);
    if (error)
        journal_event(EVENT_ERROR, .error = error);
    journal_stop();
    if (!ok)
        journal_linger();
    if (!service.settings && needs_new_config(errors))
        return CONFIG_ERROR;
    return ok ? 0 : 1;
}
