/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reference.h - what a ledger has to do, with a list of rows in memory: by the words of ledger.h,
 * unmoved.h, steering.h and answers.h, and not as an engine does it.
 *
 * A function has the name of that of the ledger. Where that gets a row which was taken, this one
 * says whether the row is still the caller's; false: nothing has changed. Ids and tokens are the
 * choice of the ledger: the story tells them to the reference. */
#pragma once

#include "daemon/ledger/answers.h"
#include "daemon/ledger/unmoved.h"

typedef struct ReferenceRow {
    LedgerRow row; /* as ledger_find() has it */
    bool present;
    bool held; /* taken, and not given back */
    int takes;
    int64_t retry_ms;       /* as a retry it is due then; 0: it is none */
    int64_t arrived, place; /* among those that are no retries: at first, and now */
    int64_t ended_ms;       /* of a row that has ended */
    bool claims;            /* the content with this key */
    uint64_t claimed[2];
    Error *why;
    GArray *outputs; /* of LedgerOutput */
    char *dir, *fix; /* of an original that could not be moved; dir NULL: there is none */
    int64_t move_ms; /* below 0: it became due while it was held */
    char *report;    /* which says that the original stays; NULL: none */
    bool put_back;   /* taken while its file is put back: it is present until it is given back */
    bool duplicate;
    char *cancelled_by; /* NULL: it is not cancelled */
    CancelReason cancelled_why;
    char *profile;
} ReferenceRow;

enum { REFERENCE_FOLDERS = 2 };
extern const char *const reference_folders[REFERENCE_FOLDERS];

typedef struct Reference {
    GPtrArray *rows; /* of ReferenceRow, as they arrived */
    int64_t now_ms;
    int64_t places; /* the last one that was given */
    int64_t numbers[REFERENCE_FOLDERS], duplicates[REFERENCE_FOLDERS];
    int64_t numbers_of_day[REFERENCE_FOLDERS], run_numbers; /* the last ones */
    int days[REFERENCE_FOLDERS];                            /* of the last picture */
    char *paused[REFERENCE_FOLDERS + 1];                    /* by whom; the last one: all */
} Reference;

Reference *reference_new(void);
void reference_free(Reference *reference);

/* NULL: there is none. */
ReferenceRow *reference_by_id(const Reference *reference, int64_t id);
ReferenceRow *reference_find(const Reference *reference, const char *folder, const char *source);

/* ---- the intake ---- */

/* Whether the offer is new work. */
bool reference_add(Reference *reference, LedgerOffer *offer);

/* The rows, in a new array. */
GPtrArray *reference_find_elsewhere(const Reference *reference, const char *folder,
                                    const char *source, const FileId *file, bool later);

/* False: the row has not ended. */
bool reference_rename(Reference *reference, const LedgerRow *row, const char *source);
bool reference_update_file(const Reference *reference, const LedgerRow *row, const FileId *file);
void reference_record_crash(Reference *reference, const LedgerCrash *crash, const Error *why);

/* ---- what is due ---- */

/* The rows that a take gets, in a new array. */
GPtrArray *reference_take(const Reference *reference, const LedgerTake *take);
GPtrArray *reference_unmoved_take(const Reference *reference, const char *folder, int limit);
void reference_hold(ReferenceRow *row, int64_t token);
int64_t reference_next_due(const Reference *reference, const char *folder);

/* No row is taken any more; how many were `processing`. */
int reference_recover(Reference *reference);

/* ---- a row that was taken ---- */

/* What *state and *other a row of this content finds. Of several that are done the ledger may name
 * any: `named` is the id of the one that it did. */
void reference_find_duplicate(const Reference *reference, const LedgerRow *row, int64_t named,
                              DuplicateState *state, ReferenceRow **other);
bool reference_begin(Reference *reference, const LedgerRow *row, bool asks, DuplicateState state,
                     ReferenceRow *other);

bool reference_ask(const Reference *reference, LedgerRow *row);
bool reference_release(Reference *reference, const LedgerRow *row);
bool reference_defer(Reference *reference, const LedgerRow *row, int64_t delay_ms, bool spend,
                     CrashCause crash, const Error *why);
bool reference_stage(Reference *reference, const LedgerRow *row, const GArray *outputs);
bool reference_publish(Reference *reference, const LedgerRow *row, const GArray *outputs,
                       const ProfileText *profile);
bool reference_done(Reference *reference, const LedgerRow *row, LedgerOriginal original,
                    bool duplicate);
bool reference_begin_failing(Reference *reference, const LedgerRow *row, const Error *why);
bool reference_fail(Reference *reference, const LedgerRow *row, LedgerOriginal original,
                    const Error *why);
bool reference_requeue(Reference *reference, const LedgerRow *row);
bool reference_forget(Reference *reference, const LedgerRow *row);

/* ---- originals that could not be moved ---- */

bool reference_unmoved_keep(const Reference *reference, const LedgerRow *row, const char *dir,
                            bool shut, const char *fix, int64_t delay_ms);
bool reference_unmoved_forget(Reference *reference, const LedgerRow *row, LedgerOriginal original);

bool reference_unmoved_set_report(const Reference *reference, const LedgerRow *row,
                                  const char *report);

/* *must: the ledger has to say that there are some; *may: it may say it. */
void reference_unmoved_make_due(Reference *reference, const char *folder, const char *dir,
                                bool *must, bool *may);

/* Whether the row counts as one whose original is to be moved. */
bool reference_is_unmoved(const ReferenceRow *row, const char *folder);

/* ---- what people change: whether the row is still so ---- */

bool reference_cancel(const Reference *reference, const LedgerRow *row, const char *who,
                      CancelReason why);
bool reference_take_ended(const Reference *reference, const LedgerRow *row, int64_t token);
bool reference_reopen(const Reference *reference, const LedgerRow *row);
bool reference_make_due(const Reference *reference, const LedgerRow *row);

/* NULL: its key is queued, in progress or taken. */
ReferenceRow *reference_offer_again(Reference *reference, const LedgerOffer *offer, bool remake);

/* ---- questions, history ---- */

/* folder NULL: of all. */
LedgerCounts reference_count(const Reference *reference, const char *folder);
int64_t reference_count_unfinished(const Reference *reference, const char *folder);
bool reference_is_output(const Reference *reference, const FileId *file);
bool reference_was_source(const Reference *reference, const FileId *file);
bool reference_has_made(const Reference *reference, const char *folder, const char *source,
                        const char *path, const FileId *there);

/* All such rows in their order, in a new array. */
GPtrArray *reference_list_old(const Reference *reference, const char *folder, int64_t age_ms);
void reference_mark_absent(const Reference *reference, const LedgerRow *row);
int reference_prune(Reference *reference, int64_t age_ms);
