/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unmoved.h - originals that could not be moved when their pictures ended.
 *
 * Such a picture is done or failed, with its outputs or its report and its message; only its
 * original still lies in the folder, most often because of the rights of its directory. Its move is
 * tried again: after a while, when its directory changes, after a scan, and at each start. Rows,
 * errors, times and threads as ledger.h says. */
#pragma once

#include "daemon/ledger/ledger.h"

/* An original could not be moved; it is due again after delay_ms. Call it before the picture is
 * recorded as done or failed, until when this has no effect, and after each later try. `dir` is the
 * directory of the original, relative to the folder; `fix` what a person can do. shut: nothing can
 * be moved out of this very directory now; no other original in it is due earlier, except that the
 * first try of an original does not postpone those that are due already. An original that was made
 * due while its row was taken, since it was kept last, stays due and postpones no other. The row
 * stays taken. */
bool unmoved_keep(Ledger *ledger, const LedgerRow *row, const char *dir, bool shut, const char *fix,
                  int64_t delay_ms, Error **err);

/* As ledger_take(): rows of pictures that are done or failed, whose originals are to be moved. */
bool unmoved_take(Ledger *ledger, const char *folder, int limit, GArray *rows, Error **err);

/* The original of `row` is no longer to be moved; `original` is where it is now. The row is given
 * back. */
bool unmoved_forget(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, Error **err);

/* Whether a later file has the place of this picture in the ledger, or its file is known to be
 * gone. */
bool unmoved_is_history(Ledger *ledger, const LedgerRow *row, bool *is, Error **err);

/* The originals in `dir` ("": the whole folder) and below it are due now, also those that a job
 * tries just now; *any: some were not. */
bool unmoved_make_due(Ledger *ledger, const char *folder, const char *dir, bool *any, Error **err);

/* The report, relative to the folder, that says that the original of a failed picture is still in
 * its place; newly allocated, NULL: there is none. */
bool unmoved_read_report(Ledger *ledger, const LedgerRow *row, char **report, Error **err);

/* Records it; NULL: there is none now. It replaces that of a picture that had the same name before.
 */
bool unmoved_set_report(Ledger *ledger, const LedgerRow *row, const char *report, Error **err);

/* The originals of one directory. */
typedef struct UnmovedGroup {
    char *dir; /* bytes, relative to the folder; "" is the folder itself */
    int64_t originals;
    char *fix; /* of one of them; NULL: unknown */
} UnmovedGroup;

void unmoved_group_clear(UnmovedGroup *group);

/* All originals of the folder that are to be moved, and the `limit` directories with the most of
 * them (of UnmovedGroup, newly allocated). */
bool unmoved_count(Ledger *ledger, const char *folder, int limit, int64_t *originals,
                   GArray **groups, Error **err);
