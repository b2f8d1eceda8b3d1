/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Offers are collected, and handed to the ledger in one transaction for each burst. */
#include "daemon/ledger/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/files/lease.h"
#include "daemon/ledger/parts.h"
#include "daemon/ledger/unmoved.h"

enum {
    CHECK_ROWS = 500,             /* rows that one scan of a folder checks */
    READ_MAX = 128 * 1024 * 1024, /* bytes of a file that may have been touched only */
    NO_PICTURE = -1,              /* no picture that has ended is that near */
};

#define SAME_SHOOTING_NS (INT64_C(12) * 3600 * 1000 * 1000 * 1000)

struct Intake {
    Ledger *ledger;
    void (*added)(void *user);
    void *user;
    GArray *offers;      /* of LedgerOffer */
    GHashTable *checked; /* folder name -> LedgerPlace of the last row that was checked */
    GHashTable *parts;   /* folder name -> source of the last part that was checked */
};

static void offer_clear(void *data)
{
    LedgerOffer *offer = data;

    g_free(offer->folder);
    g_free(offer->source);
}

Intake *intake_new(Ledger *ledger, void (*added)(void *user), void *user)
{
    Intake *intake = g_new0(Intake, 1);

    intake->ledger = ledger;
    intake->added = added;
    intake->user = user;
    intake->offers = g_array_new(FALSE, FALSE, sizeof(LedgerOffer));
    g_array_set_clear_func(intake->offers, offer_clear);
    intake->checked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    intake->parts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return intake;
}

Intake *intake_copy(const Intake *intake)
{
    return intake_new(intake->ledger, intake->added, intake->user);
}

void intake_free(Intake *intake)
{
    if (!intake)
        return;
    g_array_unref(intake->offers);
    g_hash_table_destroy(intake->checked);
    g_hash_table_destroy(intake->parts);
    g_free(intake);
}

/* Whether a file whose stat(2) data changed has the content that the ledger knows. A larger one is
 * not read here, where the folder's other files would have to wait: its job finds its outputs made.
 * id gets its hashes. */
static bool only_touched(const Intake *intake, int fd, FileId *id, const LedgerRow *row)
{
    return row->file.size == id->size && id->size <= READ_MAX && fileid_was_read(&row->file) &&
           ledger_hash(intake->ledger, fd, id) && fileid_same_content(id, &row->file);
}

/* When the file was made, by the clock of this host: 0 where that is not known. */
static int64_t born_ms(int fd)
{
    struct statx st;

    if (fd < 0 || fs_kind(fd) != FS_LOCAL || statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &st) < 0 ||
        !(st.stx_mask & STATX_BTIME))
        return 0;
    int64_t born = (int64_t) st.stx_btime.tv_sec * 1000 + st.stx_btime.tv_nsec / 1000000;
    return born <= clock_wall_ms() ? born : 0; /* the clock was ahead when it was made */
}

/* Whether the row's file has left its name, maybe to come back to it: what has two names at once is
 * two pictures. */
static bool has_left(const Folder *folder, const LedgerRow *row, const char *source)
{
    struct stat st;

    if (!strcmp(row->source, source))
        return true;
    if (!beneath_stat(folder->path, row->source, &st))
        return beneath_is_absence(errno);
    return st.st_ino != row->file.ino;
}

/* A row that was read has changed since, as its job begins just now. Always false. */
static bool offered_too_early(Error *err)
{
    if (err->kind == ERROR_TAKEN)
        err->kind = ERROR_TRANSIENT;
    return false;
}

/* A file that was renamed is the same picture. While its job runs nothing is known yet: the job may
 * find it gone and make nothing. */
static bool follow_rename(Intake *intake, const Folder *folder, const char *source, int fd,
                          const FileId *id, bool *followed, Error **err)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    if (!ledger_find_elsewhere(intake->ledger, folder->name, source, id, born_ms(fd), rows, err))
        return false;
    for (guint i = 0; i < rows->len && !*followed; i++) {
        const LedgerRow *row = &g_array_index(rows, LedgerRow, i);

        if (!has_left(folder, row, source))
            continue;
        if (ledger_is_in_progress(row->state))
            return error_set(err, ERROR_TRANSIENT, NULL,
                             "the file was renamed while the picture was in progress");
        if (!ledger_rename(intake->ledger, row, source, err))
            return offered_too_early(*err);
        *followed = true;
        intake->added(intake->user); /* the original may have to move, and not have done so */
    }
    return true;
}

/* Whether a person who has taken a cancelled picture away sends it once more: another file of the
 * same content. Only a local file system keeps the number of a file as long as the file. */
