/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finding.h - what an examination of a set-up finds: that something is right, that a person should
 * know something, or a problem; with what helps. One thread at a time. */
#pragma once

#include <cjson/cJSON.h>

#include "daemon/settings/snapshot.h"

typedef enum FindingLevel {
    FINDING_OK,
    FINDING_NOTE,    /* it works, but otherwise than a person may expect */
    FINDING_PROBLEM, /* pictures wait or fail until a person does something */
} FindingLevel;

typedef struct Finding {
    FindingLevel level;
    char *folder; /* its name; NULL: it is about all */
    char *where;  /* FILE:LINE, safe to show; NULL: none */
    char *what;   /* safe to show */
    char *fix;    /* what helps; NULL: nothing has to be done, or `what` says it */
} Finding;

/* Of Finding; each is freed with it. */
GPtrArray *finding_list_new(void);

/* Adds one; the texts are copied, and what is not safe to show is escaped. `folder` and `fix` may
 * be NULL; `where` NULL: the line of the folder, which what is right does not need. */
void finding_add_at(GPtrArray *list, FindingLevel level, const Folder *folder, const char *where,
                    const char *fix, const char *what);

/* The same without `where`. */
void finding_add(GPtrArray *list, FindingLevel level, const Folder *folder, const char *fix,
                 const char *format, ...) G_GNUC_PRINTF(5, 6);

/* The same of an error. */
void finding_add_error(GPtrArray *list, FindingLevel level, const Folder *folder,
                       const Error *error);

/* How many problems there are from the one with this index on. */
unsigned finding_problems(const GPtrArray *list, unsigned from);

/* "ok", "note" or "problem". */
const char *finding_word(FindingLevel level);

/* The array of {"level", "folder", "where", "what", "fix"}, without what a finding does not have.
 */
cJSON *finding_list_json(const GPtrArray *list);
