/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalog_internal.h - what the files of the catalog share. */
#pragma once

#include "daemon/import/catalog.h"
#include "daemon/ledger/database.h"

enum { CATALOG_VERSION = 1 }; /* of the tables; PRAGMA user_version */

typedef enum CatalogSql {
    CATALOG_CARDS,
    CATALOG_CANDIDATES,
    CATALOG_ADD_CARD,
    CATALOG_KEEP_CARD,
    CATALOG_NAMED,
    CATALOG_STOPPED,
    CATALOG_MIRROR,
    CATALOG_CARD,
    CATALOG_DESTINATIONS,
    CATALOG_ADD_DESTINATION,
    CATALOG_DROP_DESTINATIONS,
    CATALOG_FILES,
    CATALOG_FILE,
    CATALOG_ADD_FILE,
    CATALOG_SHIFT,
    CATALOG_LIKE,
    CATALOG_ADD_CONTENT,
    CATALOG_ADD_OLD_CONTENT,
    CATALOG_COPY,
    CATALOG_ADD_COPY,
    CATALOG_DROP_COPY,
    CATALOG_COPIES_IN,
    CATALOG_COPIES_OF,
    CATALOG_NUMBER,
    CATALOG_ADD_NUMBER,
    CATALOG_LAST_NUMBER,
    CATALOG_DROP_FILES,
    CATALOG_DROP_NUMBERS,
    CATALOG_DROP_CARD,
    CATALOG_META,
    CATALOG_SET_META,
    CATALOG_DROP_META,
    CATALOG_STATEMENTS
} CatalogSql;

extern const char catalog_tables[];
extern const char *const catalog_sql[CATALOG_STATEMENTS];

/* What was added and is not written yet. */
typedef struct CatalogPending {
    GHashTable *records; /* id -> CardRecord */
    GHashTable *files;   /* "card:path" -> PendingFile */
    GHashTable *copies;  /* "xxh128:size:destination" -> PendingCopy */
    GHashTable *numbers; /* "card:path" -> PendingNumber */
    GHashTable *likes;   /* "size:head", a set */
} CatalogPending;

struct Catalog {
    Database *db;
    char *damaged_copy;
    bool read_only;
    bool is_open;       /* its statements are prepared */
    int64_t flushed_ms; /* boot clock */
    int64_t shifted;    /* read-only: the card whose files have other times now, */
    int64_t shift_ns;   /* and by how much */
    CatalogPending pending;
};

void catalog_pending_init(CatalogPending *pending);
void catalog_pending_clear(CatalogPending *pending);

/* Writes a record in an open transaction. */
bool catalog_write_record(Catalog *catalog, const CardRecord *record, Error **err);

/* Those that processes were reading which have ended, as they read now; newly allocated. */
bool catalog_stopped(Catalog *catalog, GPtrArray **records, Error **err);

/* Reads the row that a statement of cards stands on, without its destinations, and its fingerprint
 * (may be NULL). */
CardRecord *catalog_read_record(DatabaseRow *row, uint64_t *listing);
bool catalog_read_destinations(Catalog *catalog, CardRecord *record, Error **err);

/* When a process began, in clock ticks since the boot; 0: it has ended, or this is not known. */
int64_t catalog_process_start(int64_t pid);
