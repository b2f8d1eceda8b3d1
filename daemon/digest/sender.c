/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/sender.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/ledger/marks.h"

struct Sender {
    char *name;
    Courier *courier; /* of the thread, while there is one */
    pthread_t thread;
    bool has_thread;
    int stop; /* an eventfd */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock: what the thread is to take over, ... */
    bool stopping, try_now;
    Settings *settings; /* NULL: the same as before */
    const Notice *notice;
    int64_t last_end;
    char *ledger_reason;
    /* ... and what it says of itself. */
    CourierState state; /* its texts are owned */
};

/* ---- the thread ---- */

/* What was asked for since the last turn. */
typedef struct Requests {
    Settings *settings;
    const Notice *notice;
    int64_t last_end;
    bool try_now;
    char *ledger_reason;
} Requests;

/* Under the lock. */
static Requests take_requests(Sender *sender)
{
    Requests requests = { .settings = g_steal_pointer(&sender->settings),
                          .notice = sender->notice,
                          .last_end = sender->last_end,
                          .try_now = sender->try_now,
                          .ledger_reason = g_strdup(sender->ledger_reason) };

    sender->try_now = false;
    return requests;
}

/* Under the lock. */
static void keep_state(Sender *sender)
{
    CourierState state = courier_state(sender->courier);

    g_free((char *) (uintptr_t) sender->state.reason);
    g_free((char *) (uintptr_t) sender->state.fix);
    sender->state = state;
    sender->state.reason = g_strdup(state.reason);
    sender->state.fix = g_strdup(state.fix);
}

/* Without the lock: a delivery may take a minute. */
static int64_t turn(Sender *sender, Requests *requests)
{
    if (requests->settings)
        courier_reload(sender->courier, requests->settings, requests->notice, requests->last_end);
    if (requests->try_now)
        courier_try_now(sender->courier);
    int64_t next_ms = courier_turn(sender->courier, requests->ledger_reason);
    settings_unref(requests->settings);
    g_free(requests->ledger_reason);
    return next_ms;
}

static void *run(void *data)
{
    Sender *sender = data;

    pthread_mutex_lock(&sender->lock);
    while (!sender->stopping) {
        Requests requests = take_requests(sender);
        pthread_mutex_unlock(&sender->lock);
        int64_t next_ms = turn(sender, &requests);
        pthread_mutex_lock(&sender->lock);
        keep_state(sender);
        struct timespec until = clock_after(MAX(next_ms - clock_ms(), 0));
        if (!sender->stopping && !sender->try_now && !sender->settings)
            pthread_cond_clockwait(&sender->changed, &sender->lock, CLOCK_MONOTONIC, &until);
    }
    pthread_mutex_unlock(&sender->lock);
    return NULL;
}

/* ---- from outside ---- */

/* A notice of this name that was there before has its marks no more. */
static void forget_marks(Ledger *ledger, const char *name)
{
    g_autoptr(GArray) none = ledger_marks_new();
    g_autoptr(Error) later = NULL;

    ledger_keep_marks(ledger, name, none, &later);
}

Sender *sender_start(const CourierParts *parts, Settings *settings, const Notice *notice,
                     NoticeWay way, bool is_new)
{
    Sender *sender = g_new0(Sender, 1);
    CourierParts own = *parts;

    sender->name = courier_name(notice, way);
    sender->stop = own.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sender->courier = courier_new(&own, settings, notice, way);
    pthread_mutex_init(&sender->lock, NULL);
    pthread_cond_init(&sender->changed, NULL);
    if (is_new)
        forget_marks(parts->ledger, sender->name);
    courier_begin(sender->courier);
    sender->has_thread = thread_start(&sender->thread, run, sender) == 0;
    if (sender->has_thread)
        pthread_setname_np(sender->thread, "sender");
    return sender;
}

const char *sender_name(const Sender *sender)
{
    return sender->name;
}

/* The first of several reloads that the thread has not taken over says what is new. */
void sender_reload(Sender *sender, Settings *settings, const Notice *notice, int64_t last_end)
{
    Settings *old = NULL;

    pthread_mutex_lock(&sender->lock);
    old = sender->settings;
    if (!old)
        sender->last_end = last_end;
    sender->settings = settings_ref(settings);
    sender->notice = notice;
    pthread_cond_signal(&sender->changed);
    pthread_mutex_unlock(&sender->lock);
    settings_unref(old);
}

void sender_try_now(Sender *sender)
{
    pthread_mutex_lock(&sender->lock);
    sender->try_now = true;
    pthread_cond_signal(&sender->changed);
    pthread_mutex_unlock(&sender->lock);
}

void sender_set_ledger(Sender *sender, const char *reason)
{
    pthread_mutex_lock(&sender->lock);
    g_free(sender->ledger_reason);
    sender->ledger_reason = g_strdup(reason);
    pthread_mutex_unlock(&sender->lock);
}

CourierState sender_state(Sender *sender, char **reason, char **fix)
{
    pthread_mutex_lock(&sender->lock);
    CourierState state = sender->state;
    *reason = g_strdup(state.reason);
    *fix = g_strdup(state.fix);
    pthread_mutex_unlock(&sender->lock);
    state.reason = *reason;
    state.fix = *fix;
    return state;
}

void sender_halt(Sender *sender)
{
    pthread_mutex_lock(&sender->lock);
    sender->stopping = true;
    pthread_cond_signal(&sender->changed);
    pthread_mutex_unlock(&sender->lock);
    eventfd_write(sender->stop, 1);
}

void sender_free(Sender *sender)
{
    sender_halt(sender);
    if (sender->has_thread)
        pthread_join(sender->thread, NULL);
    courier_free(sender->courier);
    settings_unref(sender->settings);
    g_free(sender->ledger_reason);
    g_free((char *) (uintptr_t) sender->state.reason);
    g_free((char *) (uintptr_t) sender->state.fix);
    pthread_cond_destroy(&sender->changed);
    pthread_mutex_destroy(&sender->lock);
    close(sender->stop);
    g_free(sender->name);
    g_free(sender);
}
