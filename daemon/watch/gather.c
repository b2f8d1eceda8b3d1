/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chain of files for each shot key. */
#include "daemon/watch/gather.h"

#include <string.h>

typedef struct Waiting {
    struct Waiting *next;
    unsigned scan; /* the last one that found it, or began before it was put here */
    ShotKind kind;
    bool ready;
    char path[];
} Waiting;

struct Gather {
    GHashTable *shots; /* shot key -> Waiting */
    guint count;
    unsigned scan;
};

Gather *gather_new(void)
{
    Gather *gather = g_new0(Gather, 1);

    gather->shots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return gather;
}

static bool is_any(const Waiting *file, const void *user)
{
    (void) file;
    (void) user;
    return true;
}

/* Drops the files of a chain that `fits` says; the first of those that stay. */
static Waiting *cut_chain(Gather *gather, Waiting *file,
                          bool (*fits)(const Waiting *file, const void *user), const void *user)
{
    Waiting *first = NULL, **last = &first;

    while (file) {
        Waiting *next = file->next;
        if (fits(file, user)) {
            gather->count--;
            g_free(file);
        } else {
            *last = file;
            last = &file->next;
        }
        file = next;
    }
    *last = NULL;
    return first;
}

static void drop_where(Gather *gather, bool (*fits)(const Waiting *file, const void *user),
                       const void *user)
{
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, gather->shots);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Waiting *left = cut_chain(gather, value, fits, user);

        if (left)
            g_hash_table_iter_replace(&iter, left);
        else
            g_hash_table_iter_remove(&iter);
    }
}

void gather_free(Gather *gather)
{
    if (!gather)
        return;
    drop_where(gather, is_any, NULL);
    g_hash_table_destroy(gather->shots);
    g_free(gather);
}

/* The files of the shot of `path`; *key is newly allocated, NULL: it is in no shot. */
static Waiting *chain_of(const Gather *gather, const char *path, char **key)
{
    *key = g_hash_table_size(gather->shots) ? shot_key(path) : NULL;
    return *key ? g_hash_table_lookup(gather->shots, *key) : NULL;
}

static Waiting *find(const Gather *gather, const char *path)
{
    g_autofree char *key = NULL;

    for (Waiting *file = chain_of(gather, path, &key); file; file = file->next)
        if (!strcmp(file->path, path))
            return file;
    return NULL;
}

static void add(Gather *gather, const char *path, bool ready)
{
    char *key = shot_key(path);
    size_t size = strlen(path) + 1;

    if (!key || gather->count >= GATHER_MAX) {
        g_free(key);
        return;
    }
    Waiting *file = g_malloc(sizeof(*file) + size);
    *file = (Waiting){ .next = g_hash_table_lookup(gather->shots, key),
                       .scan = gather->scan,
                       .kind = shot_kind(path),
                       .ready = ready };
    memcpy(file->path, path, size);
    gather->count++;
    g_hash_table_replace(gather->shots, key, file);
}

void gather_put(Gather *gather, const char *path, bool ready)
{
    Waiting *file = find(gather, path);

    if (!file) {
        add(gather, path, ready);
        return;
    }
    file->ready = ready;
    file->scan = gather->scan;
}

static bool is_path(const Waiting *file, const void *path)
{
    return !strcmp(file->path, path);
}

void gather_drop(Gather *gather, const char *path)
{
    char *key = NULL;
    Waiting *chain = chain_of(gather, path, &key);
    Waiting *left = cut_chain(gather, chain, is_path, path);

    if (left && left != chain) {
        g_hash_table_replace(gather->shots, key, left);
        return;
    }
    if (chain && !left)
        g_hash_table_remove(gather->shots, key);
    g_free(key);
}

static bool is_below(const Waiting *file, const void *directory)
{
    size_t length = strlen(directory);

    return !length || (!strncmp(file->path, directory, length) && file->path[length] == '/');
}

void gather_drop_below(Gather *gather, const char *directory)
{
    drop_where(gather, is_below, directory);
}

GatherState gather_find(const Gather *gather, const char *path, ShotKind kind)
{
    g_autofree char *key = NULL;
    GatherState state = GATHER_NONE;

    for (const Waiting *file = chain_of(gather, path, &key); file; file = file->next)
        if (file->kind == kind && strcmp(file->path, path) != 0)
            state = MAX(state, file->ready ? GATHER_READY : GATHER_PENDING);
    return state;
}

GPtrArray *gather_others(const Gather *gather, const char *path, bool ready)
{
    g_autofree char *key = NULL;
    GPtrArray *others = NULL;

    for (const Waiting *file = chain_of(gather, path, &key); file; file = file->next) {
        if ((ready && !file->ready) || !strcmp(file->path, path))
            continue;
        if (!others)
            others = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(others, g_strdup(file->path));
    }
    return others;
}

void gather_scan_begins(Gather *gather)
{
    gather->scan++;
}

void gather_seen(Gather *gather, const char *path)
{
    Waiting *file = find(gather, path);

    if (file)
        file->scan = gather->scan;
}

static bool is_old(const Waiting *file, const void *scan)
{
    return file->scan != *(const unsigned *) scan;
}

void gather_scan_ended(Gather *gather)
{
    drop_where(gather, is_old, &gather->scan);
}
