/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/undoing.h"

#include <inttypes.h>
#include <string.h>

#include "base/hidden.h"
#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/jobs/parts_back.h"
#include "daemon/ledger/answers.h"
#include "daemon/originals/originals.h"
#include "daemon/originals/put_back.h"
#include "daemon/outputs/place.h"

enum { OUTPUT = -1 }; /* UndoMove.spot of one */

static Belonging belonging_of(const UndoMove *move)
{
    return (Belonging){ .root = move->root, .path = move->path, .file = &move->file };
}

static Spot spot_of(const UndoMove *move)
{
    return (Spot){ .kind = (SpotKind) move->spot, .path = move->spot_path };
}

/* The whole path, for people; newly allocated. */
static char *shown_path(const UndoMove *move)
{
    g_autofree char *path = beneath_path(move->root, move->path);

    return text_escape(path);
}

/* ---- plan ---- */

/* Another picture was made of this output, which would have lost its original. */
static bool is_used(Ledger *ledger, const LedgerRow *row, const UndoMove *move, Error **err)
{
    g_auto(LedgerRow) use = { 0 };
    bool found = false;

    if (!undo_find_use(ledger, &move->file, row->id, &use, &found, err))
        return true;
    if (!found)
        return false;
    g_autofree char *shown = shown_path(move), *source = text_escape(use.source);
    return !error_set(err, ERROR_CONFIG, "undo that picture first",
                      "the folder '%s' has made a picture of '%s': %s", use.folder, shown, source);
}

/* A later picture may have replaced it. Always false. */
static bool explain_missing(Ledger *ledger, const LedgerRow *row, const char *path,
                            const UndoMove *move, Error **err)
{
    g_autoptr(GArray) makers = ledger_entries_new();
    g_autoptr(Error) ignored = NULL;

    if ((*err)->kind != ERROR_CONFIG ||
        !ledger_made(ledger, row->folder, path, 1, makers, &ignored) || !makers->len)
        return false;
    const LedgerRow *maker = &g_array_index(makers, LedgerEntry, 0).row;
    if (maker->id == row->id || maker->state != LEDGER_DONE)
        return false;
    g_autofree char *shown = shown_path(move), *source = text_escape(maker->source);
    g_clear_pointer(err, error_free);
    return error_set(err, ERROR_CONFIG, "undo that picture first",
                     "'%s' was made of a later picture: %s", shown, source);
}

static bool plan_output(Ledger *ledger, const Folder *folder, const LedgerRow *row,
                        const LedgerOutput *output, UndoMove *move, Error **err)
{
    move->spot = OUTPUT;
    move->file = output->file;
    if (!place_of_output(folder, output->path, &move->root, &move->path, err))
        return false;
    Belonging it = belonging_of(move);
    const Spot own = { SPOT_OWN, move->path };
    return !is_used(ledger, row, move, err) &&
           (put_back_check(&it, &own, err) ||
            explain_missing(ledger, row, output->path, move, err));
}

static bool plan_outputs(Ledger *ledger, const Folder *folder, const LedgerRow *row, GArray *moves,
                         Error **err)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();
    bool ok = true;

    if (!ledger_outputs_of(ledger, row->id, outputs, err))
        return false;
    for (guint i = 0; ok && i < outputs->len; i++) {
        const LedgerOutput *output = &g_array_index(outputs, LedgerOutput, i);
        UndoMove move = { 0 };
        ok = plan_output(ledger, folder, row, output, &move, err);
        g_array_append_val(moves, move);
    }
    return ok;
}

static bool plan_original(const Folder *folder, const LedgerRow *row, GArray *moves, Error **err)
{
    UndoMove move = { .root = g_strdup(folder->path),
                      .path = g_strdup(row->source),
                      .file = row->file };
    const Belonging it = { move.root, move.path, &move.file, row->new_name };
    g_auto(Spot) spot = { 0 };
    bool ok = put_back_find(&it, SPOTS_ENDED, &spot, err) && put_back_check(&it, &spot, err);

    move.spot = (int) spot.kind;
    move.spot_path = g_steal_pointer(&spot.path);
    g_array_append_val(moves, move);
    return ok;
}

static bool plan_parts(Ledger *ledger, const Folder *folder, const LedgerRow *row, GArray *moves,
                       Error **err)
{
    g_autoptr(GArray) found = NULL;
    bool ok = parts_back_find(ledger, folder, row->id, SPOTS_ENDED, &found, err);

    for (guint i = 0; ok && i < found->len; i++) {
        PartBack *back = &g_array_index(found, PartBack, i);
        UndoMove move = { .root = g_strdup(folder->path),
                          .path = g_steal_pointer(&back->part.source),
                          .file = back->part.file,
                          .spot = (int) back->spot.kind,
                          .spot_path = g_steal_pointer(&back->spot.path) };
        g_array_append_val(moves, move);
    }
    return ok;
}

/* The original is the first: a new file may have its name, and then nothing else is moved. */
bool undoing_plan(Ledger *ledger, const Folder *folder, const LedgerRow *row, GArray *moves,
                  Error **err)
{
    return plan_original(folder, row, moves, err) && plan_parts(ledger, folder, row, moves, err) &&
           plan_outputs(ledger, folder, row, moves, err);
}

