/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A table with open addressing. A dropped entry keeps its slot until the table is made again. */
#include "daemon/watch/known.h"

#include <pthread.h>
#include <string.h>

enum {
    SLOTS_MIN = 1 << 8,
    SLOTS_MAX = 1 << 19, /* with a quarter of them free there is room for all of these: */
    IGNORED_MAX = 100000,
    FINISHED_MAX = 290000,
};

typedef enum Kind { DROPPED, FINISHED, IGNORED } Kind;

typedef struct Entry {
    uint64_t path;        /* a hash; 0: a free slot. Two paths with the same hash are one file */
    uint64_t file;        /* a hash; 0: the name alone decided */
    unsigned scan;        /* the last full scan that found it, or began before it was found */
    unsigned char kind;   /* a Kind */
    unsigned char reason; /* an ignored one's, in KnownFiles */
    bool paused;          /* not counted */
} Entry;

struct KnownFiles {
    pthread_mutex_t lock; /* of all that follows: held by the functions of known.h alone */
    Entry *slots;
    size_t count; /* a power of two, or 0 */
    size_t used;  /* also by dropped entries */
    int of_kind[IGNORED + 1];
    GPtrArray *reasons; /* static texts */
    Counters counters;
    Counters extra; /* files beyond IGNORED_MAX, which `counters` has too: subtracted when a scan
                       begins */
    unsigned scan;
};

KnownFiles *known_new(void)
{
    KnownFiles *known = g_new0(KnownFiles, 1);

    pthread_mutex_init(&known->lock, NULL);
    known->reasons = g_ptr_array_new();
    counters_init(&known->counters);
    counters_init(&known->extra);
    return known;
}

void known_free(KnownFiles *known)
{
    if (!known)
        return;
    g_free(known->slots);
    g_ptr_array_unref(known->reasons);
    counters_clear(&known->counters);
    counters_clear(&known->extra);
    pthread_mutex_destroy(&known->lock);
    g_free(known);
}

/* ---- the table ---- */

static uint64_t path_hash(const char *path)
{
    return fileid_text_hash(path) | 1;
}

static uint64_t file_hash(const FileId *id)
{
    return id ? fileid_stat_hash(id) | 1 : 0;
}

