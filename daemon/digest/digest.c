/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/digest.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/digest/sender.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/marks.h"

struct Digest {
    CourierParts parts; /* its stop is that of tests */
    char *state_dir;
    char *ledger_reason;
    Settings *settings;
    pthread_mutex_t lock; /* of senders, which tests read */
    GPtrArray *senders;   /* of Sender */
    GPtrArray *ending;    /* the same, halted: their notices were removed */
};

bool digest_has_way(const Notice *notice, NoticeWay way)
{
    const void *const targets[NOTICE_WAYS] = {
        [NOTICE_RUN] = notice->run, [NOTICE_MAIL] = notice->mail, [NOTICE_POST] = notice->post
    };

    return targets[way];
}

/* ---- senders ---- */

static Sender *find(const GPtrArray *senders, const char *name, guint *index)
{
    for (guint i = 0; i < senders->len; i++)
        if (!strcmp(sender_name(senders->pdata[i]), name)) {
            *index = i;
            return senders->pdata[i];
        }
    return NULL;
}

/* One that had its name may still be about to end. */
static void end_former(Digest *digest, const char *name)
{
    guint index = 0;

    while (find(digest->ending, name, &index))
        g_ptr_array_remove_index_fast(digest->ending, index);
}

static Sender *start(Digest *digest, const Notice *notice, NoticeWay way, const char *name,
                     bool is_new)
{
    end_former(digest, name);
    Sender *sender = sender_start(&digest->parts, digest->settings, notice, way, is_new);
    sender_set_ledger(sender, digest->ledger_reason);
    return sender;
}

/* The sender of this way, which goes on where there is one. */
static Sender *keep_or_start(Digest *digest, const Notice *notice, NoticeWay way, bool is_reload)
{
    g_autofree char *name = courier_name(notice, way);
    guint index = 0;
    Sender *sender = find(digest->senders, name, &index);

    if (!sender)
        return start(digest, notice, way, name, is_reload);
    sender_reload(sender, digest->settings, notice, ledger_last_end(digest->parts.ledger));
    g_ptr_array_steal_index_fast(digest->senders, index);
    return sender;
}

static void retain_marks(Digest *digest)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(Error) error = NULL;

    for (guint i = 0; i < digest->senders->len; i++)
        g_ptr_array_add(names, (char *) (uintptr_t) sender_name(digest->senders->pdata[i]));
    g_ptr_array_add(names, NULL);
    if (!ledger_retain_marks(digest->parts.ledger, (const char *const *) names->pdata, &error))
        journal_event(EVENT_ERROR, .error = error);
}

static void follow(Digest *digest, bool is_reload)
{
    GPtrArray *senders = g_ptr_array_new_with_free_func((GDestroyNotify) sender_free);
    const GPtrArray *notices = digest->settings->notices;

    pthread_mutex_lock(&digest->lock);
    for (guint i = 0; i < notices->len; i++)
        for (NoticeWay way = NOTICE_RUN; way < NOTICE_WAYS; way++)
            if (digest_has_way(notices->pdata[i], way))
                g_ptr_array_add(senders, keep_or_start(digest, notices->pdata[i], way, is_reload));
    while (digest->senders->len) {
        Sender *removed = g_ptr_array_steal_index_fast(digest->senders, 0);
        sender_halt(removed);
        g_ptr_array_add(digest->ending, removed);
    }
    g_ptr_array_unref(digest->senders);
    digest->senders = senders;
    pthread_mutex_unlock(&digest->lock);
    retain_marks(digest);
}

/* ---- the daemon ---- */

Digest *digest_start(const CourierParts *parts, Settings *settings)
{
    Digest *digest = g_new0(Digest, 1);

    digest->state_dir = g_strdup(parts->state_dir);
    digest->parts = *parts;
    digest->parts.state_dir = digest->state_dir;
    digest->parts.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    digest->settings = settings_ref(settings);
    pthread_mutex_init(&digest->lock, NULL);
    digest->senders = g_ptr_array_new_with_free_func((GDestroyNotify) sender_free);
    digest->ending = g_ptr_array_new_with_free_func((GDestroyNotify) sender_free);
    follow(digest, false);
    return digest;
}

void digest_reload(Digest *digest, Settings *settings)
{
    Settings *old = digest->settings;

    digest->settings = settings_ref(settings);
    follow(digest, true);
    settings_unref(old);
}

void digest_set_ledger(Digest *digest, const char *reason)
{
    if (!digest)
        return;
    g_free(digest->ledger_reason);
    digest->ledger_reason = g_strdup(reason);
    for (guint i = 0; i < digest->senders->len; i++)
        sender_set_ledger(digest->senders->pdata[i], reason);
}

static void say_one(const Digest *digest, const Notice *notice, NoticeWay way,
                    void (*each)(void *user, const DigestState *state), void *user)
{
    g_autofree char *name = courier_name(notice, way), *reason = NULL, *fix = NULL;
    guint index = 0;
    Sender *sender = find(digest->senders, name, &index);
    DigestState state = { .notice = notice->name, .way = notice_way_word(way) };

    if (!sender)
        return;
    state.courier = sender_state(sender, &reason, &fix);
    each(user, &state);
}

void digest_for_each(Digest *digest, void (*each)(void *user, const DigestState *state), void *user)
{
    const GPtrArray *notices = digest->settings->notices;

    for (guint i = 0; i < notices->len; i++)
        for (NoticeWay way = NOTICE_RUN; way < NOTICE_WAYS; way++)
            say_one(digest, notices->pdata[i], way, each, user);
}

bool digest_test(Digest *digest, const Notice *notice, NoticeWay way, Error **err)
{
    g_autofree char *name = courier_name(notice, way);
    guint index = 0;

    if (!courier_test(&digest->parts, notice, way, err))
        return false;
    pthread_mutex_lock(&digest->lock);
    Sender *sender = find(digest->senders, name, &index);
    if (sender)
        sender_try_now(sender);
    pthread_mutex_unlock(&digest->lock);
    return true;
}

void digest_halt(Digest *digest)
{
    if (!digest)
        return;
    eventfd_write(digest->parts.stop, 1);
    for (guint i = 0; i < digest->senders->len; i++)
        sender_halt(digest->senders->pdata[i]);
}

void digest_stop(Digest *digest)
{
    if (!digest)
        return;
    digest_halt(digest);
    g_ptr_array_unref(digest->senders);
    g_ptr_array_unref(digest->ending);
    pthread_mutex_destroy(&digest->lock);
    close(digest->parts.stop);
    settings_unref(digest->settings);
    g_free(digest->ledger_reason);
    g_free(digest->state_dir);
    g_free(digest);
}
