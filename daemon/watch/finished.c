/* A table with open addressing. A slot is never freed: to drop a file its hash is cleared. */
#include "daemon/watch/finished.h"

#include <glib.h>

enum { SLOTS_MIN = 1 << 8, SLOTS_MAX = 1 << 19 };

typedef struct Slot {
    uint64_t path; /* a hash; 0: free */
    uint64_t file; /* a hash; 0: no file */
} Slot;

struct FinishedFiles {
    Slot *slots;
    size_t count; /* a power of two */
    size_t used;
};

FinishedFiles *finished_new(void)
{
    return g_new0(FinishedFiles, 1); /* most folders never need one */
}

void finished_free(FinishedFiles *finished)
{
    if (!finished)
        return;
    g_free(finished->slots);
    g_free(finished);
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

/* The slot of a path, or the free slot where it belongs. */
static Slot *slot_of(const FinishedFiles *finished, uint64_t path)
{
    size_t at = (size_t) (path >> 1) & (finished->count - 1);

    while (finished->slots[at].path && finished->slots[at].path != path)
        at = (at + 1) & (finished->count - 1);
    return &finished->slots[at];
}

/* Makes room for one more file; false when the table has its largest size. */
static bool grow(FinishedFiles *finished)
{
    FinishedFiles larger = { .count = finished->count ? 2 * finished->count : SLOTS_MIN };

    if (finished->used < finished->count - finished->count / 4)
        return true;
    if (larger.count > SLOTS_MAX)
        return false;
    larger.slots = g_new0(Slot, larger.count);
    for (size_t i = 0; i < finished->count; i++)
        if (finished->slots[i].file) {
            *slot_of(&larger, finished->slots[i].path) = finished->slots[i];
            larger.used++;
        }
    g_free(finished->slots);
    *finished = larger;
    return true;
}

void finished_add(FinishedFiles *finished, const char *path, const FileId *id)
{
    uint64_t hash = path_hash(path);
    Slot *slot = NULL;

    if (!grow(finished))
        return;
    slot = slot_of(finished, hash);
    finished->used += slot->path == 0;
    *slot = (Slot){ hash, file_hash(id) };
}

bool finished_has(const FinishedFiles *finished, const char *path, const FileId *id)
{
    return finished->used && slot_of(finished, path_hash(path))->file == file_hash(id);
}

void finished_drop(FinishedFiles *finished, const char *path)
{
    if (finished->used)
        slot_of(finished, path_hash(path))->file = 0;
}

void finished_clear(FinishedFiles *finished)
{
    g_clear_pointer(&finished->slots, g_free);
    finished->count = finished->used = 0;
}
