/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalog.h - what is remembered of cards: their files, the content of each, where its copies are,
 * and each card's verdict. A SQLite file, import.db, in the state directory: several imports, and
 * commands that only look, may have it open at the same time.
 *
 * Losing it loses no picture and makes no card safe: the next import reads the card again. So a
 * damaged one is put aside under another name, and a new one begins.
 *
 * What is added is collected in memory, where all of these functions see it, and written by
 * catalog_flush() in one short transaction: no import holds up another one for longer than that.
 * One thread at a time. */
#pragma once

#include "daemon/import/card.h"
#include "daemon/import/card_state.h"

typedef struct Catalog Catalog;

/* A card as it is remembered. */
typedef struct CardRecord {
    int64_t id;
    char *import;                /* the name of the import that took it, or IMPORT_BY_HAND */
    char *name;                  /* label, else UUID, else path: for people */
    char *label, *uuid, *source; /* source: the directory or the device it was read from */
    int64_t medium_size;
    CardState state;
    int64_t files, done;        /* that are to be copied; that stand in every destination */
    int64_t bytes, read;        /* the same in bytes; that were read from the card */
    int64_t began_ms, ended_ms; /* wall time; ended 0: it goes on */
    int64_t pid;                /* of the import that works on it; 0: none */
    char *verdict;              /* "SAFE TO FORMAT: ..." in a line; NULL: none yet */
    char *reason;               /* why it is held, or the first reasons, a line each; NULL */
    char **destinations;        /* NULL ends it */
    ImportVerify verify;        /* what was promised: these three are of its import */
    ImportManifest manifest;
    unsigned safe_copies;
} CardRecord;

void card_record_free(CardRecord *record);

/* Whether an import works on the card, or waits to: one by hand does not wait. */
bool card_record_is_at_work(const CardRecord *record);

/* Bytes per second at which it was read up to now; 0 while it is not read, or that is not known. */
double card_record_speed(const CardRecord *record, int64_t now_ms);

/* Opens or makes import.db in `directory`, which is made too. read_only: for commands that look;
 * then *catalog is NULL, without an error, where there is none. */
bool catalog_open(const char *directory, bool read_only, Catalog **catalog, Error **err);
void catalog_close(Catalog *catalog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Catalog, catalog_close)

/* Where the damaged import.db lies that catalog_open() has put aside, for a message; borrowed.
 * NULL: there was none. */
const char *catalog_damaged_copy(const Catalog *catalog);

/* The card that this is: the same UUID, label and size, and half of its files are there as they
 * were; else a new one, which is recorded (not in a read-only catalog: then its id is 0), with
 * state reading and this process as its pid. One medium that was formatted is a new card. A
 * directory that is no mount point lies on a larger file system, whose UUID says nothing of it:
 * there, and where a medium has no UUID, the source has to be the same instead. A camera is its
 * serial number, at any port.
 *
 * FAT and exFAT keep local time: another time zone, or summer time, moves the times of all files
 * alike, by a multiple of 15 minutes, at most 26 hours. Where all files that are known and still
 * there have moved so, on these or in FUSE, it is the same card; this is decided here, and from
 * here on the new times are those that are known.
 *
 * `record` is newly allocated; *known: it was recorded before, and then says what its last import
 * said, its destinations too. */
bool catalog_find(Catalog *catalog, const Card *card, const char *import, const char *const *to,
                  CardRecord **record, bool *known, Error **err);

/* Whether a card was ever imported from `root`, or from a medium like this one: else
 * catalog_find() knows none, and what is there need not be listed. */
bool catalog_may_know(Catalog *catalog, const char *root, const Medium *medium, bool *may,
                      Error **err);

/* Writes all of a record but its id. Of one that is being read or held, pid says by which process:
 * after its end such a record reads as interrupted. `lazy`: as catalog_add_file() does, or at once
 * where a second has passed since the last time. */
bool catalog_keep(Catalog *catalog, const CardRecord *record, bool lazy, Error **err);

