/* The loop of the thread: requests of other threads, a turn, a sleep. */
#include "daemon/watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/watch/engine.h"

enum { UNRESPONSIVE_MS = 10 * 1000 };

struct Watch {
    pthread_t thread;
    pthread_mutex_t lock; /* of the engine's list of folders and of the requests */
    Engine *engine;       /* the thread's; its list of folders changes under the lock only */
    int mounts;           /* /proc/self/mountinfo: polled for changes; -1: not available */
    int wake;             /* eventfd */

    /* requests */
    bool stop;
    Settings *next;
};

static void wake(const Watch *watch)
{
    uint64_t one = 1;

    while (write(watch->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        continue;
}

/* Does what other threads asked for; false when the thread must end. */
static bool handle_requests(Watch *watch, int64_t now_ms)
{
    uint64_t count = 0;
    bool go_on = true;

    if (read(watch->wake, &count, sizeof(count)) < 0)
        return true; /* no request */
    pthread_mutex_lock(&watch->lock);
    if (watch->next) {
        engine_reload(watch->engine, watch->next, now_ms);
        g_clear_pointer(&watch->next, settings_unref);
    }
    go_on = !watch->stop;
    pthread_mutex_unlock(&watch->lock);
    return go_on;
}

/* Sleeps until an event, a request or until_ms. True when a mount was added or removed. */
static bool sleep_until(const Watch *watch, int64_t until_ms)
{
    struct pollfd fds[] = {
        { .fd = watch->engine->events, .events = POLLIN },
        { .fd = watch->wake, .events = POLLIN },
        { .fd = watch->mounts, .events = POLLPRI },
    };
    int64_t remaining_ms = until_ms == CLOCK_NEVER ? -1 : MAX(until_ms - clock_ms(), 0);

    if (poll(fds, G_N_ELEMENTS(fds), (int) MIN(remaining_ms, G_MAXINT)) <= 0)
        return false;
    return fds[2].revents & (POLLPRI | POLLERR);
}

static void *run(void *data)
{
    Watch *watch = data;

    pthread_setname_np(pthread_self(), "watch");
    while (handle_requests(watch, clock_ms())) {
        bool more = engine_turn(watch->engine);

        if (sleep_until(watch, more ? 0 : engine_next_ms(watch->engine)))
            engine_mounts_changed(watch->engine, clock_ms());
    }
    engine_flush(watch->engine, clock_ms());
    return NULL;
}

/* Everything except the thread. The engine is first: the library's select(2) needs a low
 * descriptor. */
static Watch *watch_new(Settings *settings, Intake *intake, Health *health, Error **err)
{
    Engine *engine = engine_new(settings, intake, health, err);
    Watch *watch = NULL;

    if (!engine)
        return NULL;
    watch = g_new0(Watch, 1);
    watch->engine = engine;
    pthread_mutex_init(&watch->lock, NULL);
    watch->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    return watch;
}

static void watch_free(Watch *watch)
{
    engine_free(watch->engine);
    g_clear_pointer(&watch->next, settings_unref);
    close(watch->wake);
    if (watch->mounts >= 0)
        close(watch->mounts);
    pthread_mutex_destroy(&watch->lock);
    g_free(watch);
}

/* The kernel sends SIGIO to the holder of a lease when a process opens the file for writing at that
 * moment; it would end this process. */
static int start_thread(Watch *watch)
{
    signal(SIGIO, SIG_IGN);
    return thread_start(&watch->thread, run, watch);
}

Watch *watch_start(Settings *settings, Intake *intake, Health *health, Error **err)
{
    Watch *watch = watch_new(settings, intake, health, err);
    int code = watch ? start_thread(watch) : 0;

    if (code) {
        watch_free(watch);
        error_errno(err, code, "cannot start the watcher's thread");
        return NULL;
    }
    return watch;
}

void watch_reload(Watch *watch, Settings *settings)
{
    Settings *unseen = NULL;

    pthread_mutex_lock(&watch->lock);
    unseen = watch->next;
    watch->next = settings_ref(settings);
    pthread_mutex_unlock(&watch->lock);
    if (unseen)
        settings_unref(unseen);
    wake(watch);
}

bool watch_initial_scan_done(Watch *watch)
{
    bool done = false;

    pthread_mutex_lock(&watch->lock);
    done = engine_initial_scan_done(watch->engine);
    pthread_mutex_unlock(&watch->lock);
    return done;
}

char *watch_scanning(Watch *watch, int *files)
{
    char *name = NULL;

    pthread_mutex_lock(&watch->lock);
    name = engine_scanning(watch->engine, files);
    pthread_mutex_unlock(&watch->lock);
    return name;
}

char *watch_unresponsive(Watch *watch)
{
    return engine_unresponsive(watch->engine, UNRESPONSIVE_MS);
}

WatchReport watch_report(Watch *watch, const char *folder)
{
    WatchReport report;

    pthread_mutex_lock(&watch->lock);
    report = engine_report(watch->engine, folder);
    pthread_mutex_unlock(&watch->lock);
    return report;
}

void watch_stop(Watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stop = true;
    pthread_mutex_unlock(&watch->lock);
    wake(watch);
    pthread_join(watch->thread, NULL);
    watch_free(watch);
}
