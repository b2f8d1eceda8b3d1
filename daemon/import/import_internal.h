/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_internal.h - what the steps of one import share. The thread that runs it. */
#pragma once

#include "daemon/import/import.h"
#include "daemon/import/manifest.h"
#include "daemon/import/prover.h"

typedef enum PlanState {
    PLAN_WAITING, /* not begun */
    PLAN_READING, /* its files are read, for their contents alone */
    PLAN_COPYING,
    PLAN_DONE, /* nothing of it is queued */
} PlanState;

/* What becomes of a shot. */
typedef struct Plan {
    CardShot *shot;
    PlanState state;
    char *stem;        /* of its copies; NULL: not chosen */
    unsigned queued;   /* files of it that the copier has */
    unsigned rounds;   /* how often its names were taken by others meanwhile */
    bool is_known;     /* all of its copies stood there before */
    bool is_looked_at; /* its metadata was asked for */
    bool is_of_film;   /* it is that of the film: its thumbnail says no date */
    bool is_passed;    /* it cannot be named: its files have errors */
    bool is_missing;   /* a destination failed: a copy of it is missing */
    bool is_handed;    /* to `then`, or it is not to be */
    bool was_taken;    /* one of its names, by another program, when a file had been copied */
} Plan;

/* What is known of a file beside its FileEnd. */
typedef struct FileWork {
    Plan *plan;    /* NULL: it is left */
    uint64_t head; /* fingerprint of its first bytes; 0: not read */
} FileWork;

typedef struct ImportWork {
    const ImportRun *run;
    const ImportSource *source;
    const ImportReporter *reporter;
    const Import *import;
    unsigned count; /* of destinations */
    Medium *media[COPIER_DESTINATIONS];
    Card *card;
    GArray *ends;        /* of FileEnd, as card->files */
    FileCopy *copies;    /* of all files */
    FileWork *files;     /* as card->files */
    GHashTable *indices; /* CardFile * -> its index */
    GArray *plans;       /* of Plan *, as card->shots */
    GHashTable *plan_of; /* CardShot * -> Plan * */
    GHashTable *names;   /* names of this import, without case -> Plan * */
    GHashTable *heads;   /* (size, head) as a text -> the first Plan * of this import with it */
    Catalog *catalog;    /* NULL: a dry run without one */
    CardRecord *record;
    bool is_known;      /* the card was recorded before */
    bool was_safe;      /* its last verdict was */
    bool has_copied;    /* a file was copied */
    int64_t last_ended; /* when its last import ended, wall ms */
    char *assignment;
    Namer *namer;
    Copier *copier;
    Prover *prover;     /* NULL: nothing is read back at the moment */
    unsigned queued;    /* files that the copier has */
    GPtrArray *handing; /* of Handing: shots that are staged for `then`; NULL: none */
    int64_t staged_ms;  /* when the first of them was */
    char *interrupted;  /* why it ends early; NULL */
    char *held;         /* what it would have waited for; NULL */
    int64_t told_ms, flushed_ms;
    int64_t read_before; /* bytes that earlier copiers have read */
} ImportWork;

/* ---- import_state.c ---- */

/* Takes over `card`. */
void work_set_card(ImportWork *work, Card *card);
void work_clear(ImportWork *work);

guint work_index(const ImportWork *work, const CardFile *file);
FileEnd *work_end(const ImportWork *work, guint index);
Plan *work_plan(const ImportWork *work, const CardShot *shot);

/* What is known from now on of the copy in a destination; takes over its name. */
void work_set_copy(FileEnd *end, unsigned to, FileCopy copy);

/* Of a file with another content than was known there is no copy. */
void work_forget_copies(const ImportWork *work, FileEnd *end);

/* Whether it ends early: it was stopped, or the card is gone. */
bool work_is_over(ImportWork *work);
void work_interrupt(ImportWork *work, const char *why);

/* Remembers the first error of the catalog: without it the import ends as interrupted. */
void work_catalog_failed(ImportWork *work, Error *error);

