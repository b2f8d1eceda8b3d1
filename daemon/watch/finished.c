/* A table with open addressing; nothing is ever taken out of it, only made to fit no file. */
#include "daemon/watch/finished.h"

#include <glib.h>

enum { SLOTS_MIN = 1 << 8, SLOTS_MAX = 1 << 19 };

typedef struct Slot {
    uint64_t path; /* a hash; 0: free */
    uint64_t file; /* likewise; 0: none */
} Slot;

struct Seen {
    Slot *slots;
    size_t count; /* a power of two */
    size_t used;
};

Seen *seen_new(void)
{
    return g_new0(Seen, 1); /* most folders never need one */
}

void seen_free(Seen *seen)
{
    if (!seen)
        return;
    g_free(seen->slots);
    g_free(seen);
}

/* Of what fileid_same() compares. */
static uint64_t file_hash(const FileId *id)
{
    uint64_t hash = (uint64_t) id->ino;

    hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t) id->size;
    hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9) + (uint64_t) id->mtime_ns;
    hash = (hash ^ hash >> 32) * UINT64_C(0x94d049bb133111eb);
    return (hash ^ hash >> 31) | 1;
}

static uint64_t path_hash(const char *path)
{
    return fileid_text_hash(path) | 1;
}

/* The slot of a path, or the free one where it would be. */
static Slot *slot_of(const Seen *seen, uint64_t path)
{
    size_t at = (size_t) (path >> 1) & (seen->count - 1);

    while (seen->slots[at].path && seen->slots[at].path != path)
        at = (at + 1) & (seen->count - 1);
    return &seen->slots[at];
}

/* So that there is room for one more; false when it has grown as far as it may. */
static bool grow(Seen *seen)
{
    Seen larger = { .count = seen->count ? 2 * seen->count : SLOTS_MIN };

    if (seen->used < seen->count - seen->count / 4)
        return true;
    if (larger.count > SLOTS_MAX)
        return false;
    larger.slots = g_new0(Slot, larger.count);
    for (size_t i = 0; i < seen->count; i++)
        if (seen->slots[i].file) {
            *slot_of(&larger, seen->slots[i].path) = seen->slots[i];
            larger.used++;
        }
    g_free(seen->slots);
    *seen = larger;
    return true;
}

void seen_add(Seen *seen, const char *path, const FileId *id)
{
    uint64_t hash = path_hash(path);
    Slot *slot = NULL;

    if (!grow(seen))
        return;
    slot = slot_of(seen, hash);
    seen->used += slot->path == 0;
    *slot = (Slot){ hash, file_hash(id) };
}

bool seen_has(const Seen *seen, const char *path, const FileId *id)
{
    return seen->used && slot_of(seen, path_hash(path))->file == file_hash(id);
}

void seen_drop(Seen *seen, const char *path)
{
    if (seen->used)
        slot_of(seen, path_hash(path))->file = 0;
}

void seen_clear(Seen *seen)
{
    g_clear_pointer(&seen->slots, g_free);
    seen->count = seen->used = 0;
}