static bool is_sent_again(const LedgerRow *row, const FileId *id, int fd)
{
    return row->state == LEDGER_CANCELLED && row->file.ino != id->ino && fd >= 0 &&
           fs_kind(fd) == FS_LOCAL;
}

/* The content of the row's file stays. */
static bool update(const Intake *intake, const LedgerRow *row, const FileId *now, Error **err)
{
    if (ledger_update_file(intake->ledger, row, now, err))
        return true;
    return offered_too_early(*err);
}

/* Where both a RAW and a JPEG are pictures, they are of one shot all the same. */
static Sequence numbers_of(const Folder *folder)
{
    bool shares = folder->shots == SHOTS_TOGETHER && folder->prefer == PREFER_BOTH;

    return (Sequence){ .folder = shares ? SEQUENCE_OF_SHOT : 0 };
}

bool intake_offer(Intake *intake, const Folder *folder, const char *source, int fd,
                  const FileId *id, Error **err)
{
    g_auto(LedgerRow) row = { 0 };
    bool found = false, followed = false;

    if (!ledger_find(intake->ledger, folder->name, source, &row, &found, err))
        return false;
    if (found && fileid_same(&row.file, id))
        return true;
    if (found && ledger_is_in_progress(row.state))
        return error_set(err, ERROR_TRANSIENT, NULL,
                         "the file was replaced while the picture was in progress");
    if (!follow_rename(intake, folder, source, fd, id, &followed, err) || followed)
        return followed;
    FileId now = *id;
    if (found && !is_sent_again(&row, id, fd) && only_touched(intake, fd, &now, &row))
        return update(intake, &row, &now, err);

    LedgerOffer offer = { g_strdup(folder->name), g_strdup(source), *id, false,
                          numbers_of(folder) };
    g_array_append_val(intake->offers, offer);
    return true;
}

bool intake_knows(Intake *intake, const Folder *folder, const char *source, const FileId *id,
                  bool *finished)
{
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) ignored = NULL;
    bool found = false;

    if (!ledger_find(intake->ledger, folder->name, source, &row, &found, &ignored))
        return false;
    *finished = found && ledger_has_ended(row.state);
    return found && fileid_same(&row.file, id);
}

/* ---- the other files of a shot ---- */

/* A sidecar may be written at any time. */
static int64_t within_ns(ShotKind kind)
{
    return kind == SHOT_XMP || kind == SHOT_AAE ? 0 : SAME_SHOOTING_NS;
}

static bool offer_part(Intake *intake, const Folder *folder, const char *source, ShotKind kind,
                       const FileId *id, int64_t within, PartState *state, Error **err)
{
    g_autofree char *shot = shot_key(source);
    PartOffer offer = { folder->name, shot, source, (int) kind, id, within };

    *state = PART_ALONE;
    if (shot && !parts_offer(intake->ledger, &offer, state, err))
        return false;
    if (*state == PART_IS_DUE)
        intake->added(intake->user);
    return true;
}

bool intake_hold_part(Intake *intake, const Folder *folder, const char *source, ShotKind kind,
                      const FileId *id, Error **err)
{
    PartState ignored = PART_ALONE;

    return offer_part(intake, folder, source, kind, id, NO_PICTURE, &ignored, err);
}

bool intake_offer_part(Intake *intake, const Folder *folder, const char *source, ShotKind kind,
                       const FileId *id, IntakePart *part, Error **err)
{
    PartState state = PART_ALONE;

    *part = INTAKE_PART_ALONE;
    if (!offer_part(intake, folder, source, kind, id, within_ns(kind), &state, err))
        return false;
    if (state != PART_ALONE)
        *part = state == PART_WAITS ? INTAKE_PART_WAITS : INTAKE_PART_IS_LATE;
    return true;
}

bool intake_knows_part(Intake *intake, const Folder *folder, const char *source, const FileId *id)
{
    g_autofree char *shot = shot_key(source);
    const PartOffer offer = { folder->name, shot, source, SHOT_NONE, id, NO_PICTURE };
    g_autoptr(Error) ignored = NULL;
    PartState state = PART_ALONE;

    return shot && parts_offer(intake->ledger, &offer, &state, &ignored) && state == PART_IS_KNOWN;
}

void intake_forget_part(Intake *intake, const Folder *folder, const char *source)
{
    g_autoptr(Error) ignored = NULL;

    parts_forget(intake->ledger, folder->name, source, &ignored);
}

void intake_shot_clear(IntakeShot *shot)
{
    g_clear_pointer(&shot->picture, g_free);
}

