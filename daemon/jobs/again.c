/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/again.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"
#include "daemon/files/provenance.h"
#include "daemon/files/shot.h"
#include "daemon/jobs/parts_back.h"
#include "daemon/originals/originals.h"
#include "daemon/originals/put_back.h"

#define SPOTS_FAILED (SPOT_BIT(SPOT_OWN) | SPOT_BIT(SPOT_FAILED))

/* ---- the original and its row, which is taken ---- */

/* Some file systems give a file another number with another name. */
static bool know_file(Ledger *ledger, const LedgerRow *row, const FileId *there, Error **err)
{
    FileId file = *there;

    if (fileid_same(&row->file, there))
        return true;
    memcpy(file.hash, row->file.hash, sizeof(file.hash));
    memcpy(file.keyed, row->file.keyed, sizeof(file.keyed));
    return ledger_update_file(ledger, row, &file, err);
}

/* What comes back. Borrowed. */
typedef struct Return {
    const Folder *folder;
    const Belonging *it;
    const Spot *spot;
    const GArray *parts; /* of PartBack */
} Return;

static bool record(Ledger *ledger, const Return *back, const LedgerRow *row, const FileId *there,
                   bool (*queue)(Ledger *ledger, const LedgerRow *row, Error **err), Error **err)
{
    return know_file(ledger, row, there, err) && parts_back_record(ledger, row, back->parts, err) &&
           queue(ledger, row, err);
}

/* Moves the parts and the original to their places and has `queue` queue it. False: all is as
 * before. Parts without their original are moved to it again after a crash, by their offer. */
static bool bring_back(Ledger *ledger, const Return *back, const LedgerRow *row,
                       bool (*queue)(Ledger *ledger, const LedgerRow *row, Error **err),
                       Error **err)
{
    g_autoptr(Error) ignored = NULL;
    FileId there = { 0 };

    if (!parts_back_move(back->folder, back->parts, err))
        return false;
    bool moved = put_back_move(back->it, back->spot, &there, err);
    if (!moved || !record(ledger, back, row, &there, queue, err)) {
        if (moved)
            put_back_revert(back->it, back->spot, &ignored);
        parts_back_revert(back->folder, back->parts);
        return false;
    }
    put_back_clean(back->it, back->spot);
    parts_back_clean(back->folder, back->parts);
    return true;
}

/* ---- retry ---- */

/* Always false. */
static bool refuse(const LedgerEntry *entry, const char *fix, const char *is, Error **err)
{
    g_autofree char *shown = text_escape(entry->row.source);

    return error_set(err, ERROR_CONFIG, fix, "'%s' is %s", shown, is);
}

static bool reopen(Ledger *ledger, const Folder *folder, const LedgerEntry *entry, Error **err)
{
    unsigned kinds = entry->row.state == LEDGER_FAILED ? SPOTS_FAILED : SPOT_BIT(SPOT_OWN);
    const Belonging it = { folder->path, entry->row.source, &entry->row.file, NULL };
    g_autoptr(GArray) parts = NULL;
    g_autoptr(Error) ignored = NULL;
    g_auto(Spot) spot = { 0 };
    LedgerRow row = entry->row; /* its texts stay the entry's */

    if (!put_back_find(&it, kinds, &spot, err) || !put_back_check(&it, &spot, err) ||
        !parts_back_find(ledger, folder, row.id, kinds, &parts, err) ||
        !ledger_take_ended(ledger, &row, err))
        return false;
    const Return back = { folder, &it, &spot, parts };
    if (!bring_back(ledger, &back, &row, ledger_reopen, err)) {
        ledger_release(ledger, &row, &ignored);
        return false;
    }
    if (entry->report)
        originals_remove_report(folder, entry->report);
    return true;
}

bool again_retry(Ledger *ledger, const Folder *folder, const LedgerEntry *entry, Error **err)
{
    switch (entry->row.state) {
    case LEDGER_FAILED:
    case LEDGER_CANCELLED:
        return reopen(ledger, folder, entry, err);
    case LEDGER_DONE:
    case LEDGER_SUPERSEDED:
        return refuse(entry, "`hotfolder reprocess` makes outputs of a whole folder again", "done",
                      err);
    case LEDGER_QUEUED:
        return ledger_make_due(ledger, &entry->row, err);
    case LEDGER_PROCESSING:
    case LEDGER_PUBLISHING:
    case LEDGER_FAILING:
        break;
    }
    if (entry->retry_ms && !entry->held)
        return ledger_make_due(ledger, &entry->row, err);
    return refuse(entry, NULL, "in progress", err);
}

