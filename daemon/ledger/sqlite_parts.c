/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of a shot beside its picture. */
#include <stdlib.h>

#include "daemon/files/filename.h"
#include "daemon/files/shot.h"
#include "daemon/ledger/sqlite_internal.h"

#define SHOOTING_NS (INT64_C(12) * 3600 * 1000 * 1000 * 1000)

/* ---- read ---- */

/* From the columns that statements.c calls PART. */
static LedgerPart read_part(DatabaseRow *from)
{
    LedgerPart part = {
        .id = database_int(from, 0),
        .source = database_bytes(from, 1),
        .file = database_fileid(from, 2),
        .kind = (int) database_int(from, 8),
        .to = database_bytes(from, 9),
        .moved = database_int(from, 10) != 0,
        .late = database_int(from, 11) != 0,
    };

    part.file.hash[0] = (uint64_t) database_int(from, 6);
    part.file.hash[1] = (uint64_t) database_int(from, 7);
    return part;
}

/* Appends the rows of a statement of which database_first() has read the first. */
static bool read_parts(SqliteLedger *ledger, DatabaseRow *row, bool found, GArray *parts,
                       Error **err)
{
    bool ok = true;

    while (ok && found) {
        LedgerPart part = read_part(row);
        g_array_append_val(parts, part);
        ok = database_next(ledger->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

static bool append_parts_of(SqliteLedger *ledger, int64_t id, GArray *parts, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    return database_first(ledger->db, err, &row, &found, SQL_PART_OF, "i", id) &&
           read_parts(ledger, row, found, parts, err);
}

bool sqlite_parts_of(Ledger *common, int64_t id, GArray *parts, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, append_parts_of(ledger, id, parts, err));
}

/* A picture, as a part sees it. */
typedef struct Picture {
    int64_t id; /* 0: there is none */
    LedgerState state;
    bool present;
    char *source;
    FileId file;
} Picture;

static void picture_clear(Picture *picture)
{
    g_clear_pointer(&picture->source, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Picture, picture_clear)

static bool read_picture(DatabaseRow *row, bool found, Picture *picture)
{
    if (found)
        *picture = (Picture){
            .id = database_int(row, 0),
            .state = sqlite_state_of(database_text(row, 1)),
            .present = database_int(row, 2) != 0,
            .source = database_bytes(row, 3),
            .file = database_fileid(row, 4),
        };
    database_finish(row);
    return true;
}

static bool find_picture(SqliteLedger *ledger, int64_t id, Picture *picture, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    return database_first(ledger->db, err, &row, &found, SQL_PART_PICTURE, "i", id) &&
           read_picture(row, found, picture);
}

static bool find_newest_picture(SqliteLedger *ledger, const char *folder, const char *shot,
                                Picture *picture, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    return database_first(ledger->db, err, &row, &found, SQL_PART_PICTURE_OF_SHOT, "tb", folder,
                          shot) &&
           read_picture(row, found, picture);
}

static bool append_parts_of_shot(SqliteLedger *ledger, const char *folder, const char *shot,
                                 GArray *parts, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    return database_first(ledger->db, err, &row, &found, SQL_PART_OF_SHOT, "tb", folder, shot) &&
           read_parts(ledger, row, found, parts, err);
}

bool sqlite_parts_find_shot(Ledger *common, const char *folder, const char *shot,
                            ShotPictures *found, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    g_auto(Picture) picture = { 0 };

    *found = (ShotPictures){ .parts = ledger_parts_new() };
    bool ok = find_newest_picture(ledger, folder, shot, &picture, err) &&
              append_parts_of_shot(ledger, folder, shot, found->parts, err);
    found->known = picture.id != 0;
    found->state = picture.state;
    found->source = g_steal_pointer(&picture.source);
    found->file = picture.file;
    return sqlite_unlock(ledger, ok);
}

bool sqlite_parts_list_waiting(Ledger *common, const char *folder, const char *after, int limit,
                               GArray *parts, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(ledger->db, err, &row, &found, SQL_PART_WAITING, "tbi", folder, after,
                             (int64_t) limit) &&
              read_parts(ledger, row, found, parts, err);

    return sqlite_unlock(ledger, ok);
}

/* ---- a RAW and a JPEG that are two pictures ---- */

/* Numbers of cameras begin again: what was made long after a picture is of another shot. */
static bool is_twin(const FileId *file, const char *source, const FileId *other,
                    const char *other_source)
{
    return (shot_kind(source) == SHOT_RAW) != (shot_kind(other_source) == SHOT_RAW) &&
           llabs(file->mtime_ns - other->mtime_ns) <= SHOOTING_NS;
}

bool sqlite_find_twin(SqliteLedger *ledger, const LedgerRow *row, LedgerRow *twin, bool *found,
                      Error **err)
{
    g_autofree char *shot = shot_key(row->source);
    DatabaseRow *other = NULL;
    bool more = false;

    *found = false;
    if (!shot)
        return true;
    bool ok = database_first(ledger->db, err, &other, &more, SQL_PART_TWINS, "tbi", row->folder,
                             shot, row->id);
    while (ok && more && !*found) {
        g_autofree char *source = database_bytes(other, 0);
        FileId file = database_fileid(other, 1);

        file.hash[0] = (uint64_t) database_int(other, 10);
        file.hash[1] = (uint64_t) database_int(other, 11);
        *found = is_twin(&row->file, row->source, &file, source);
        if (*found)
            *twin =
                (LedgerRow){ .id = database_int(other, 9),
                             .source = g_steal_pointer(&source),
                             .file = file,
                             .sequence = { database_int(other, 5), database_int(other, 6),
                                           database_int(other, 7), (int) database_int(other, 8) } };
        else
            ok = database_next(ledger->db, other, &more, err);
    }
    if (other)
        database_finish(other);
    return ok;
}

bool sqlite_parts_twin(Ledger *common, const LedgerRow *row, LedgerRow *twin, bool *found,
                       Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, sqlite_find_twin(ledger, row, twin, found, err));
}

static bool append_parts_of_others(SqliteLedger *ledger, const LedgerRow *row, GArray *parts,
                                   Error **err)
{
    g_autofree char *shot = shot_key(row->source);
    DatabaseRow *from = NULL;
    bool found = false;

    return !shot || (database_first(ledger->db, err, &from, &found, SQL_PART_OF_OTHERS, "tbiibii",
                                    row->folder, shot, (int64_t) SHOT_XMP, row->id, row->source,
                                    row->file.mtime_ns, SHOOTING_NS) &&
                     read_parts(ledger, from, found, parts, err));
}

bool sqlite_parts_of_others(Ledger *common, const LedgerRow *row, GArray *parts, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, append_parts_of_others(ledger, row, parts, err));
}

/* ---- offers ---- */

/* The row of a part, as it was found. */
typedef struct Found {
    int64_t id, job; /* 0: none */
    bool moved, same, busy;
} Found;

static bool find_part(SqliteLedger *ledger, const PartOffer *offer, Found *part, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(ledger->db, err, &row, &found, SQL_PART_FIND, "ftbb", offer->file,
                        offer->folder, offer->shot, offer->source))
        return false;
    if (found)
        *part = (Found){ database_int(row, 0), database_int(row, 1), database_int(row, 2) != 0,
                         database_int(row, 3) != 0, database_int(row, 4) != 0 };
    database_finish(row);
    return true;
}