/* From another thread than that of an import, which hangs: what becomes of the card that this
 * process works on. `ends`: it works on it no more. *record, newly allocated; NULL: it works on
 * none. */
bool catalog_set_hanging(Catalog *catalog, CardState state, const char *reason, bool ends,
                         CardRecord **record, Error **err);

/* What is known of a file of a card with this path, size and time: its content, and whether it was
 * read in the insertion `since` (wall ms) or later. *found false: nothing. */
bool catalog_file(Catalog *catalog, int64_t card, const CardFile *file, int64_t since,
                  Content *content, bool *is_fresh, bool *found, Error **err);

/* Records that a file of a card was read just now and has this content; several calls become
 * durable with catalog_flush(). `head`: fingerprint of its first bytes, see catalog_has_like(); 0:
 * not read. */
bool catalog_add_file(Catalog *catalog, int64_t card, const CardFile *file, const Content *content,
                      uint64_t head, Error **err);

/* Whether a content of this size and head is known: the file may be a duplicate. */
bool catalog_has_like(Catalog *catalog, int64_t size, uint64_t head, bool *has, Error **err);

/* The name of a copy of this content in a destination; newly allocated, NULL: none is known. */
bool catalog_copy(Catalog *catalog, const Content *content, const char *destination, char **name,
                  Error **err);
/* Records one; a second one of the same content in the same destination replaces it. */
bool catalog_add_copy(Catalog *catalog, const Content *content, const char *destination,
                      const char *name, Error **err);
bool catalog_forget_copy(Catalog *catalog, const Content *content, const char *destination,
                         Error **err);

/* A copy of a content. */
typedef struct CatalogCopy {
    char *destination;
    char *name; /* relative to it */
    Content content;
} CatalogCopy;

/* Array of CatalogCopy, newly allocated: the copies in a destination, by name, and those of a
 * content, which is known by its XXH3-128, or where that is "" by its SHA-256 or MD5. */
bool catalog_copies_in(Catalog *catalog, const char *destination, GPtrArray **copies, Error **err);
bool catalog_copies_of(Catalog *catalog, const Content *content, GPtrArray **copies, Error **err);

/* Whether a file with this content was handed to a folder: a picture is handed over once, from
 * whichever card. */
bool catalog_handed(Catalog *catalog, const Content *content, const char *folder, bool *handed,
                    Error **err);
bool catalog_add_handed(Catalog *catalog, const Content *content, const char *folder, Error **err);

/* The number that was drawn for the shot whose first file has this path; 0: none. */
bool catalog_number(Catalog *catalog, int64_t card, const char *path, int64_t *number, Error **err);
bool catalog_add_number(Catalog *catalog, int64_t card, const char *path, int64_t number,
                        Error **err);
/* The highest number that was drawn for a shot of this card; 0: none. */
bool catalog_last_number(Catalog *catalog, int64_t card, int64_t *number, Error **err);

/* The card before this one that has the most contents in common with it: "card B mirrors card A".
 * `common` of `files`; *record NULL: none. */
bool catalog_mirror(Catalog *catalog, int64_t card, CardRecord **record, int64_t *common,
                    Error **err);

/* Makes durable what was recorded up to now. After an error it is still there for the next try. */
bool catalog_flush(Catalog *catalog, Error **err);

/* Cards, the newest first: at most `most`; array of CardRecord, newly allocated. */
bool catalog_cards(Catalog *catalog, unsigned most, GPtrArray **records, Error **err);

/* Forgets cards by name, UUID, or id; how many. What was copied stays known. One that an import
 * works on stays (CONFIG). */
bool catalog_forget(Catalog *catalog, const char *card, unsigned *count, Error **err);

/* {assignment}; NULL ends it, and is none. The text read is newly allocated. */
bool catalog_set_assignment(Catalog *catalog, const char *text, Error **err);
bool catalog_assignment(Catalog *catalog, char **text, Error **err);
