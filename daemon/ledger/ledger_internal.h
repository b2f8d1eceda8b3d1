/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ledger_internal.h - what keeps the rows of a ledger: one table of functions for each way to store
 * them.
 *
 * Each function is that of ledger.h, unmoved.h, parts.h, steering.h, answers.h, undo.h or marks.h
 * with the same name, and keeps its promises. */
#pragma once

#include <stdatomic.h>

#include "daemon/ledger/answers.h"
#include "daemon/ledger/marks.h"
#include "daemon/ledger/parts.h"
#include "daemon/ledger/steering.h"
#include "daemon/ledger/undo.h"
#include "daemon/ledger/unmoved.h"

typedef struct LedgerEngine {
    bool is_shared;
    void (*close)(Ledger *ledger);
    bool (*is_damaged)(Ledger *ledger);
    bool (*record_crash)(Ledger *ledger, const LedgerCrash *crash, const Error *why, Error **err);
    bool (*find)(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err);
    bool (*find_elsewhere)(Ledger *ledger, const char *folder, const char *source,
                           const FileId *file, int64_t born_ms, GArray *rows, Error **err);
    bool (*rename)(Ledger *ledger, const LedgerRow *row, const char *source, Error **err);
    bool (*add)(Ledger *ledger, LedgerOffer *offers, unsigned count, int *added, Error **err);
    bool (*update_file)(Ledger *ledger, const LedgerRow *row, const FileId *file, Error **err);
    bool (*take)(Ledger *ledger, const LedgerTake *take, GArray *rows, Error **err);
    bool (*next_due)(Ledger *ledger, const char *folder, int64_t *delay_ms, Error **err);
    bool (*begin)(Ledger *ledger, LedgerRow *row, LedgerDuplicate *duplicate, Error **err);
    bool (*ask)(Ledger *ledger, LedgerRow *row, Error **err);
    bool (*release)(Ledger *ledger, const LedgerRow *row, Error **err);
    bool (*defer)(Ledger *ledger, const LedgerRow *row, int64_t delay_ms, bool spend,
                  CrashCause crash, const Error *why, Error **err);
    bool (*stage)(Ledger *ledger, const LedgerRow *row, const GArray *outputs, Error **err);
    bool (*publish)(Ledger *ledger, const LedgerRow *row, const GArray *outputs,
                    const ProfileText *profile, Error **err);
    bool (*read_outputs)(Ledger *ledger, const LedgerRow *row, GArray **outputs, Error **err);
    bool (*done)(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, bool duplicate,
                 Error **err);
    bool (*begin_failing)(Ledger *ledger, const LedgerRow *row, const Error *why, Error **err);
    bool (*fail)(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, const Error *why,
                 Error **err);
    bool (*requeue)(Ledger *ledger, LedgerRow *row, Error **err);
    bool (*forget)(Ledger *ledger, const LedgerRow *row, Error **err);
    bool (*last_error)(Ledger *ledger, const LedgerRow *row, Error **why, Error **err);
    bool (*has_made)(Ledger *ledger, const char *folder, const char *source, const char *path,
                     const FileId *there, bool *made, Error **err);
    bool (*is_output)(Ledger *ledger, const FileId *file, bool *is, Error **err);
    bool (*was_source)(Ledger *ledger, const FileId *file, bool *was, Error **err);
    bool (*count)(Ledger *ledger, const char *folder, LedgerCounts *counts, Error **err);
    bool (*test_write)(Ledger *ledger, Error **err);
    bool (*count_unfinished)(Ledger *ledger, int64_t *rows, Error **err);
    bool (*list_unfinished)(Ledger *ledger, GArray *folders, Error **err);
    bool (*list_old)(Ledger *ledger, const char *folder, int64_t age_ms, LedgerPlace *after,
                     int limit, GArray *rows, Error **err);
    bool (*mark_absent)(Ledger *ledger, const LedgerRow *row, Error **err);
    bool (*prune)(Ledger *ledger, int64_t age_ms, int limit, int *pruned, Error **err);
    bool (*unmoved_keep)(Ledger *ledger, const LedgerRow *row, const char *dir, bool shut,
                         const char *fix, int64_t delay_ms, Error **err);
    bool (*unmoved_take)(Ledger *ledger, const char *folder, int limit, GArray *rows, Error **err);
    bool (*unmoved_forget)(Ledger *ledger, const LedgerRow *row, LedgerOriginal original,
                           Error **err);
    bool (*unmoved_is_history)(Ledger *ledger, const LedgerRow *row, bool *is, Error **err);
    bool (*unmoved_make_due)(Ledger *ledger, const char *folder, const char *dir, bool *any,
                             Error **err);
    bool (*unmoved_read_report)(Ledger *ledger, const LedgerRow *row, char **report, Error **err);
    bool (*unmoved_set_report)(Ledger *ledger, const LedgerRow *row, const char *report,
                               Error **err);
    bool (*unmoved_count)(Ledger *ledger, const char *folder, int limit, int64_t *originals,
                          GArray **groups, Error **err);
    bool (*parts_offer)(Ledger *ledger, const PartOffer *offer, PartState *state, Error **err);
    bool (*parts_forget)(Ledger *ledger, const char *folder, const char *source, Error **err);
    bool (*parts_find_shot)(Ledger *ledger, const char *folder, const char *shot,
                            ShotPictures *found, Error **err);
    bool (*parts_of_others)(Ledger *ledger, const LedgerRow *row, GArray *parts, Error **err);
    bool (*parts_twin)(Ledger *ledger, const LedgerRow *row, LedgerRow *twin, bool *found,
                       Error **err);
    bool (*parts_list_waiting)(Ledger *ledger, const char *folder, const char *after, int limit,
                               GArray *parts, Error **err);
    bool (*parts_take)(Ledger *ledger, const LedgerRow *row, GArray *parts, bool *only,
                       Error **err);
    bool (*parts_plan)(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);
    bool (*parts_end)(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);
    bool (*parts_drop)(Ledger *ledger, const LedgerRow *row, const LedgerPart *part, Error **err);
    bool (*parts_keep)(Ledger *ledger, const LedgerRow *row, LedgerOriginal original,
                       const char *dir, bool shut, const char *fix, int64_t delay_ms, Error **err);
    bool (*parts_give)(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err);
    bool (*parts_of)(Ledger *ledger, int64_t id, GArray *parts, Error **err);
    bool (*cancel)(Ledger *ledger, const LedgerRow *row, const char *who, CancelReason why,
                   Error **err);
    bool (*take_ended)(Ledger *ledger, LedgerRow *row, Error **err);
    bool (*reopen)(Ledger *ledger, const LedgerRow *row, Error **err);
    bool (*make_due)(Ledger *ledger, const LedgerRow *row, Error **err);
    bool (*offer_again)(Ledger *ledger, const LedgerOffer *offer, bool remake, LedgerRow *row,
                        Error **err);
    bool (*pause)(Ledger *ledger, const char *folder, const char *who, bool *was, Error **err);
    bool (*resume)(Ledger *ledger, const char *folder, bool *was, Error **err);
    bool (*paused)(Ledger *ledger, GArray *pauses, Error **err);
    bool (*entry)(Ledger *ledger, int64_t id, GArray *entries, Error **err);
    bool (*history)(Ledger *ledger, const char *folder, const char *source, int limit,
                    GArray *entries, Error **err);
    bool (*of_file)(Ledger *ledger, const char *folder, const FileId *file, GArray *entries,
                    Error **err);
    bool (*newest)(Ledger *ledger, const char *folder, const char *after, int limit,
                   GArray *entries, Error **err);
    bool (*made)(Ledger *ledger, const char *folder, const char *path, int limit, GArray *entries,
                 Error **err);
    bool (*outputs_of)(Ledger *ledger, int64_t id, GArray *outputs, Error **err);
    bool (*list)(Ledger *ledger, const LedgerQuery *query, GArray *entries, Error **err);
    bool (*count_names)(Ledger *ledger, const char *folder, int64_t *count, Error **err);
    bool (*count_list)(Ledger *ledger, const LedgerQuery *query, int64_t *count, Error **err);
    bool (*summary)(Ledger *ledger, const char *folder, const char *dir, LedgerCounts *counts,
                    Error **err);
    bool (*count_before)(Ledger *ledger, const LedgerRow *row, Order order, int most,
                         int64_t *before, Error **err);
    bool (*oldest_queued)(Ledger *ledger, const char *folder, char **source,
                          int64_t *arrived_wall_ms, Error **err);
    bool (*undo_begin)(Ledger *ledger, const LedgerRow *row, const char *who, const GArray *moves,
                       Error **err);
    bool (*undo_finish)(Ledger *ledger, int64_t id, const FileId *file, Error **err);
    bool (*undo_cancel)(Ledger *ledger, int64_t id, Error **err);
    bool (*undo_list)(Ledger *ledger, GArray *rows, Error **err);
    bool (*undo_read)(Ledger *ledger, int64_t id, GArray *moves, char **who, Error **err);
    bool (*undo_find_use)(Ledger *ledger, const FileId *file, int64_t id, LedgerRow *row,
                          bool *found, Error **err);
    bool (*read_marks)(Ledger *ledger, const char *sender, GArray *marks, Error **err);
    bool (*keep_marks)(Ledger *ledger, const char *sender, const GArray *marks, Error **err);
    bool (*retain_marks)(Ledger *ledger, const char *const *senders, Error **err);
    bool (*newest_end)(Ledger *ledger, const char *folder, LedgerState state, LedgerEnd *end,
                       Error **err);
    bool (*count_ends)(Ledger *ledger, const LedgerEnds *ends, int64_t *count,
                       int64_t *first_wall_ms, Error **err);
    bool (*list_ends)(Ledger *ledger, const LedgerEnds *ends, int limit, GArray *entries,
                      Error **err);
} LedgerEngine;

/* What every ledger has: the beginning of the engine's own struct, whose `open` fills it. */
struct Ledger {
    const LedgerEngine *engine;
    char tag[24];
    FileKey key; /* does not change after the ledger was opened */
    bool fresh;
    char *damaged_copy;
    int recovered;
    atomic_int_fast64_t last_end; /* ledger_last_end() */
};

/* Opens the file at `path`; NULL: in memory. */
bool sqlite_ledger_open(const char *path, Ledger **ledger, Error **err);
