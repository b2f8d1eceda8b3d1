/* The main thread: sd-event for signals, timers, the watchdog, control and the dispatcher. What can
 * block for long has threads of its own: watching, working, logging. It stands still while a reload
 * reads the configuration, which has its time limits. */
#include "daemon/service.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/beneath.h"
#include "daemon/control.h"
#include "daemon/journal.h"
#include "daemon/notify.h"
#include "daemon/obituary.h"
#include "daemon/patience.h"
#include "daemon/sweep.h"
#include "daemon/trust.h"
#include "daemon/worlds.h"

enum {
    HELD_MS = 2000,           /* between two looks at what holds a folder */
    STATUS_MS = 1000,         /* between two STATUS= */
    TIDY_MS = 10 * 60 * 1000, /* between two looks at what the ledger may forget */
    TIDY_SOON_MS = 1000,      /* while there is more to forget */
    BEAT_MS = 5 * 1000,       /* between two looks at what hangs */
    TIDY_ROWS = 500,          /* that it forgets at a time */
    GRACE_MS = 10 * 1000,     /* of a stop, for what hangs */
    MISTAKEN = 2,             /* exit status: the configuration is wrong */
};

typedef struct Service {
    const ServiceOptions *options;
    sd_event *loop;
    sd_event_source *due_timer, *held_timer, *status_timer, *control_timer, *watchdog_timer,
        *tidy_timer, *beat_timer;
    int64_t watchdog_ms; /* between two signs of life */
    bool ledger_ill;     /* told: it can't be written */
    bool stuck;          /* told: the watcher is */
    bool ready_owed;     /* a reload is over, and the manager could not be told yet */
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

/* ---- small things ---- */

static void trouble(const Error *error)
{
    journal_event(EVENT_TROUBLE, .error = error);
}

static uint64_t usec_of(int64_t ms)
{
    return ms == INT64_MAX ? UINT64_MAX : (uint64_t) MAX(ms, 0) * 1000;
}

/* Lets a one-shot timer fire at `ms` on clock_ms(); INT64_MAX: not. */
static void arm(sd_event_source *timer, int64_t ms)
{
    sd_event_source_set_time(timer, usec_of(ms));
    sd_event_source_set_enabled(timer, ms == INT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* Lets it fire in `ms`, unless it is armed already. */
static void arm_once(sd_event_source *timer, int64_t ms)
{
    int enabled = SD_EVENT_OFF;

    sd_event_source_get_enabled(timer, &enabled);
    if (enabled == SD_EVENT_OFF)
        arm(timer, clock_ms() + ms);
}

static void watch_over_health(Service *service)
{
    if (health_ailing(service->health))
        arm_once(service->held_timer, HELD_MS);
}

/* ---- what the loop does ---- */

/* Once when it can't be written, and once when it can again. */
static void tell_ledger(Service *service, const Error *why)
{
    bool ill = dispatch_paused(service->dispatch);

    if (ill != service->ledger_ill)
        journal_event(ill ? EVENT_LEDGER_HELD : EVENT_LEDGER_ALIVE, .error = why);
    service->ledger_ill = ill;
}

static void dispatch_now(Service *service)
{
    g_autoptr(Error) error = NULL;
    int64_t next_ms = INT64_MAX;

    dispatch_turn(service->dispatch, &next_ms, &error);
    tell_ledger(service, error);
    if (ledger_damaged(service->ledger)) /* the next start sets it aside */
        sd_event_exit(service->loop, EXIT_FAILURE);
    arm(service->due_timer, next_ms);
    arm_once(service->status_timer, STATUS_MS);
    watch_over_health(service);
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

/* Tries the folders that are held; those whose world works again go on. */
static int on_held(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;

    (void) source, (void) usec;
    health_keep(service->health, service->settings); /* a last job of one that is no more held it */
    worlds_try_held(service->settings, service->health);
    health_end_trials(service->health);
    dispatch_now(service); /* what the watcher found alive again goes on here, too */
    return 0;
}

/* ", looking through 'inbox': 34000 files so far": newly allocated; "" when that is over. */
static char *progress(Service *service)
{
    int files = 0;
    g_autofree char *name = watch_looking(service->watch, &files);

    return name ? g_strdup_printf(", looking through '%s': %d files so far", name, files)
                : g_strdup("");
}

static int on_status(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;
    g_autoptr(Error) error = NULL;
    int64_t open_rows = 0;
    int ailing = health_ailing(service->health);
    unsigned folders = service->settings->folders->len;

    (void) source, (void) usec;
    if (!ledger_open_rows(service->ledger, &open_rows, &error)) {
        arm(service->status_timer, clock_ms() + HELD_MS);
        return 0;
    }
    g_autofree char *sick = ailing ? g_strdup_printf(", %d not alive", ailing) : g_strdup("");
    g_autofree char *looking = progress(service);
    g_autofree char *text =
        !folders
            ? g_strdup_printf("STATUS=no folder is configured in %s", service->settings->file)
            : g_strdup_printf("STATUS=%u folder%s%s, %" PRId64 " picture%s to do, %d in hand%s",
                              folders, folders == 1 ? "" : "s", sick, open_rows,
                              open_rows == 1 ? "" : "s", dispatch_in_flight(service->dispatch),
                              looking);
    service->ready_owed = service->ready_owed && !notify_try("READY=1");
    if (!notify_try(text) || service->ready_owed || *looking)
        arm(service->status_timer, clock_ms() + STATUS_MS);
    return 0;
}

/* History ends, a little at a time. */
static int on_tidy(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;
    g_autoptr(Error) error = NULL;
    int expired = 0;

    (void) source, (void) usec;
    if (!ledger_expire(service->ledger, service->settings->history_ms, TIDY_ROWS, &expired, &error))
        trouble(error);
    arm(service->tidy_timer, clock_ms() + (expired == TIDY_ROWS ? TIDY_SOON_MS : TIDY_MS));
    return 0;
}

/* What hangs in a share that does not answer: workers get others in their place; a folder that
 * keeps the watcher from all others is told once, and once that it is over. */
static int on_beat(sd_event_source *source, uint64_t usec, void *user)
{
    Service *service = user;
    g_autofree char *folder = watch_stuck(service->watch);

    (void) source, (void) usec;
    if ((folder != NULL) != service->stuck)
        journal_event(folder ? EVENT_STUCK : EVENT_UNSTUCK, .folder = folder);
    service->stuck = folder;
    dispatch_relieve(service->dispatch);
    watch_over_health(service);
    arm(service->beat_timer, clock_ms() + BEAT_MS);
    return 0;
}

/* The manager restarts a service whose main loop no longer turns. */
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
    service->watchdog_ms = (int64_t) (usec / 1000 / 3); /* so that one may be lost */
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

/* ---- settings ---- */

static void tell_idle(const Settings *settings)
{
    g_autofree char *file = text_escape(settings->file);

    if (!settings->folders->len)
        journal_event(EVENT_NO_FOLDERS, .reason = file);
}

/* What is not wrong, and yet a person may not have meant it. A folder that can't be worked for is
 * not looked at: it may lie on a share that does not answer. */
static void tell_warnings(const Service *service)
{
    const GPtrArray *folders = service->settings->folders;

    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        bool works = health_get(service->health, folder->name, NULL) == HEALTH_ALIVE;
        g_autofree char *warning = works ? trust_warning(folder->path) : NULL;
        if (warning)
            journal_event(EVENT_FOLDER_OPEN, .folder = folder->name, .reason = warning);
    }
}

static void tell_mistakes(const GPtrArray *mistakes)
{
    for (unsigned i = 0; i < mistakes->len; i++)
        journal_event(EVENT_MISTAKE, .error = g_ptr_array_index(mistakes, i));
}

/* Those of the old configuration that the new one does not have. */
static void tell_dropped(const Settings *old, const Settings *new)
{
    for (unsigned i = 0; i < old->folders->len; i++) {
        const Folder *folder = g_ptr_array_index(old->folders, i);
        if (!settings_folder(new, folder->name))
            journal_event(EVENT_FOLDER_DROPPED, .folder = folder->name);
    }
}

/* Whether trying again without a change of the configuration is of no use. */
static bool none_may_pass(const GPtrArray *mistakes)
{
    for (unsigned i = 0; i < mistakes->len; i++) {
        const Error *mistake = g_ptr_array_index(mistakes, i);
        if (mistake->kind != ERROR_SETUP)
            return false;
    }
    return true;
}

/* A whole new snapshot, or the old one and every mistake. */
static bool reload(void *user, GPtrArray *mistakes)
{
    Service *service = user;
    g_autofree char *reloading =
        g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" PRIi64, g_get_monotonic_time());

    notify_try(reloading);
    /* Reading may take its time, where a share does not answer: the loop stands still meanwhile. */
    notify_try("WATCHDOG=1");
    Settings *settings = settings_load(service->options->config, NULL, mistakes);
    notify_try("WATCHDOG=1");
    if (settings) {
        tell_dropped(service->settings, settings);
        settings_unref(service->settings);
        service->settings = service->view.settings = settings;
        health_keep(service->health, settings);
        worlds_look(service->settings, service->health);
        watch_reload(service->watch, settings);
        dispatch_reload(service->dispatch, settings);
        journal_event(EVENT_RELOADED, .folder = NULL);
        tell_idle(settings);
        tell_warnings(service);
    } else {
        tell_mistakes(mistakes);
        journal_event(EVENT_RELOAD_FAILED, .folder = NULL);
    }
    service->ready_owed = !notify_try("READY=1");
    arm_once(service->status_timer, STATUS_MS);
    return settings;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    (void) source, (void) info;
    reload(user, mistakes);
    return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
    const Service *service = user;

    (void) source, (void) info;
    notify_try("STOPPING=1\nSTATUS=finishing the pictures in hand");
    return sd_event_exit(service->loop, 0);
}

/* ---- start and stop ---- */

static bool make_dir(const char *path, Error **err)
{
    if (g_mkdir_with_parents(path, 0750) == 0)
        return true;
    return error_errno(err, errno, "cannot make the directory '%s'", path);
}

/* The picture that took the last life down gets a row that says so, though it may never have come
 * as far as the ledger: it is looked at no more, only worked on, alone, and at most once. */
static bool blame(const Service *service, const Obituary *last, Error **err)
{
    const Folder *folder = last->folder ? settings_folder(service->settings, last->folder) : NULL;
    g_autoptr(Error) why = NULL;
    struct stat st;

    if (!last->signal || !folder)
        return true;
    error_set(&why, ERROR_BUG, "report it, with the picture if you may",
              "hotfolder itself died of signal %d (%s) over this picture", last->signal,
              sigdescr_np(last->signal));
    journal_event(EVENT_DIED, .folder = folder->name, .source = last->source, .error = why);
    bool there = beneath_stat(folder->path, last->source, &st) && S_ISREG(st.st_mode);
    FileId file = there ? fileid_of(&st) : (FileId){ 0 };
    return ledger_blame(service->ledger, folder->name, last->source, there ? &file : NULL, why,
                        err);
}

static bool open_ledger(Service *service, Error **err)
{
    const char *state_dir = service->options->state_dir;
    g_autofree char *path = g_build_filename(state_dir, "ledger.db", NULL);
    g_auto(Obituary) last = { 0 };

    if (!make_dir(state_dir, err) || !make_dir(service->options->runtime_dir, err) ||
        !ledger_open(path, &service->ledger, err))
        return false;
    if (ledger_set_aside(service->ledger))
        journal_event(EVENT_LEDGER_DAMAGED, .reason = ledger_set_aside(service->ledger));
    if (ledger_recovered(service->ledger))
        journal_event(EVENT_RECOVERED, .count = ledger_recovered(service->ledger));
    return obituary_open(state_dir, &last, err) && blame(service, &last, err);
}

static void on_added(void *user)
{
    const Service *service = user;

    dispatch_wake(service->dispatch);
}

/* The order matters: the watcher's library wants low descriptors that no child inherits. */
static bool start_parts(Service *service, Error **err)
{
    g_autofree char *socket = g_build_filename(service->options->runtime_dir, "control.sock", NULL);

    service->health = health_new();
    service->context.ledger = service->ledger;
    service->context.health = service->health;
    worlds_look(service->settings, service->health);
    if (!(service->dispatch = dispatch_new(service->settings, &service->context, err)))
        return false;
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
        .started_ms = clock_ms(),
        .reload = reload,
        .user = service,
    };
    if (ledger_is_fresh(service->ledger))
        service->sweep = sweep_start(service->settings, ledger_tag(service->ledger));
    service->control = control_start(socket, &service->view, err);
    return service->control != NULL;
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

static bool build_loop(Service *service, Error **err)
{
    if (add_timer(service, &service->due_timer, on_due) &&
        add_timer(service, &service->held_timer, on_held) &&
        add_timer(service, &service->status_timer, on_status) &&
        add_timer(service, &service->control_timer, on_control_time) &&
        add_timer(service, &service->watchdog_timer, on_watchdog) &&
        add_timer(service, &service->tidy_timer, on_tidy) &&
        add_timer(service, &service->beat_timer, on_beat) &&
        add_signal(service, SIGTERM, on_stop) && add_signal(service, SIGINT, on_stop) &&
        add_signal(service, SIGHUP, on_hangup) &&
        sd_event_add_io(service->loop, NULL, dispatch_fd(service->dispatch), EPOLLIN, on_dispatch,
                        service) >= 0 &&
        sd_event_add_io(service->loop, NULL, control_fd(service->control), EPOLLIN, on_control,
                        service) >= 0)
        return true;
    return error_set(err, ERROR_BUG, NULL, "cannot build the main loop");
}

/* `status` is what the process ends with, though something hangs. */
static void stop_parts(Service *service, int status)
{
    if (service->dispatch) {
        patience_ends_in(service->settings->stop_ms + GRACE_MS, status);
        dispatch_stop(service->dispatch, service->settings->stop_ms);
    }
    patience_ends_in(GRACE_MS, status);
    sweep_stop(service->sweep);
    if (service->watch)
        watch_stop(service->watch);
    control_stop(service->control);
    dispatch_free(service->dispatch);
    intake_free(service->intake);
    health_free(service->health);
}

static void tell_stopped(Service *service)
{
    g_autoptr(Error) error = NULL;
    int64_t open_rows = 0;

    if (ledger_open_rows(service->ledger, &open_rows, &error))
        journal_event(EVENT_STOPPED, .count = open_rows);
}

/* Blocked before any thread starts, so that only the main loop gets them. */
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

/* The capabilities that a unit gives are for the daemon: no program that it starts inherits them.
 */
static void keep_capabilities(void)
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static bool serve(Service *service, Error **err)
{
    if (sd_event_new(&service->loop) < 0)
        return error_set(err, ERROR_BUG, NULL, "cannot make the main loop");
    if (!open_ledger(service, err) || !start_parts(service, err) || !build_loop(service, err))
        return false;

    journal_event(EVENT_STARTED, .reason = HOTFOLDER_VERSION);
    tell_idle(service->settings);
    tell_warnings(service);
    sd_notify(0, "READY=1");
    start_watchdog(service);
    arm(service->tidy_timer, clock_ms() + TIDY_MS);
    arm(service->beat_timer, clock_ms() + BEAT_MS);
    dispatch_now(service);
    int code = sd_event_loop(service->loop);
    if (code > 0) /* said where it was decided */
        return error_set(err, ERROR_BUG, "start it again", "hotfolder ends because of that");
    return code == 0 || error_set(err, ERROR_BUG, NULL, "the main loop: %s", g_strerror(-code));
}

/* A timer that is held holds the loop in turn. */
static void drop_loop(Service *service)
{
    sd_event_source_unref(service->due_timer);
    sd_event_source_unref(service->held_timer);
    sd_event_source_unref(service->status_timer);
    sd_event_source_unref(service->control_timer);
    sd_event_source_unref(service->watchdog_timer);
    sd_event_source_unref(service->tidy_timer);
    sd_event_source_unref(service->beat_timer);
    sd_event_unref(service->loop);
}

int service_run(const ServiceOptions *options)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Error) error = NULL;
    Service service = { .options = options };

    block_signals();
    keep_capabilities();
    service.settings = settings_load(options->config, NULL, mistakes);
    tell_mistakes(mistakes);
    journal_start();
    bool ok = service.settings && serve(&service, &error);
    stop_parts(&service, ok ? EXIT_SUCCESS : EXIT_FAILURE);
    if (ok)
        tell_stopped(&service);
    ledger_close(service.ledger);
    drop_loop(&service);
    settings_unref(service.settings);
    journal_stop();
    if (error)
        trouble(error); /* on standard error, as mistakes were: we end right away */
    if (!service.settings && none_may_pass(mistakes))
        return MISTAKEN;
    return ok ? 0 : 1;
}