int undoing_outputs(const GArray *moves)
{
    int outputs = 0;

    for (guint i = 0; i < moves->len; i++)
        outputs += g_array_index(moves, UndoMove, i).spot == OUTPUT;
    return outputs;
}

/* ---- the moves ---- */

/* Where an output is, if it is in its place or in the trash. */
static bool find_output(const UndoMove *move, unsigned kinds, Spot *spot, Error **err)
{
    Belonging it = belonging_of(move);

    return put_back_find(&it, kinds, spot, err);
}

static bool changed_now(const UndoMove *move, Error **err)
{
    g_autofree char *shown = shown_path(move);

    return error_set(err, ERROR_CONFIG, NULL, "'%s' was changed in this moment", shown);
}

static bool trash_output(const UndoMove *move, const char *temp, Error **err)
{
    bool gone = false, missing = false;
    Original output = { .root = move->root,
                        .source = move->path,
                        .file = &move->file,
                        .temp = temp,
                        .again = true,
                        .rename_only = true,
                        .missing = &missing };
    g_auto(Spot) spot = { 0 };

    if (!find_output(move, SPOT_BIT(SPOT_OWN) | SPOTS_TRASH, &spot, err))
        return false;
    if (spot.kind != SPOT_OWN)
        return true; /* moved before a crash */
    return originals_move_to_trash(&output, &gone, err) && (!missing || changed_now(move, err));
}

static bool bring_output_back(const UndoMove *move, Error **err)
{
    Belonging it = belonging_of(move);
    g_auto(Spot) spot = { 0 };

    if (!find_output(move, SPOT_BIT(SPOT_OWN) | SPOTS_TRASH, &spot, err) ||
        !put_back_move(&it, &spot, NULL, err))
        return false;
    put_back_clean(&it, &spot);
    return true;
}

static bool make_move(const UndoMove *move, const char *temp, FileId *original, Error **err)
{
    Belonging it = belonging_of(move);
    Spot spot = spot_of(move);

    return move->spot == OUTPUT ? trash_output(move, temp, err)
                                : put_back_move(&it, &spot, original, err);
}

static bool take_move_back(const UndoMove *move, Error **err)
{
    Belonging it = belonging_of(move);
    Spot spot = spot_of(move);

    return move->spot == OUTPUT ? bring_output_back(move, err) : put_back_revert(&it, &spot, err);
}

static const UndoMove *move_at(const GArray *moves, guint i)
{
    return &g_array_index(moves, UndoMove, i);
}

static bool make_all(Ledger *ledger, int64_t id, const GArray *moves, FileId *original, Error **err)
{
    g_autofree char *temp =
        g_strdup_printf(HIDDEN_PREFIX "%s-%" PRId64 "-undo", ledger_tag(ledger), id);

    for (guint i = 0; i < moves->len; i++)
        if (!make_move(move_at(moves, i), temp, i ? NULL : original, err))
            return false;
    return true;
}

/* Whether another try may succeed without a person. */
static bool may_pass(const Error *error)
{
    return error->kind == ERROR_ENVIRONMENT || error->kind == ERROR_TRANSIENT ||
           error->kind == ERROR_MEMORY;
}

/* Adds to *why what could not be taken back. */
static void add_reason(Error **why, const Error *error, const UndoMove *move)
{
    g_autofree char *shown = shown_path(move);
    g_autofree char *both =
        g_strdup_printf("%s; '%s' could not be moved back: %s", (*why)->what, shown, error->what);

    g_free((*why)->what);
    (*why)->what = g_steal_pointer(&both);
}

/* The last first. *passes: what can't be taken back now may be later. */
static bool take_all_back(const GArray *moves, bool *passes, Error **why)
{
    bool all = true;

    *passes = false;
    for (guint i = moves->len; i > 0; i--) {
        g_autoptr(Error) error = NULL;
        if (take_move_back(move_at(moves, i - 1), &error))
            continue;
        all = false;
        *passes |= may_pass(error);
        add_reason(why, error, move_at(moves, i - 1));
    }
    return all;
}

static UndoingEnd end_taken_back(Ledger *ledger, int64_t id, const GArray *moves, Error **why)
{
    g_autoptr(Error) unrecorded = NULL;
    bool passes = false;

    if (!take_all_back(moves, &passes, why) && passes)
        return UNDOING_STUCK;
    return undo_cancel(ledger, id, &unrecorded) ? UNDOING_TAKEN_BACK : UNDOING_STUCK;
}

/* The original and its parts have left these places. */
static void clean_all(const GArray *moves)
{
    for (guint i = 0; i < moves->len; i++) {
        Belonging it = belonging_of(move_at(moves, i));
        Spot spot = spot_of(move_at(moves, i));

        if (move_at(moves, i)->spot != OUTPUT)
            put_back_clean(&it, &spot);
    }
}

UndoingEnd undoing_run(Ledger *ledger, int64_t id, const GArray *moves, Error **why)
{
    FileId original = move_at(moves, 0)->file;

    if (!make_all(ledger, id, moves, &original, why))
        return end_taken_back(ledger, id, moves, why);
    clean_all(moves);
    return undo_finish(ledger, id, &original, why) ? UNDOING_DONE : UNDOING_STUCK;
}
