/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/watch/fakes.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/folders/healthcheck.h"

struct Intake {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    GArray *offers;
    GHashTable *known; /* "folder\nsource" -> FileId */
    bool remembers;
    int refusals;
    ErrorKind kind;
    bool shut, waits;
    char *holds; /* the folder of which the next offer waits; NULL: none */
    bool held;
    int delay_us;
    int unflushed;
    GHashTable *parts; /* source -> FileId */
    bool finishes;
    int put_offs;
    int asked;
    GPtrArray *retried; /* paths of intake_retry_moves() */
};

static void offer_clear(void *data)
{
    Completion *offer = data;

    g_free(offer->folder);
    g_free(offer->source);
}

Intake *fake_intake_new(void)
{
    Intake *intake = g_new0(Intake, 1);

    pthread_mutex_init(&intake->lock, NULL);
    pthread_cond_init(&intake->opened, NULL);
    intake->offers = g_array_new(FALSE, FALSE, sizeof(Completion));
    g_array_set_clear_func(intake->offers, offer_clear);
    intake->parts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    intake->retried = g_ptr_array_new_with_free_func(g_free);
    intake->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return intake;
}

void fake_intake_free(Intake *intake)
{
    g_array_unref(intake->offers);
    g_ptr_array_unref(intake->retried);
    g_hash_table_destroy(intake->known);
    g_hash_table_destroy(intake->parts);
    g_free(intake->holds);
    pthread_cond_destroy(&intake->opened);
    pthread_mutex_destroy(&intake->lock);
    g_free(intake);
}

/* Every folder's thread has this one: it has a lock. */
Intake *intake_copy(const Intake *intake)
{
    return (Intake *) (uintptr_t) intake;
}

void intake_free(Intake *intake)
{
    (void) intake;
}

