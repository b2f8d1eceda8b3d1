/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* crash_record.h - which picture the daemon processed when it crashed, for its next start.
 *
 * A signal that a fault of our own raises (SIGSEGV, a failed assertion, ...) is delivered to the
 * thread at fault, and each thread names the picture that it processes: the picture that caused
 * the crash is known, and not only suspected. SIGKILL, a power cut and signals that others send
 * leave no record. */
#pragma once

#include "base/error.h"

typedef struct CrashSubject {
    const char *folder, *source;
    int64_t row, token; /* of the ledger; 0: the picture was not taken */
} CrashSubject;

/* The calling thread processes this picture from now on; NULL: none. Texts are copied, and cut
 * where they are longer than a path can be. Any thread. */
void crash_record_set_subject(const CrashSubject *now);

typedef struct CrashRecord {
    int signal;            /* 0: there is no record */
    char *folder, *source; /* NULL where the thread processed no picture */
    int64_t row, token;    /* as in CrashSubject */
} CrashRecord;

/* Reads the record that the previous run left in `state_dir`, empties it, and from now on writes a
 * record there when a fault ends this process. Main thread, once. */
bool crash_record_open(const char *state_dir, CrashRecord *previous, Error **err);
void crash_record_clear(CrashRecord *record);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CrashRecord, crash_record_clear)
