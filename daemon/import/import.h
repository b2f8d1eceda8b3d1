/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import.h - one card from its listing to its verdict: the same for a card that udev reports, a
 * directory on the command line, and a camera. The calling thread; it never writes to the card. */
#pragma once

#include "daemon/import/catalog.h"
#include "daemon/import/copier.h"
#include "daemon/import/names.h"
#include "daemon/import/verdict.h"

/* Where the files come from: a directory, or a camera. */
typedef struct ImportSource {
    CopySource files;
    const char *root; /* of a directory; for a camera its words: "Nikon Z9 at usb:001,004" */
    /* Lists it, a second time at the end. */
    bool (*list)(void *user, const Import *import, Card **card, Error **err);
    bool is_of_camera; /* its verdict is COPIED, at best */
} ImportSource;

/* What is to be seen while it runs: a copy of the record that the catalog gets too, once a second
 * and at each change of state. On the calling thread. */
typedef struct ImportReporter {
    void *user;
    void (*progress)(void *user, const CardRecord *record);
    void (*planned)(void *user, const CardFile *file, const char *name); /* of a dry run */
    /* A file that was passed over, as the card did not give it (destination NULL), or that could
     * not be copied there; once for each cause. */
    void (*trouble)(void *user, const CardFile *file, const char *destination, const Error *error);
    /* A shot, named by its first file, that was copied, but could not be handed to `then`. */
    void (*not_handed)(void *user, const CardFile *file, const char *folder, const Error *error);
    /* What was remembered of cards was damaged, and is kept in the file `copy`. */
    void (*damaged)(void *user, const char *copy);
} ImportReporter;

typedef struct ImportRun {
    Settings *settings;       /* borrowed */
    Process *worker;          /* that makes names; borrowed; NULL: it starts one */
    const Import *import;     /* one of these */
    const char *state_dir;    /* of the catalog */
    const char *run_dir;      /* of the locks of disks; NULL: no turns */
    bool dry;                 /* only lists, names and says what would be copied where */
    bool waits;               /* for room and for destinations that are not there; else it ends */
    const volatile int *stop; /* not 0: ends as soon as possible, as if the card was pulled */
} ImportRun;

/* Copies, proves and judges. *verdict is set, newly allocated, wherever the card could be listed.
 * A known card on which nothing is new has the verdict of its last import, and *record its date
 * (began_ms, ended_ms). False with *err: nothing could be begun. */
bool import_run(const ImportRun *run, const ImportSource *source, const ImportReporter *reporter,
                CardRecord **record, Verdict **verdict, bool *nothing_new, Error **err);

/* The source of a directory, which is borrowed; free it with g_free(). */
ImportSource *import_directory(const char *root);

/* The first of settings->imports that takes a card at `root`: `when` fits, and it is none of those
 * to be ignored. *import NULL: none, and *why, newly allocated, says it in a line. `worker`: see
 * names.h. */
bool import_choose(Settings *settings, Process *worker, const char *root, const Medium *medium,
                   const Import **import, char **why, Error **err);

/* Reads everything again against the manifests: of a destination (`directory` has ascmhl/ or
 * _cards/), or of a card against the catalog. `wrong` is called for each file that is missing or
 * another one, with the disk, and with a copy that is still right (path, NULL: none is known).
 * *files: how many were read. */
typedef struct VerifyReporter {
    void *user;
    void (*progress)(void *user, int64_t files, int64_t bytes);
    void (*wrong)(void *user, const char *name, const char *what, const char *disk,
                  const char *right);
} VerifyReporter;

bool import_verify(const char *directory, const char *state_dir, const VerifyReporter *reporter,
                   int64_t *files, int64_t *wrong, Error **err);