/* Reports and records how far it is: at most once a second, unless `now`. */
void work_tell(ImportWork *work, bool now);
void work_trouble(ImportWork *work, const CardFile *file, const char *destination,
                  const Error *error);

/* Sleeps in short parts; false: it is over. */
bool work_sleep(ImportWork *work, int64_t ms);

/* ---- import_known.c ---- */

/* What the catalog knows of the files of this card, and which copies stand. */
void known_find(ImportWork *work);

/* Whether the files of a shot that were read in an earlier insertion need not be read again. */
bool known_is_trusted(ImportWork *work, const Plan *plan);

/* Whether all files are known, with the verdict SAFE, and every copy stands as it was then. */
bool known_is_all(const ImportWork *work);

/* Whether `name` stands in a destination, as a file of this size. */
bool known_stands(const char *destination, const char *name, int64_t size);

/* Reads the first bytes of a file of the shot: of each, for duplicates. */
void known_read_heads(ImportWork *work, Plan *plan);

/* Whether the shot has to be read before it is copied: a file of it may be a duplicate. */
bool known_may_be_duplicate(ImportWork *work, const Plan *plan);

/* Copies of the same content, of other cards: for the contents that were read. */
void known_take_duplicates(ImportWork *work, Plan *plan);

/* Records what is known of the shot's files and their copies. */
void known_record(ImportWork *work, Plan *plan);

/* ---- import_names.c ---- */

/* The metadata of a shot, and its name. False: the shot cannot be named; its files have errors. */
bool names_read(ImportWork *work, Plan *plan);
bool names_make(ImportWork *work, Plan *plan);

/* The name of a file under a stem; newly allocated. */
char *names_of(const char *stem, const CardFile *file);

/* The stem with so many digits of the content behind it; newly allocated. */
char *names_suffixed(const char *stem, const Content *content, unsigned digits);

/* Whether its names are free in every destination and not those of another shot. *other: the shot
 * that has one of them and is not done yet; NULL. */
bool names_are_free(ImportWork *work, const Plan *plan, const char *stem, Plan **other);

/* Chooses the stem of a shot whose files were read: the first one under which each destination has
 * either nothing or the same content. What is there is a copy from then on. */
void names_choose(ImportWork *work, Plan *plan);

/* No other shot gets these names. */
void names_reserve(ImportWork *work, Plan *plan);

/* ---- import_copy.c ---- */

/* Copies all shots, in waves, and reads those that were copied before. */
void copy_all(ImportWork *work);

/* Whether a destination did not take all; and tries that again, with a new copier: its disk may
 * have been mounted again. */
bool copy_has_missing(const ImportWork *work);
void copy_again(ImportWork *work);

/* Reads what decides about the order: metadata of all shots that are not begun, and draws numbers,
 * where names have them. */
void copy_prepare(ImportWork *work);

/* ---- import_dry.c ---- */
void dry_plan(ImportWork *work);

/* ---- import_proof.c ---- */

/* From here on copies are read back from the disks of work->media, which must stay as they are. */
void proof_begin(ImportWork *work);

/* The copies of a shot stand: they are read back while others are copied. */
void proof_shot(ImportWork *work, const Plan *plan);

/* Forgets what was read back: a disk may be another one from here on. */
void proof_drop(ImportWork *work);

/* Waits until each copy was read back from its disk, and with `verify = all` the card a second
 * time. */
void proof_all(ImportWork *work);

/* ---- import_end.c ---- */

/* Lists the card again, writes the manifests, judges, and records the verdict. */
Verdict *end_import(ImportWork *work);

/* ---- import_room.c ---- */

/* Waits until each destination is there and has room for what it lacks; false: it is over, or it
 * does not wait, and work->held says for what it would. */
bool room_wait(ImportWork *work);

/* Holds the card for that, for some seconds. False: it is over, or it does not wait. */
bool room_hold(ImportWork *work, const Error *why);

/* ---- import_then.c ---- */

/* Hands a shot whose copies stand in the first destination to the folder `then`, once. */
void handover_shot(ImportWork *work, Plan *plan);

/* What handover_shot() has staged gets its names; it does so itself from time to time. */
void handover_commit(ImportWork *work);
