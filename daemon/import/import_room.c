/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits for room, and for destinations that are not there. */
#include "daemon/import/import_internal.h"
#include "daemon/import/room.h"

enum { AGAIN_MS = 2000 };

/* What is there already needs no room. */
static void sum(const ImportWork *work, RoomNeed *needs)
{
    for (unsigned to = 0; to < work->count; to++)
        needs[to] = (RoomNeed){ .destination = work->import->copy_to[to] };
    for (guint i = 0; i < work->ends->len; i++) {
        const FileEnd *end = work_end(work, i);
        for (unsigned to = 0; to < work->count && !end->file->is_left; to++) {
            if (end->copies[to].name || end->error)
                continue;
            needs[to].bytes += end->file->size;
            needs[to].files++;
        }
    }
}

static void set_held(ImportWork *work, const Error *why)
{
    CardRecord *record = work->record;
    bool changed = record->state != CARD_HELD || g_strcmp0(record->reason, why->what);

    if (changed) {
        g_free(record->reason);
        record->reason = g_strdup(why->what);
    }
    record->state = CARD_HELD;
    work_tell(work, changed);
}

static void let_go(ImportWork *work)
{
    if (work->record->state != CARD_HELD)
        return;
    g_clear_pointer(&work->record->reason, g_free);
    work->record->state = CARD_READING;
    work_tell(work, true);
}

bool room_hold(ImportWork *work, const Error *why)
{
    const CopySource *files = &work->source->files;

    set_held(work, why);
    if (!work->run->waits) {
        g_free(work->held);
        work->held = g_strdup(why->what);
        return false;
    }
    if (work_sleep(work, AGAIN_MS) && !files->is_there(files->user))
        work_interrupt(work, "the card is not there any more");
    return !work_is_over(work);
}

bool room_wait(ImportWork *work)
{
    RoomNeed needs[COPIER_DESTINATIONS];

    sum(work, needs);
    while (!work_is_over(work)) {
        g_autoptr(Error) why = NULL;
        if (room_check(needs, work->count, work->import->min_free, &why)) {
            let_go(work);
            return true;
        }
        if (!room_hold(work, why))
            return false;
    }
    return false;
}