bool intake_shot(Intake *intake, const Folder *folder, const char *source, IntakeShot *shot,
                 Error **err)
{
    g_autofree char *key = shot_key(source);
    g_auto(ShotPictures) found = { 0 };

    *shot = (IntakeShot){ 0 };
    if (!key)
        return true;
    if (!parts_find_shot(intake->ledger, folder->name, key, &found, err))
        return false;
    shot->known = found.known;
    shot->finished = found.known && ledger_has_ended(found.state);
    shot->picture = g_steal_pointer(&found.source);
    shot->file = found.file;
    for (guint i = 0; i < found.parts->len; i++) {
        const LedgerPart *part = &g_array_index(found.parts, LedgerPart, i);
        shot->raw |= part->kind == SHOT_RAW;
        shot->sidecar |= part->kind == SHOT_XMP;
    }
    return true;
}

bool intake_is_output(Intake *intake, const FileId *id)
{
    g_autoptr(Error) ignored = NULL;
    bool made = false;

    return ledger_is_output(intake->ledger, id, &made, &ignored) && made;
}

/* Whether the root is still the same directory. */
static bool same_root(const Folder *folder, const struct stat *was)
{
    struct stat now;

    return stat(folder->path, &now) == 0 && now.st_dev == was->st_dev && now.st_ino == was->st_ino;
}

static bool is_gone(const Folder *folder, const char *source)
{
    struct stat st;

    return !beneath_stat(folder->path, source, &st) && beneath_is_absence(errno);
}

/* Of those that wait for a picture. */
static bool forget_absent_parts(Intake *intake, const Folder *folder, const struct stat *root,
                                Error **err)
{
    g_autoptr(GArray) parts = ledger_parts_new();
    const char *after = g_hash_table_lookup(intake->parts, folder->name);

    if (!parts_list_waiting(intake->ledger, folder->name, after ? after : "", CHECK_ROWS, parts,
                            err))
        return false;
    for (guint i = 0; i < parts->len; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        if (is_gone(folder, part->source) && same_root(folder, root) &&
            !parts_forget(intake->ledger, folder->name, part->source, err))
            return false;
    }
    g_hash_table_replace(intake->parts, g_strdup(folder->name),
                         g_strdup(parts->len < CHECK_ROWS
                                      ? ""
                                      : g_array_index(parts, LedgerPart, CHECK_ROWS - 1).source));
    return true;
}

bool intake_mark_absent(Intake *intake, const Folder *folder, int64_t age_ms, Error **err)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    const LedgerPlace *last = g_hash_table_lookup(intake->checked, folder->name);
    LedgerPlace after = last ? *last : (LedgerPlace){ 0 };
    struct stat root;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    if (stat(folder->path, &root) < 0)
        return true; /* the folder is unavailable: nothing was deleted */
    if (!ledger_list_old(intake->ledger, folder->name, age_ms, &after, CHECK_ROWS, rows, err))
        return false;
    for (unsigned i = 0; i < rows->len; i++) {
        const LedgerRow *row = &g_array_index(rows, LedgerRow, i);
        if (is_gone(folder, row->source) && same_root(folder, &root) &&
            !ledger_mark_absent(intake->ledger, row, err))
            return false;
    }
    if (rows->len < CHECK_ROWS)
        after = (LedgerPlace){ 0 }; /* from the beginning next time */
    g_hash_table_replace(intake->checked, g_strdup(folder->name), g_memdup2(&after, sizeof(after)));
    return forget_absent_parts(intake, folder, &root, err);
}

void intake_retry_moves(Intake *intake, const Folder *folder, const char *path)
{
    g_autoptr(Error) ignored = NULL;
    bool any = false;

    if (unmoved_make_due(intake->ledger, folder->name, path, &any, &ignored) && any)
        intake->added(intake->user);
}

/* Removes the offers that were accepted; whether any is left. */
static bool keep_postponed(GArray *offers)
{
    for (unsigned i = offers->len; i > 0; i--)
        if (!g_array_index(offers, LedgerOffer, i - 1).postponed)
            g_array_remove_index(offers, i - 1);
    return offers->len > 0;
}

bool intake_flush(Intake *intake, Error **err)
{
    int added = 0;

    if (!intake->offers->len)
        return true;
    if (!ledger_add(intake->ledger, (LedgerOffer *) (void *) intake->offers->data,
                    intake->offers->len, &added, err))
        return false;
    if (added)
        intake->added(intake->user);
    return !keep_postponed(intake->offers) ||
           error_set(err, ERROR_TRANSIENT, NULL,
                     "the file was replaced while the picture was in progress");
}
