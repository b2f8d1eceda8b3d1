/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* candidate.h - what a batch does with one file: process it, ignore it, or report it as failed.
 *
 * A tree has other files beside pictures: they are ignored, and so are pictures that hotfolder
 * made. A file that is meant to be a picture and is none has failed: the user named it, or it has
 * the extension of a picture. Any thread. */
#pragma once

#include "daemon/files/fileid.h"
#include "daemon/settings/snapshot.h"

typedef enum CandidateState {
    CANDIDATE_PICTURE,
    CANDIDATE_IGNORED,
    CANDIDATE_FAILED
} CandidateState;

typedef struct Candidate {
    CandidateState state;
    FileId file;        /* of a picture */
    const char *reason; /* why it is ignored; static */
    Error *error;       /* why it failed; candidate_clear() frees it */
} Candidate;

/* Judges the file at `path`, of which only the first bytes are read, and nothing of what is no
 * regular file. `named`: the user gave its name. `candidate` need not be initialised. */
void candidate_judge(const Folder *folder, const char *path, bool named, Candidate *candidate);
void candidate_clear(Candidate *candidate);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Candidate, candidate_clear)
