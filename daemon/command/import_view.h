/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_view.h - what is seen of an import: by a person, by a program, in the journal. Main
 * thread. */
#pragma once

#include "daemon/import/import.h"

typedef struct ImportView {
    ImportReporter reporter; /* its `user` is that of the next ones, too */
    /* `record` and `verdict` as import_run() gives them. */
    void (*end)(void *user, const CardRecord *record, const Verdict *verdict, bool nothing_new);
    void (*failed)(void *user, const Error *error); /* nothing could be begun */
    /* What it waits for does not respond; `record` says it. From another thread than the
     * reporter's. */
    void (*hangs)(void *user, const CardRecord *record);
    void (*free)(void *user);
} ImportView;

/* For a person: the progress on a terminal, lines, and the verdict as the last one. */
ImportView *import_view_of_person(const Import *import, bool dry);

/* For a program: one object, at the end. */
ImportView *import_view_of_program(bool dry);

/* For the service: events. `card` names the card until its record does. */
ImportView *import_view_of_service(const char *card);

void import_view_free(ImportView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportView, import_view_free)
