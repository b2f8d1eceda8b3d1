/* crash_record.h - what the daemon was looking at when it died by its own fault, for its next life.
 *
 * A signal that a fault of ours brings about (SIGSEGV, a failed assertion, ...) is delivered to the
 * thread that has the fault, and each thread says what it has in hand: so the culprit is known, and
 * not only suspected. SIGKILL, a power cut, and signals that others send leave nothing here. */
#pragma once

#include "base/error.h"

/* The calling thread has this picture in hand; NULL: none any more. Texts are copied, cut where
 * they are longer than a path can be. */
void obituary_subject(const char *folder, const char *source);

typedef struct Obituary {
    int signal;            /* 0: there is none */
    char *folder, *source; /* NULL where the thread had nothing in hand */
} Obituary;

/* Reads what the last life left in `state_dir`, and from now on writes there. */
bool obituary_open(const char *state_dir, Obituary *last, Error **err);
void obituary_clear(Obituary *obituary);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Obituary, obituary_clear)
