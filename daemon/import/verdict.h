/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verdict.h - SAFE TO FORMAT or NOT SAFE: a pure function of what was seen of each file, and the
 * report that says why. */
#pragma once

#include "daemon/import/card.h"
#include "daemon/import/catalog.h"
#include "daemon/import/copier.h"
#include "daemon/import/proof.h"

/* A copy of a file in one destination. */
typedef struct FileCopy {
    char *name;     /* relative to the destination; NULL: there is none */
    ProofEnd proof; /* of this insertion; PROOF_NONE: it was not read back */
    bool is_given;  /* it is read back, or was */
    bool was_there; /* it was not made by this import: the content was known, or lay there */
    Error *error;   /* why there is none, or why it could not be proved; NULL */
} FileCopy;

/* What is known of a file of the card at the end. */
typedef struct FileEnd {
    const CardFile *file;
    bool is_read;    /* in this insertion, in full */
    bool is_trusted; /* not read in it, but unchanged since a card that was read in full was safe */
    Content content; /* where one of both */
    Error *error;    /* it could not be read; NULL */
    ProofEnd second; /* `verify = all`: of reading it from the card once more */
    FileCopy *copies; /* one for each destination */
} FileEnd;

typedef struct Outcome {
    const Card *card;
    const char *name; /* of the card, for people */
    const Import *import;
    const Medium *const *media; /* of the destinations */
    GArray *files;              /* of FileEnd, of all files of the card, also those left */
    const char *interrupted;    /* why it ended early; NULL */
    const char *held;           /* what it would have waited for: "/mnt/backup needs 12 GB more" */
    const char *first_new;      /* a path that appeared meanwhile; NULL */
    bool is_listed_again;       /* a last listing was made */
    Error **manifests;          /* of each destination; NULL: written and read back, or none
                                   was asked for */
    const CardRecord *mirrors;  /* the card with the same contents; NULL */
    int64_t mirrored;           /* how many of them */
    bool is_of_camera;          /* of PTP: never proved */
} Outcome;

typedef struct Verdict {
    CardState state;
    char *line; /* "SAFE TO FORMAT: 512 of 512 files on 2 disks (/dev/sda, on server NAS)" */
    GPtrArray *reasons; /* of char *: why it is not, by name; the first ten */
    int64_t unsafe;     /* how many files are not safe */
    int64_t done;       /* how many stand in every destination */
} Verdict;

/* How long the list of reasons is. */
enum { VERDICT_REASONS = 10 };

/* SAFE only if each file of the card is proved on import->safe_copies different physical disks, was
 * read in this insertion (or is trusted), no file could not be read, a last listing shows nothing
 * new, every directory was listed, and the manifests were written and read back. */
Verdict *verdict_of(const Outcome *outcome);
void verdict_free(Verdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)

/* report.txt: the verdict, its reasons, each file with its copies; newly allocated. */
char *verdict_report(const Verdict *verdict, const Outcome *outcome, int64_t began_ms,
                     int64_t ended_ms);
