/* ledger_sql.h - the ledger's tables and statements, by number. */
#pragma once

enum { LEDGER_VERSION = 1 }; /* of the tables; PRAGMA user_version */

typedef enum Sql {
    SQL_FIND,
    SQL_ADD,
    SQL_REPLACE_WAITING,
    SQL_MAKE_HISTORY,
    SQL_RENEW,
    SQL_DUE,
    SQL_NEXT_DUE,
    SQL_CLAIM,
    SQL_HASH,
    SQL_DEFER,
    SQL_PUBLISH,
    SQL_DEFER_PUBLISHING,
    SQL_FORGET_OUTPUTS,
    SQL_ADD_OUTPUT,
    SQL_OUTPUTS,
    SQL_DONE,
    SQL_FAIL,
    SQL_AGAIN,
    SQL_FORGET,
    SQL_MADE,
    SQL_SEQUENCE_OF,
    SQL_NEXT_SEQUENCE,
    SQL_SET_SEQUENCE,
    SQL_COUNT,
    SQL_OPEN_ROWS,
    SQL_STATEMENTS
} Sql;
extern const char ledger_schema[];
extern const char *const ledger_sql[SQL_STATEMENTS];
