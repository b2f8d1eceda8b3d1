#include "daemon/watch/ignored.h"

#include <string.h>

enum { IGNORED_MAX = 100000 };

typedef struct Entry {
    uint64_t path; /* the key: a hash; two paths with the same hash count as one file */
    uint64_t file; /* a hash of the FileId */
    const char *reason;
    unsigned scan; /* the last scan that found it */
    bool paused;   /* not counted */
} Entry;

struct IgnoredFiles {
    GHashTable *entries; /* of Entry, by its path */
    Counters counters;
    Counters extra; /* files beyond IGNORED_MAX, which `counters` has too: subtracted when a scan
                       begins */
    unsigned scan;
};

static guint entry_hash(gconstpointer key)
{
    return (guint) ((const Entry *) key)->path;
}

static gboolean entry_equal(gconstpointer a, gconstpointer b)
{
    return ((const Entry *) a)->path == ((const Entry *) b)->path;
}

IgnoredFiles *ignored_new(void)
{
    IgnoredFiles *ignored = g_new0(IgnoredFiles, 1);

    ignored->entries = g_hash_table_new_full(entry_hash, entry_equal, g_free, NULL);
    counters_init(&ignored->counters);
    counters_init(&ignored->extra);
    return ignored;
}

void ignored_free(IgnoredFiles *ignored)
{
    if (!ignored)
        return;
    g_hash_table_destroy(ignored->entries);
    counters_clear(&ignored->counters);
    counters_clear(&ignored->extra);
    g_free(ignored);
}

/* FNV-1a: the keys are short, and a collision costs one check at most. */
static uint64_t hash_bytes(const void *data, size_t length)
{
    const unsigned char *bytes = data;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t path_hash(const char *path)
{
    return hash_bytes(path, strlen(path));
}

static uint64_t file_hash(const FileId *id)
{
    uint64_t parts[4] = { 0 };

    if (!id)
        return 0;
    parts[0] = (uint64_t) id->dev;
    parts[1] = (uint64_t) id->ino;
    parts[2] = (uint64_t) id->size;
    parts[3] = (uint64_t) id->mtime_ns;
    return hash_bytes(parts, sizeof(parts));
}

static Entry *find(IgnoredFiles *ignored, const char *path)
{
    Entry key = { .path = path_hash(path) };

    return g_hash_table_lookup(ignored->entries, &key);
}

static void uncount(IgnoredFiles *ignored, const Entry *entry)
{
    if (!entry->paused)
        counters_add(&ignored->counters, entry->reason, -1);
}

bool ignored_add(IgnoredFiles *ignored, const char *path, const FileId *id, const char *reason)
{
    Entry *entry = find(ignored, path);
    bool is_new = !entry || strcmp(entry->reason, reason) != 0;

    if (!entry && g_hash_table_size(ignored->entries) >= IGNORED_MAX) {
        counters_add(&ignored->counters, reason, 1);
        counters_add(&ignored->extra, reason, 1);
        return false;
    }
    if (!entry) {
        entry = g_new0(Entry, 1);
        entry->path = path_hash(path);
        g_hash_table_add(ignored->entries, entry);
    } else {
        uncount(ignored, entry);
    }
    counters_add(&ignored->counters, reason, 1);
    entry->paused = false;
    entry->file = file_hash(id);
    entry->reason = reason;
    entry->scan = ignored->scan;
    return is_new;
}

bool ignored_knows(IgnoredFiles *ignored, const char *path, const FileId *id)
{
    Entry *entry = find(ignored, path);

    if (!entry || entry->paused || entry->file != file_hash(id))
        return false;
    entry->scan = ignored->scan;
    return true;
}

void ignored_drop(IgnoredFiles *ignored, const char *path)
{
    Entry *entry = find(ignored, path);

    if (!entry)
        return;
    uncount(ignored, entry);
    g_hash_table_remove(ignored->entries, entry);
}

void ignored_pause(IgnoredFiles *ignored, const char *path)
{
    Entry *entry = find(ignored, path);

    if (!entry)
        return;
    uncount(ignored, entry);
    entry->paused = true;
    entry->scan = ignored->scan;
}

void ignored_scan_begins(IgnoredFiles *ignored)
{
    g_autoptr(GArray) extra = counters_rows(&ignored->extra, NULL);

    ignored->scan++;
    for (guint i = 0; i < extra->len; i++) {
        const ReasonCount *row = &g_array_index(extra, ReasonCount, i);

        counters_add(&ignored->counters, row->reason, -row->files);
        counters_add(&ignored->extra, row->reason, -row->files);
    }
}

static gboolean not_seen(gpointer key, gpointer value, gpointer data)
{
    IgnoredFiles *ignored = data;
    const Entry *entry = key;

    (void) value;
    if (entry->scan == ignored->scan)
        return FALSE;
    uncount(ignored, entry);
    return TRUE;
}

void ignored_scan_ended(IgnoredFiles *ignored)
{
    g_hash_table_foreach_remove(ignored->entries, not_seen, ignored);
}

Counters *ignored_counters(IgnoredFiles *ignored)
{
    return &ignored->counters;
}
