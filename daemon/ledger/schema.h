/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* schema.h - the ledger's tables and statements, by number. */
#pragma once

enum { LEDGER_VERSION = 6 }; /* of the tables; PRAGMA user_version */

typedef enum Sql {
    SQL_FIND,
    SQL_FIND_ELSEWHERE,
    SQL_LEAVE_NAME,
    SQL_RENAME,
    SQL_DRAW,
    SQL_ADD,
    SQL_REPLACE_QUEUED,
    SQL_MAKE_HISTORY,
    SQL_FORGET_QUEUED,
    SQL_ABANDON_QUEUED,
    SQL_MAKE_KEY_HISTORY,
    SQL_UPDATE_FILE,
    SQL_RECOVER,
    SQL_RECOVER_HELD,
    SQL_RECORD_CRASH_OF_TAKEN,
    SQL_RECORD_CRASH,
    SQL_ERROR,
    SQL_TAKE_RETRIES,
    SQL_TAKE_OLDEST,
    SQL_TAKE_NEWEST,
    SQL_TAKE_BY_NAME,
    SQL_TAKE,
    SQL_NEXT_DUE,
    SQL_STATE,
    SQL_IS_IN_PROGRESS,
    SQL_RELEASE,
    SQL_BEGIN,
    SQL_CLAIM_CONTENT,
    SQL_GIVE_CONTENT,
    SQL_FIND_CLAIM,
    SQL_FIND_MADE,
    SQL_FIND_MADE_UNKEYED,
    SQL_TAKE_PLACE,
    SQL_DEFER,
    SQL_POSTPONE,
    SQL_PUBLISH,
    SQL_FORGET_OUTPUTS,
    SQL_ADD_OUTPUT,
    SQL_OUTPUTS,
    SQL_DONE,
    SQL_COUNT_DUPLICATE,
    SQL_FAILING,
    SQL_FAIL,
    SQL_REQUEUE,
    SQL_FORGET,
    SQL_MADE,
    SQL_IS_OUTPUT,
    SQL_WAS_SOURCE,
    SQL_COUNT,
    SQL_COUNT_UNFINISHED,
    SQL_UNFINISHED_FOLDERS,
    SQL_OLD,
    SQL_MARK_ABSENT,
    SQL_PRUNE_OUTPUTS,
    SQL_PRUNE,
    SQL_SET_META,
    SQL_UNMOVED_KEEP,
    SQL_UNMOVED_TAKE,
    SQL_UNMOVED_NEXT_DUE,
    SQL_UNMOVED_HISTORY,
    SQL_UNMOVED_END,
    SQL_UNMOVED_FORGET,
    SQL_UNMOVED_RENAME,
    SQL_UNMOVED_NEXT_TRY,
    SQL_UNMOVED_POSTPONE,
    SQL_UNMOVED_MAKE_DUE,
    SQL_UNMOVED_COUNT,
    SQL_UNMOVED_GROUPS,
    SQL_UNMOVED_REPORT,
    SQL_UNMOVED_SET_REPORT,
    SQL_UNMOVED_FORGET_REPORT,
    SQL_STATEMENTS
} Sql;

/* What every ledger has; both are applied, in this order, when one is opened. */
extern const char ledger_schema[];
extern const char ledger_counters[];

/* ledger_upgrades[N] brings tables of version N to N + 1, before the schema is applied; NULL: none
 * were ever written. */
extern const char *const ledger_upgrades[LEDGER_VERSION];
extern const char *const ledger_sql[SQL_STATEMENTS];