static bool add_part(SqliteLedger *ledger, const PartOffer *offer, Error **err)
{
    return database_run(ledger->db, err, SQL_PART_ADD, "tbbif", offer->folder, offer->shot,
                        offer->source, (int64_t) offer->kind, offer->file);
}

/* What the row is to be with this file. */
static bool record_file(SqliteLedger *ledger, const PartOffer *offer, Found *part, Error **err)
{
    if (part->id && part->same && !part->moved)
        return true;
    part->job = 0;
    if (!part->id)
        return add_part(ledger, offer, err) && find_part(ledger, offer, part, err);
    return part->same ? database_run(ledger->db, err, SQL_PART_CAME_BACK, "i", part->id)
                      : database_run(ledger->db, err, SQL_PART_REPLACE, "fii", offer->file,
                                     (int64_t) offer->kind, part->id);
}

/* Numbers of cameras begin again: what was made long after a picture is of another shot. */
static bool is_near(const PartOffer *offer, const Picture *picture)
{
    return !offer->within_ns ||
           llabs(offer->file->mtime_ns - picture->file.mtime_ns) <= offer->within_ns;
}

static bool make_due(SqliteLedger *ledger, const PartOffer *offer, int64_t job, PartState *state,
                     Error **err)
{
    g_autofree char *dir = NULL, *name = NULL;

    filename_split(offer->source, &dir, &name);
    bool ok = database_run(ledger->db, err, SQL_PART_MAKE_DUE, "bi", dir, job);
    *state = ok && database_changes(ledger->db) ? PART_IS_DUE : PART_IS_KNOWN;
    return ok;
}

/* Which picture the part belongs to. */
static bool settle_part(SqliteLedger *ledger, const PartOffer *offer, const Found *part,
                        PartState *state, Error **err)
{
    g_auto(Picture) picture = { 0 };

    if (part->job ? !find_picture(ledger, part->job, &picture, err)
                  : !find_newest_picture(ledger, offer->folder, offer->shot, &picture, err))
        return false;
    *state = picture.id ? PART_WAITS : PART_ALONE;
    if (!picture.id || (picture.state != LEDGER_DONE && picture.state != LEDGER_FAILED))
        return true;
    *state = PART_ALONE;
    if (!part->job && !is_near(offer, &picture))
        return true;
    return database_run(ledger->db, err, SQL_PART_GIVE, "ii", picture.id, part->id) &&
           make_due(ledger, offer, picture.id, state, err);
}