/* ---- remake ---- */

/* Which profile made an output that still lies there, by what the file says of itself. */
static bool read_profile(const Folder *folder, const LedgerOutput *output, uint64_t *hash)
{
    g_autofree char *dir = NULL, *name = NULL;
    Provenance found = { 0 };

    filename_split(output->path, &dir, &name);
    int fd = beneath_open(folder->output, dir, O_RDONLY | O_DIRECTORY);
    bool known = fd >= 0 && provenance_read(fd, name, &found);
    if (fd >= 0)
        close(fd);
    *hash = found.profile;
    return known;
}

static bool made_by_profile(Ledger *ledger, const Folder *folder, const LedgerEntry *entry)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();
    g_autoptr(Error) unknown = NULL;
    uint64_t hash = 0;

    if (entry->profile)
        return entry->profile_hash == folder->profile->hash;
    return ledger_outputs_of(ledger, entry->row.id, outputs, &unknown) && outputs->len &&
           read_profile(folder, &g_array_index(outputs, LedgerOutput, 0), &hash) &&
           hash == folder->profile->hash;
}

/* Where the original of a finished picture lies first; newly allocated. */
static char *path_in_done(const LedgerRow *row)
{
    g_autofree char *dir = NULL, *name = NULL;

    filename_split(row->source, &dir, &name);
    return g_build_filename("done", dir, row->new_name ? row->new_name : name, NULL);
}

/* Whether a person has changed the original where it lies in done/ under its name: the file there
 * is none that the ledger knows. */
static bool find_changed(Ledger *ledger, const Folder *folder, const LedgerEntry *entry,
                         FileId *file)
{
    g_autofree char *path = path_in_done(&entry->row);
    g_autoptr(Error) unknown = NULL;
    bool known = true;
    struct stat st;

    if (folder->originals != ORIGINALS_DONE || entry->present ||
        !beneath_stat(folder->path, path, &st) || !S_ISREG(st.st_mode))
        return false;
    *file = fileid_of(&st);
    return ledger_was_source(ledger, file, &known, &unknown) && !known;
}

/* A sidecar that was written after the picture was done, or came when it was begun already, with
 * the date that it had elsewhere: its outputs lack what it says. */
static bool has_newer_sidecar(Ledger *ledger, const Folder *folder, const LedgerEntry *entry)
{
    const int64_t done_ns = entry->changed_wall_ms * 1000000;
    g_autoptr(GArray) parts = ledger_parts_new();
    g_autoptr(Error) unknown = NULL;
    bool newer = false;

    if (!parts_of(ledger, entry->row.id, parts, &unknown))
        return false;
    for (guint i = 0; i < parts->len && !newer; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        struct stat st;

        if (part->kind == SHOT_XMP &&
            beneath_stat(folder->path, part->moved && part->to ? part->to : part->source, &st))
            newer = part->late || fileid_of(&st).mtime_ns > done_ns;
    }
    return newer;
}

bool again_is_changed(Ledger *ledger, const Folder *folder, const LedgerEntry *entry)
{
    FileId changed = { 0 };

    return !made_by_profile(ledger, folder, entry) ||
           find_changed(ledger, folder, entry, &changed) ||
           has_newer_sidecar(ledger, folder, entry);
}

static bool remake(Ledger *ledger, const Return *back, const LedgerEntry *entry, Error **err)
{
    const LedgerOffer offer = { entry->row.folder, entry->row.source, *back->it->file, false,
                                entry->row.sequence };
    g_autoptr(Error) ignored = NULL;
    g_auto(LedgerRow) row = { 0 };

    if (!ledger_offer_again(ledger, &offer, true, &row, err))
        return false;
    if (bring_back(ledger, back, &row, ledger_release, err))
        return true;
    ledger_forget(ledger, &row, &ignored);
    return false;
}

bool again_remake(Ledger *ledger, const Folder *folder, const LedgerEntry *entry, Error **err)
{
    FileId changed = { 0 };
    bool is_changed = find_changed(ledger, folder, entry, &changed);
    const Belonging it = { folder->path, entry->row.source,
                           is_changed ? &changed : &entry->row.file, entry->row.new_name };
    g_autoptr(GArray) parts = NULL;
    g_auto(Spot) spot = { 0 };

    if (!put_back_find(&it, SPOTS_ENDED, &spot, err) || !put_back_check(&it, &spot, err) ||
        !parts_back_find(ledger, folder, entry->row.id, SPOTS_ENDED, &parts, err))
        return false;
    const Return back = { folder, &it, &spot, parts };
    return remake(ledger, &back, entry, err);
}
