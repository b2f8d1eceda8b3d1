/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copier.h - reads a file of a card once, and writes it to every destination at the same time.
 *
 * One thread reads; each destination has one that writes, behind a bounded buffer, and takes turns
 * with other imports that write to the same disk. Where a destination lags by more than its buffer
 * it drops out of the file and gets it later from a copy that stands. A file appears in a
 * destination under its name when it is whole and on disk: unnamed (or under a hidden name, where
 * the file system has no unnamed ones), time and protection as on the card, fsync(2), a link that
 * takes no other file's name, fsync(2) of its directory. */
#pragma once

#include "daemon/import/card.h"

enum { COPIER_DESTINATIONS = 16 };

/* What became of a file in one destination. */
typedef enum CopyEnd {
    COPY_NOT_ASKED,  /* it is not in the job's `to`, or the file could not be read */
    COPY_MADE,       /* it stands there under its name */
    COPY_NAME_TAKEN, /* another file has the name: nothing was made */
    COPY_FAILED,     /* `error` says why: ENVIRONMENT where the destination failed or is full */
} CopyEnd;

typedef struct CopyJob {
    const CardFile *file; /* borrowed until its result was taken */
    char *name;           /* relative to each destination; bytes; NULL with to = 0 */
    unsigned to; /* a bit for each destination; 0: the file is only read, for its content */
    void *user;
} CopyJob;

typedef struct CopyResult {
    CopyJob job;
    bool was_read;     /* the whole file was read from the card */
    Content content;   /* where was_read: of the bytes that the card gave */
    Error *error;      /* why it was not read, after `tries` tries; NULL where it was */
    bool card_is_gone; /* the error says that the card is not there any more */
    CopyEnd ends[COPIER_DESTINATIONS];
    Error *errors[COPIER_DESTINATIONS]; /* of those with COPY_FAILED; else NULL */
    bool is_early; /* with CopierOptions.early: a copy stands, and the whole result comes later */
} CopyResult;

void copy_result_free(CopyResult *result);

/* How a file of the source is opened for reading: -1 with *err set. A directory is opened below its
 * root, following no link. `user` is the source's. */
typedef struct CopySource {
    void *user;
    int (*open)(void *user, const CardFile *file, Error **err);
    /* Whether the card is still there: asked after an error. */
    bool (*is_there)(void *user);
} CopySource;

typedef struct CopierOptions {
    unsigned digests;  /* of ContentDigests */
    unsigned tries;    /* of a file that cannot be read: 3 */
    size_t buffer;     /* bytes that a destination may lag; 0: 64 MiB */
    const char *locks; /* a directory for the locks of disks; NULL: no turns are taken */
    bool early;        /* a result with is_early comes first, as soon as one copy stands and another
                          destination is still to get its own: a slow one holds up nothing */
} CopierOptions;

typedef struct Copier Copier;

/* `destinations` are directories, which are made where they are missing; `media` those that they
 * lie on, in the same order. All are borrowed. NULL with *err where a destination cannot be used.
 */
Copier *copier_new(const CopySource *source, char *const *destinations, const Medium *const *media,
                   unsigned count, const CopierOptions *options, Error **err);

/* Ends without naming what is not whole. Waits for its threads. */
void copier_free(Copier *copier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Copier, copier_free)

/* Queues a file, in this order; takes over job->name. Waits while many are queued. */
void copier_add(Copier *copier, const CopyJob *job);

/* The next file that has ended, in any order; newly allocated. NULL after `timeout_ms`, or where
 * nothing is queued any more. */
CopyResult *copier_next(Copier *copier, int timeout_ms);

/* A file that stands in destination `from` is copied to the others of `to` from there. Its result
 * comes from copier_next(); `content` is what it must be. */
void copier_add_from(Copier *copier, const CopyJob *job, unsigned from, const Content *content);

/* Bytes read from the card up to now. Any thread. */
int64_t copier_bytes(const Copier *copier);

/* Stops as soon as possible: what is not whole yet ends with an error. Any thread, also a signal's.
 */
void copier_cancel(Copier *copier);