uint64_t fake_hash(int fd)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    unsigned char buffer[4096];
    ssize_t got = 0;

    for (off_t at = 0; (got = pread(fd, buffer, sizeof(buffer), at)) > 0; at += got)
        for (ssize_t i = 0; i < got; i++)
            hash = (hash ^ buffer[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static char *key_of(const Folder *folder, const char *source)
{
    return g_strdup_printf("%s\n%s", folder->name, source);
}

static bool refuse(Intake *intake, Error **err)
{
    if (intake->refusals == 0)
        return false;
    intake->refusals--;
    error_set(err, intake->kind, NULL, "refused by the test");
    return true;
}

/* Whether it is one that the real intake would not take as work; a touched one is known from now
 * on. */
static bool is_old(Intake *intake, const Folder *folder, const char *source, const FileId *id)
{
    g_autofree char *key = key_of(folder, source);
    FileId *known = intake->remembers ? g_hash_table_lookup(intake->known, key) : NULL;

    if (!known || memcmp(known->hash, id->hash, sizeof(id->hash)) != 0)
        return false;
    *known = *id;
    return true;
}

/* Under the lock. */
static void hold(Intake *intake, const Folder *folder)
{
    if (g_strcmp0(intake->holds, folder->name) != 0)
        return;
    g_clear_pointer(&intake->holds, g_free);
    intake->held = true;
    while (intake->held)
        pthread_cond_wait(&intake->opened, &intake->lock);
}

bool intake_offer(Intake *intake, const Folder *folder, const char *source, int fd,
                  const FileId *id, Error **err)
{
    Completion offer = { g_strdup(folder->name), g_strdup(source), *id, fake_hash(fd) };
    bool refused = false;

    offer.id.hash[0] = offer.hash;

    pthread_mutex_lock(&intake->lock);
    intake->waits = intake->shut;
    while (intake->shut)
        pthread_cond_wait(&intake->opened, &intake->lock);
    intake->waits = false;
    hold(intake, folder);
    refused = refuse(intake, err);
    if (refused || is_old(intake, folder, source, &offer.id)) {
        offer_clear(&offer);
    } else {
        g_array_append_val(intake->offers, offer);
        g_hash_table_replace(intake->known, key_of(folder, source),
                             g_memdup2(&offer.id, sizeof(offer.id)));
        intake->unflushed++;
    }
    pthread_mutex_unlock(&intake->lock);
    if (intake->delay_us)
        g_usleep((gulong) intake->delay_us);
    return !refused;
}

bool intake_knows(Intake *intake, const Folder *folder, const char *source, const FileId *id,
                  bool *over)
{
    g_autofree char *key = key_of(folder, source);
    const FileId *known = NULL;
    bool same = false;

    pthread_mutex_lock(&intake->lock);
    known = g_hash_table_lookup(intake->known, key);
    same = known && fileid_same(known, id);
    *over = same;
    intake->asked++;
    pthread_mutex_unlock(&intake->lock);
    return same;
}

/* ---- shots ---- */

/* Under the lock. The newest picture of the shot that was flushed. */
static const Completion *find_shot(Intake *intake, const Folder *folder, const char *source)
{
    int flushed = (int) intake->offers->len - intake->unflushed;

    for (int i = flushed - 1; i >= 0; i--) {
        const Completion *offer = &g_array_index(intake->offers, Completion, i);
        if (!strcmp(offer->folder, folder->name) && shot_is_same(offer->source, source))
            return offer;
    }
    return NULL;
}

bool intake_shot(Intake *intake, const Folder *folder, const char *source, IntakeShot *shot,
                 Error **err)
{
    (void) err;
    *shot = (IntakeShot){ 0 };
    pthread_mutex_lock(&intake->lock);
    const Completion *offer = find_shot(intake, folder, source);
    if (offer)
        *shot = (IntakeShot){ .known = true,
                              .finished = intake->finishes,
                              .picture = g_strdup(offer->source),
                              .file = offer->id };
    pthread_mutex_unlock(&intake->lock);
    return true;
}

void intake_shot_clear(IntakeShot *shot)
{
    g_clear_pointer(&shot->picture, g_free);
}

/* Under the lock. */
static void add_part(Intake *intake, const char *source, const FileId *id)
{
    g_hash_table_replace(intake->parts, g_strdup(source), g_memdup2(id, sizeof(*id)));
}

bool intake_offer_part(Intake *intake, const Folder *folder, const char *source, ShotKind kind,
                       const FileId *id, IntakePart *part, Error **err)
{
    (void) kind;
    pthread_mutex_lock(&intake->lock);
    const Completion *offer = find_shot(intake, folder, source);
    bool refused = refuse(intake, err);
    if (!refused && offer)
        add_part(intake, source, id);
    *part = !offer ? INTAKE_PART_ALONE : intake->finishes ? INTAKE_PART_IS_LATE : INTAKE_PART_WAITS;
    pthread_mutex_unlock(&intake->lock);
    return !refused;
}

bool intake_hold_part(Intake *intake, const Folder *folder, const char *source, ShotKind kind,
                      const FileId *id, Error **err)
{
    (void) folder;
    (void) kind;
    (void) err;
    pthread_mutex_lock(&intake->lock);
    add_part(intake, source, id);
    pthread_mutex_unlock(&intake->lock);
    return true;
}

bool intake_knows_part(Intake *intake, const Folder *folder, const char *source, const FileId *id)
{
    (void) folder;
    pthread_mutex_lock(&intake->lock);
    const FileId *known = g_hash_table_lookup(intake->parts, source);
    bool same = known && fileid_same(known, id);
    pthread_mutex_unlock(&intake->lock);
    return same;
}

void intake_forget_part(Intake *intake, const Folder *folder, const char *source)
{
    (void) folder;
    pthread_mutex_lock(&intake->lock);
    g_hash_table_remove(intake->parts, source);
    pthread_mutex_unlock(&intake->lock);
}

bool fake_has_part(Intake *intake, const char *source)
{
    pthread_mutex_lock(&intake->lock);
    bool has = g_hash_table_contains(intake->parts, source);
    pthread_mutex_unlock(&intake->lock);
    return has;
}

void fake_intake_finishes(Intake *intake, bool finishes)
{
    pthread_mutex_lock(&intake->lock);
    intake->finishes = finishes;
    pthread_mutex_unlock(&intake->lock);
}

bool intake_is_output(Intake *intake, const FileId *id)
{
    (void) intake;
    (void) id;
    return false;
}

bool intake_mark_absent(Intake *intake, const Folder *folder, int64_t age_ms, Error **err)
{
    (void) intake;
    (void) folder;
    (void) age_ms;
    (void) err;
    return true;
}

void intake_retry_moves(Intake *intake, const Folder *folder, const char *path)
{
    (void) folder;
    pthread_mutex_lock(&intake->lock);
    g_ptr_array_add(intake->retried, g_strdup(path));
    pthread_mutex_unlock(&intake->lock);
}

int fake_retries(Intake *intake, const char *path)
{
    int count = 0;

    pthread_mutex_lock(&intake->lock);
    for (guint i = 0; i < intake->retried->len; i++)
        count += !strcmp(intake->retried->pdata[i], path);
    pthread_mutex_unlock(&intake->lock);
    return count;
}

bool intake_flush(Intake *intake, Error **err)
{
    pthread_mutex_lock(&intake->lock);
    bool postponed = intake->put_offs > 0;
    intake->put_offs -= postponed;
    intake->unflushed = postponed ? intake->unflushed : 0;
    pthread_mutex_unlock(&intake->lock);
    return !postponed || error_set(err, ERROR_TRANSIENT, NULL, "put off by the test");
}

void fake_flush_puts_off(Intake *intake, int count)
{
    pthread_mutex_lock(&intake->lock);
    intake->put_offs = count;
    pthread_mutex_unlock(&intake->lock);
}

int fake_unflushed(Intake *intake)
{
    int count = 0;

    pthread_mutex_lock(&intake->lock);
    count = intake->unflushed;
    pthread_mutex_unlock(&intake->lock);
    return count;
}

int fake_asked(Intake *intake)
{
    int count = 0;

    pthread_mutex_lock(&intake->lock);
    count = intake->asked;
    pthread_mutex_unlock(&intake->lock);
    return count;
}

int fake_offers(Intake *intake, const char *source)
{
    int count = 0;

    pthread_mutex_lock(&intake->lock);
    for (guint i = 0; i < intake->offers->len; i++)
        count +=
            !source || strcmp(g_array_index(intake->offers, Completion, i).source, source) == 0;
    pthread_mutex_unlock(&intake->lock);
    return count;
}

bool fake_offer_at(Intake *intake, int index, Completion *offer)
{
    bool found = false;

    pthread_mutex_lock(&intake->lock);
    found = index < (int) intake->offers->len;
    if (found)
        *offer = g_array_index(intake->offers, Completion, index);
    pthread_mutex_unlock(&intake->lock);
    return found;
}

void fake_intake_remembers(Intake *intake)
{
    intake->remembers = true; /* before the watcher starts */
}

int fake_offer_index(Intake *intake, const char *source)
{
    int index = -1;

    pthread_mutex_lock(&intake->lock);
    for (guint i = 0; i < intake->offers->len && index < 0; i++)
        if (strcmp(g_array_index(intake->offers, Completion, i).source, source) == 0)
            index = (int) i;
    pthread_mutex_unlock(&intake->lock);
    return index;
}

bool fake_offer(Intake *intake, const char *source, Completion *offer)
{
    bool found = false;

    pthread_mutex_lock(&intake->lock);
    for (guint i = 0; i < intake->offers->len; i++) {
        const Completion *one = &g_array_index(intake->offers, Completion, i);

        if (strcmp(one->source, source) == 0) {
            *offer = *one;
            found = true;
        }
    }
    pthread_mutex_unlock(&intake->lock);
    return found;
}

void fake_intake_refuses(Intake *intake, int count, ErrorKind kind)
{
    pthread_mutex_lock(&intake->lock);
    intake->refusals = count;
    intake->kind = kind;
    pthread_mutex_unlock(&intake->lock);
}

void fake_intake_shut(Intake *intake, bool shut)
{
    pthread_mutex_lock(&intake->lock);
    intake->shut = shut;
    pthread_cond_broadcast(&intake->opened);
    pthread_mutex_unlock(&intake->lock);
}

void fake_intake_holds(Intake *intake, const char *folder)
{
    pthread_mutex_lock(&intake->lock);
    g_free(intake->holds);
    intake->holds = g_strdup(folder);
    intake->held = false;
    pthread_cond_broadcast(&intake->opened);
    pthread_mutex_unlock(&intake->lock);
}

bool fake_is_held(Intake *intake)
{
    pthread_mutex_lock(&intake->lock);
    bool held = intake->held;
    pthread_mutex_unlock(&intake->lock);
    return held;
}

bool fake_shut_waits(Intake *intake)
{
    bool waits = false;

    pthread_mutex_lock(&intake->lock);
    waits = intake->waits;
    pthread_mutex_unlock(&intake->lock);
    return waits;
}

void fake_intake_delay(Intake *intake, int us)
{
    intake->delay_us = us; /* before the watcher starts */
}

struct Health {
    pthread_mutex_t lock;
    GHashTable *states; /* folder -> HealthState + 1 */
};

Health *health_new(void)
{
    Health *health = g_new0(Health, 1);

    pthread_mutex_init(&health->lock, NULL);
    health->states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return health;
}

void health_free(Health *health)
{
    g_hash_table_destroy(health->states);
    pthread_mutex_destroy(&health->lock);
    g_free(health);
}

void health_set(Health *health, const char *folder, HealthState state, const char *reason)
{
    assert_true((reason != NULL) == (state != HEALTH_AVAILABLE));
    pthread_mutex_lock(&health->lock);
    g_hash_table_replace(health->states, g_strdup(folder), GINT_TO_POINTER((int) state + 1));
    pthread_mutex_unlock(&health->lock);
}

bool healthcheck_run_timed(Settings *settings, const Folder *folder, int64_t need, Error **err)
{
    (void) settings, (void) folder, (void) need, (void) err;
    return true;
}

void health_hold(Health *health, const char *folder, const char *reason, int64_t need)
{
    (void) need;
    health_set(health, folder, HEALTH_HELD, reason);
}

HealthState health_get(Health *health, const char *folder, char **reason)
{
    gpointer state = NULL;

    if (reason)
        *reason = NULL;
    pthread_mutex_lock(&health->lock);
    state = g_hash_table_lookup(health->states, folder);
    pthread_mutex_unlock(&health->lock);
    return state ? (HealthState) (GPOINTER_TO_INT(state) - 1) : HEALTH_AVAILABLE;
}

typedef struct Logged {
    EventId id;
    char *source, *reason;
} Logged;

static pthread_mutex_t logged_lock = PTHREAD_MUTEX_INITIALIZER;
static GArray *logged;

void journal_send(EventId id, const EventFields *fields)
{
    Logged one = { id, g_strdup(fields->source), g_strdup(fields->reason) };

    pthread_mutex_lock(&logged_lock);
    if (!logged)
        logged = g_array_new(FALSE, FALSE, sizeof(Logged));
    g_array_append_val(logged, one);
    pthread_mutex_unlock(&logged_lock);
}

int fake_logged(EventId id, const char *source, const char *reason)
{
    int count = 0;

    pthread_mutex_lock(&logged_lock);
    for (guint i = 0; logged && i < logged->len; i++) {
        const Logged *one = &g_array_index(logged, Logged, i);

        count += one->id == id && (!source || g_strcmp0(one->source, source) == 0) &&
                 (!reason || g_strcmp0(one->reason, reason) == 0);
    }
    pthread_mutex_unlock(&logged_lock);
    return count;
}

void fake_journal_clear(void)
{
    pthread_mutex_lock(&logged_lock);
    for (guint i = 0; logged && i < logged->len; i++) {
        g_free(g_array_index(logged, Logged, i).source);
        g_free(g_array_index(logged, Logged, i).reason);
    }
    g_clear_pointer(&logged, g_array_unref);
    pthread_mutex_unlock(&logged_lock);
}

static void folder_free(void *data)
{
    Folder *folder = data;

    g_free(folder->name);
    g_free(folder->path);
    g_strfreev(folder->ignore);
    g_free(folder);
}

static void add_folder(GPtrArray *folders, const char *name, const char *path)
{
    Folder *folder = g_new0(Folder, 1);

    folder->limits.accept = FORMATS_TRUSTED;

    folder->name = g_strdup(name);
    folder->path = g_strdup(path);
    folder->recursive = true;
    folder->quiet_ms = 200;
    folder->incomplete_ms = 60000;
    g_ptr_array_add(folders, folder);
}

Settings *fake_settings(const char *name, const char *path, const char *other,
                        const char *other_path)
{
    Settings *settings = g_new0(Settings, 1);

    atomic_init(&settings->refs, 1);
    settings->reconcile_ms = 300000;
    settings->folders = g_ptr_array_new_with_free_func(folder_free);
    add_folder(settings->folders, name, path);
    if (other)
        add_folder(settings->folders, other, other_path);
    return settings;
}

Settings *settings_ref(Settings *settings)
{
    atomic_fetch_add(&settings->refs, 1);
    return settings;
}

void settings_unref(Settings *settings)
{
    if (!settings || atomic_fetch_sub(&settings->refs, 1) != 1)
        return;
    g_ptr_array_unref(settings->folders);
    g_free(settings);
}
