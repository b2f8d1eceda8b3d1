#include "daemon/watch/ignored.h"

#include <string.h>

enum { LEFT_MAX = 100000 };

typedef struct Entry {
    uint64_t path; /* the key: a hash; two paths of one hash would be one line less in `status` */
    uint64_t file; /* a hash of the FileId */
    const char *reason;
    unsigned scan; /* the last one that met it */
    bool paused;   /* not in the tally */
} Entry;

struct Left {
    GHashTable *entries; /* of Entry, by itself */
    Tally tally;
    Tally extra; /* what found no place, in `tally` too: taken back when a scan begins */
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

Left *left_new(void)
{
    Left *left = g_new0(Left, 1);

    left->entries = g_hash_table_new_full(entry_hash, entry_equal, g_free, NULL);
    tally_init(&left->tally);
    tally_init(&left->extra);
    return left;
}

void left_free(Left *left)
{
    if (!left)
        return;
    g_hash_table_destroy(left->entries);
    tally_clear(&left->tally);
    tally_clear(&left->extra);
    g_free(left);
}

/* FNV-1a: short keys, and a collision costs no more than one look. */
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

static Entry *find(Left *left, const char *path)
{
    Entry key = { .path = path_hash(path) };

    return g_hash_table_lookup(left->entries, &key);
}

static void uncount(Left *left, const Entry *entry)
{
    if (!entry->paused)
        tally_add(&left->tally, entry->reason, -1);
}

bool left_add(Left *left, const char *path, const FileId *id, const char *reason)
{
    Entry *entry = find(left, path);
    bool news = !entry || strcmp(entry->reason, reason) != 0;

    if (!entry && g_hash_table_size(left->entries) >= LEFT_MAX) {
        tally_add(&left->tally, reason, 1);
        tally_add(&left->extra, reason, 1);
        return false;
    }
    if (!entry) {
        entry = g_new0(Entry, 1);
        entry->path = path_hash(path);
        g_hash_table_add(left->entries, entry);
    } else {
        uncount(left, entry);
    }
    tally_add(&left->tally, reason, 1);
    entry->paused = false;
    entry->file = file_hash(id);
    entry->reason = reason;
    entry->scan = left->scan;
    return news;
}

bool left_knows(Left *left, const char *path, const FileId *id)
{
    Entry *entry = find(left, path);

    if (!entry || entry->paused || entry->file != file_hash(id))
        return false;
    entry->scan = left->scan;
    return true;
}

void left_drop(Left *left, const char *path)
{
    Entry *entry = find(left, path);

    if (!entry)
        return;
    uncount(left, entry);
    g_hash_table_remove(left->entries, entry);
}

void left_pause(Left *left, const char *path)
{
    Entry *entry = find(left, path);

    if (!entry)
        return;
    uncount(left, entry);
    entry->paused = true;
    entry->scan = left->scan;
}

void left_scan_begins(Left *left)
{
    g_autoptr(GArray) extra = tally_rows(&left->extra, NULL);

    left->scan++;
    for (guint i = 0; i < extra->len; i++) {
        const WatchCount *row = &g_array_index(extra, WatchCount, i);

        tally_add(&left->tally, row->reason, -row->files);
        tally_add(&left->extra, row->reason, -row->files);
    }
}

static gboolean unmet(gpointer key, gpointer value, gpointer data)
{
    Left *left = data;
    const Entry *entry = key;

    (void) value;
    if (entry->scan == left->scan)
        return FALSE;
    uncount(left, entry);
    return TRUE;
}

void left_scan_ended(Left *left)
{
    g_hash_table_foreach_remove(left->entries, unmet, left);
}

Tally *left_tally(Left *left)
{
    return &left->tally;
}