/* The slot of a path, or the free slot where it belongs; there is one. */
static Entry *slot_of(Entry *slots, size_t count, uint64_t path)
{
    size_t at = (size_t) (path >> 1) & (count - 1);

    while (slots[at].path && slots[at].path != path)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

/* NULL: nothing is known of the path. */
static Entry *find(const KnownFiles *known, const char *path)
{
    Entry *entry = known->used ? slot_of(known->slots, known->count, path_hash(path)) : NULL;

    return entry && entry->path && entry->kind != DROPPED ? entry : NULL;
}

static size_t live(const KnownFiles *known)
{
    return (size_t) known->of_kind[FINISHED] + (size_t) known->of_kind[IGNORED];
}

/* Makes the table again, half empty and without dropped entries. */
static void rebuild(KnownFiles *known)
{
    g_autofree Entry *old = known->slots;
    size_t old_count = known->count;

    for (known->count = SLOTS_MIN; live(known) >= known->count / 2 && known->count < SLOTS_MAX;)
        known->count *= 2;
    known->slots = g_new0(Entry, known->count);
    known->used = 0;
    for (size_t i = 0; i < old_count; i++)
        if (old[i].path && old[i].kind != DROPPED) {
            *slot_of(known->slots, known->count, old[i].path) = old[i];
            known->used++;
        }
}

/* ---- entries ---- */

static const char *reason_of(const KnownFiles *known, const Entry *entry)
{
    return known->reasons->pdata[entry->reason];
}

/* The last of too many reasons stands for those that follow, as in the counters. */
static unsigned char number_of(KnownFiles *known, const char *reason)
{
    const GPtrArray *reasons = known->reasons;
    guint number = 0;

    while (number < reasons->len && strcmp(reasons->pdata[number], reason) != 0)
        number++;
    if (number < reasons->len)
        return (unsigned char) number;
    if (reasons->len < COUNTERS_MAX)
        g_ptr_array_add(known->reasons, (char *) (uintptr_t) reason);
    return (unsigned char) (reasons->len - 1);
}

static void uncount(KnownFiles *known, const Entry *entry)
{
    if (entry->kind == IGNORED && !entry->paused)
        counters_add(&known->counters, reason_of(known, entry), -1);
}

static void drop(KnownFiles *known, Entry *entry)
{
    uncount(known, entry);
    known->of_kind[entry->kind]--;
    entry->kind = DROPPED;
}

/* Replaces what is known of the path. */
static void put(KnownFiles *known, const char *path, Entry entry)
{
    Entry *old = find(known, path);

    if (old)
        drop(known, old);
    if (known->used >= known->count - known->count / 4)
        rebuild(known);
    entry.path = path_hash(path);
    entry.scan = known->scan;
    Entry *slot = slot_of(known->slots, known->count, entry.path);
    known->used += slot->path == 0;
    known->of_kind[entry.kind]++;
    *slot = entry;
}

static void drop_path(KnownFiles *known, const char *path)
{
    Entry *entry = find(known, path);

    if (entry)
        drop(known, entry);
}

void known_drop(KnownFiles *known, const char *path)
{
    pthread_mutex_lock(&known->lock);
    drop_path(known, path);
    pthread_mutex_unlock(&known->lock);
}

/* ---- finished files ---- */

void known_finish(KnownFiles *known, const char *path, const FileId *id)
{
    pthread_mutex_lock(&known->lock);
    drop_path(known, path);
    if (known->of_kind[FINISHED] < FINISHED_MAX)
        put(known, path, (Entry){ .kind = FINISHED, .file = file_hash(id) });
    pthread_mutex_unlock(&known->lock);
}

bool known_is_finished(KnownFiles *known, const char *path, const FileId *id)
{
    pthread_mutex_lock(&known->lock);
    const Entry *entry = find(known, path);
    bool finished = entry && entry->kind == FINISHED && entry->scan == known->scan &&
                    entry->file == file_hash(id);
    pthread_mutex_unlock(&known->lock);
    return finished;
}

/* ---- ignored files ---- */

static Entry *find_ignored(const KnownFiles *known, const char *path)
{
    Entry *entry = find(known, path);

    return entry && entry->kind == IGNORED ? entry : NULL;
}

static bool ignore(KnownFiles *known, const char *path, const FileId *id, const char *reason)
{
    const Entry *old = find_ignored(known, path);
    Entry entry = { .kind = IGNORED, .file = file_hash(id), .reason = number_of(known, reason) };
    bool is_new = !old || old->reason != entry.reason;

    counters_add(&known->counters, reason_of(known, &entry), 1);
    if (!old && known->of_kind[IGNORED] >= IGNORED_MAX) {
        counters_add(&known->extra, reason_of(known, &entry), 1);
        return false;
    }
    put(known, path, entry);
    return is_new;
}

bool known_ignore(KnownFiles *known, const char *path, const FileId *id, const char *reason)
{
    pthread_mutex_lock(&known->lock);
    bool is_new = ignore(known, path, id, reason);
    pthread_mutex_unlock(&known->lock);
    return is_new;
}

bool known_is_ignored(KnownFiles *known, const char *path, const FileId *id)
{
    pthread_mutex_lock(&known->lock);
    Entry *entry = find_ignored(known, path);
    bool is = entry && !entry->paused && entry->file == file_hash(id);
    if (is)
        entry->scan = known->scan;
    pthread_mutex_unlock(&known->lock);
    return is;
}

const char *known_reason(KnownFiles *known, const char *path)
{
    pthread_mutex_lock(&known->lock);
    const Entry *entry = find_ignored(known, path);
    const char *reason = entry && !entry->paused ? reason_of(known, entry) : NULL;
    pthread_mutex_unlock(&known->lock);
    return reason;
}

void known_pause(KnownFiles *known, const char *path)
{
    pthread_mutex_lock(&known->lock);
    Entry *entry = find_ignored(known, path);
    if (entry) {
        uncount(known, entry);
        entry->paused = true;
        entry->scan = known->scan;
    }
    pthread_mutex_unlock(&known->lock);
}

/* ---- scans ---- */

void known_scan_begins(KnownFiles *known)
{
    g_autoptr(GArray) extra = counters_rows(&known->extra, NULL);

    pthread_mutex_lock(&known->lock);
    known->scan++;
    pthread_mutex_unlock(&known->lock);
    for (guint i = 0; i < extra->len; i++) {
        const ReasonCount *row = &g_array_index(extra, ReasonCount, i);

        counters_add(&known->counters, row->reason, -row->files);
        counters_add(&known->extra, row->reason, -row->files);
    }
}

/* The table shrinks to what is left in it. */
void known_scan_ended(KnownFiles *known)
{
    pthread_mutex_lock(&known->lock);
    for (size_t i = 0; i < known->count; i++) {
        Entry *entry = &known->slots[i];

        if (entry->path && entry->kind != DROPPED && entry->scan != known->scan)
            drop(known, entry);
    }
    rebuild(known);
    pthread_mutex_unlock(&known->lock);
}

Counters *known_counters(KnownFiles *known)
{
    return &known->counters;
}