/* Nothing is written where all is known already. */
static bool offer_part(SqliteLedger *ledger, const PartOffer *offer, PartState *state, Error **err)
{
    Found part = { 0 };

    if (!find_part(ledger, offer, &part, err))
        return false;
    *state = PART_IS_KNOWN;
    if (part.same && part.busy)
        return true;
    if (!offer->kind) {
        *state = part.same && part.job && !part.moved ? PART_IS_KNOWN : PART_ALONE;
        return true;
    }
    bool ok = sqlite_begin_lazy(ledger, err) && record_file(ledger, offer, &part, err) &&
              settle_part(ledger, offer, &part, state, err);
    return sqlite_end_lazy(ledger, ok, err);
}

bool sqlite_parts_offer(Ledger *common, const PartOffer *offer, PartState *state, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);

    return sqlite_unlock(ledger, offer_part(ledger, offer, state, err));
}

bool sqlite_parts_forget(Ledger *common, const char *folder, const char *source, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok = sqlite_begin_lazy(ledger, err) &&
              database_run(ledger->db, err, SQL_PART_FORGET, "tb", folder, source);

    return sqlite_unlock(ledger, sqlite_end_lazy(ledger, ok, err));
}

/* ---- of a row that was taken ---- */

static bool take_waiting(SqliteLedger *ledger, const LedgerRow *row, Error **err)
{
    bool found = false;

    if (!database_has_row(ledger->db, err, &found, SQL_PART_IS_THERE, "ii", row->id, row->token))
        return false;
    if (!found)
        return true;
    bool ok = sqlite_begin_lazy(ledger, err) &&
              database_run(ledger->db, err, SQL_PART_TAKE, "ii", row->id, row->token);
    return sqlite_end_lazy(ledger, ok, err);
}

bool sqlite_parts_take(Ledger *common, const LedgerRow *row, GArray *parts, bool *only, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok = take_waiting(ledger, row, err) && append_parts_of(ledger, row->id, parts, err) &&
              (!only || database_has_row(ledger->db, err, only, SQL_PART_ONLY, "i", row->id));

    return sqlite_unlock(ledger, ok);
}

bool sqlite_parts_plan(Ledger *common, const LedgerRow *row, const GArray *parts, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_change(common);
    bool ok = sqlite_begin_change(ledger, err) && sqlite_is_ours(ledger, row, err);

    for (guint i = 0; ok && i < parts->len; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        ok = database_run(ledger->db, err, SQL_PART_PLAN, "biiii", part->to,
                          (int64_t) part->file.hash[0], (int64_t) part->file.hash[1], part->id,
                          row->id);
    }
    return sqlite_end_change(ledger, ok, err);
}

bool sqlite_parts_end(Ledger *common, const LedgerRow *row, const GArray *parts, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok = sqlite_begin_lazy(ledger, err) && sqlite_is_ours(ledger, row, err);

    for (guint i = 0; ok && i < parts->len; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        ok = !part->moved ||
             database_run(ledger->db, err, SQL_PART_END, "fii", &part->file, part->id, row->id);
    }
    return sqlite_unlock(ledger, sqlite_end_lazy(ledger, ok, err));
}

bool sqlite_parts_drop(Ledger *common, const LedgerRow *row, const LedgerPart *part, Error **err)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    bool ok = sqlite_begin_lazy(ledger, err) && sqlite_is_ours(ledger, row, err) &&
              database_run(ledger->db, err, SQL_PART_DROP, "fii", &part->file, part->id, row->id);

    return sqlite_unlock(ledger, sqlite_end_lazy(ledger, ok, err));
}

bool sqlite_parts_give(Ledger *common, const LedgerRow *row, const GArray *parts, Error **err)
{
    SqliteLedger *ledger = sqlite_lock(common);
    bool ok = database_begin(ledger->db, err) && sqlite_is_ours(ledger, row, err);

    for (guint i = 0; ok && i < parts->len; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        ok = database_run(ledger->db, err, SQL_PART_PASS_ON, "fii", &part->file, row->id, part->id);
    }
    return sqlite_unlock(ledger, database_end(ledger->db, ok, err));
}

/* ---- within changes of rows ---- */

bool sqlite_take_late_parts(SqliteLedger *ledger, const LedgerRow *row, Error **err)
{
    if (!database_run(ledger->db, err, SQL_PART_TAKE_LATE, "i", row->id))
        return false;
    return !database_changes(ledger->db) ||
           database_run(ledger->db, err, SQL_PART_MAKE_DUE, "bi", "", row->id);
}

bool sqlite_reset_parts(SqliteLedger *ledger, int64_t id, Error **err)
{
    return database_run(ledger->db, err, SQL_PART_RESET, "i", id);
}
