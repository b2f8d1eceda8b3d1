/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* why_internal.h - the parts of an answer of `why`, one file for each kind of path.
 *
 * A sentence and notes are lower case, without a full stop; what they name is escaped. */
#pragma once

#include <sys/stat.h>

#include "daemon/control/answer.h"
#include "daemon/control/view.h"
#include "daemon/control/why_words.h"
#include "daemon/ledger/answers.h"

/* What lies at a path. */
typedef enum LookResult {
    LOOK_UNKNOWN, /* it may not be looked at */
    LOOK_SILENT,  /* its disk does not respond, or its folder is unavailable */
    LOOK_GONE,
    LOOK_LINK, /* a directory of its path is a link: no user is shown what lies behind it */
    LOOK_THERE,
} LookResult;

typedef struct Look {
    LookResult result;
    struct stat st; /* of LOOK_THERE; of a symbolic link itself */
} Look;

/* A question about a path, of one thread. */
typedef struct Question {
    const ControlView *view;
    const char *path;     /* absolute */
    const Folder *folder; /* whose directory, or whose output directory, it is or lies in */
    const char *inside;   /* its rest in there; "": the directory itself */
    Look look;
    HealthState health; /* of the folder */
    char *health_reason;
    Answer *answer;
    cJSON *notes;
    bool failed; /* the ledger could not be read: the answer says so */
} Question;

/* ---- why_text.c ---- */

/* What the answer is about: "file", "directory", "folder", "output", "original", "companion",
 * "report" or "none". */
void why_set_kind(Question *question, const char *kind);

/* The state, and the sentence that begins with it. */
void why_set_state(Question *question, const char *state, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void why_note(Question *question, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A time on clock_ms() as one of clock_wall_ms(). */
int64_t why_wall(int64_t ms);

/* clock_text() of a time on clock_ms(), or "in 4 s" where it is near; newly allocated. */
char *why_when(int64_t ms);

/* "1 picture", "2 pictures"; newly allocated. */
char *why_count(int64_t count, const char *one, const char *many);

/* An error on one line, escaped; newly allocated. */
char *why_error(const Error *error);

/* Where what lies there could not be looked at, as the folder or its disk does not respond; behind
 * `known`. */
void why_note_disk(Question *question, const char *known);

/* ---- why_look.c ---- */

/* Of `path` below the directory `root`. Waits a second at most. */
Look why_look(const char *root, const char *path);

/* What lies beside it, below `root`, with a name that differs in capitals, or in the bytes of
 * letters like "é", which have two spellings. Newly allocated; NULL: nothing. Waits a second at
 * most. */
char *why_similar(const char *root, const char *path);

/* ---- why_file.c: a path in a folder ---- */

void why_file(Question *question);

/* False, without an answer, where a file, or a directory, is not ignored. */
bool why_ignored(Question *question, const PathReport *report, bool directory);

/* ---- why_entry.c: what the ledger knows ---- */

/* The state of a picture, as the answer's. */
void why_entry(Question *question, const LedgerEntry *entry);

/* What ends the pause of the folder. */
void why_note_resume(Question *question);

/* The same in a few words, for a note; newly allocated. */
char *why_entry_text(const Question *question, const LedgerEntry *entry);

/* A ledger that cannot be read is the answer. */
void why_fail(Question *question, const Error *error);

/* ---- why_part.c ---- */

/* The answer of the picture whose companion has, or had, the path that is asked about; `source`:
 * the place that such a file came from. False, without an answer: it is none. */
bool why_part(Question *question, const char *source);

/* ---- why_place.c: directories, outputs, originals that were moved, and paths elsewhere ---- */

void why_directory(Question *question);
void why_folder(Question *question);

/* Of a path in done/, failed/ or trash/. */
void why_original(Question *question);

/* Of a path in the output directory of a folder; false, without an answer, where no picture made
 * it. */
bool why_made(Question *question);

/* The same as a note, of a path that is in a folder, too. */
void why_note_made(Question *question);
void why_output_directory(Question *question);
void why_elsewhere(Question *question);
