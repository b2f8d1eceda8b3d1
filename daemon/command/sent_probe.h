/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sent_probe.h - a picture that goes through a whole folder, and of which nothing stays: neither in
 * the folder, nor among its outputs, nor in done/, failed/ or the trash, nor in what people read.
 *
 * The picture says what it is: its name begins with PROBE_PREFIX, and a comment in it is unique, so
 * that it is no duplicate. What the outputs trigger elsewhere (another folder that takes them, a
 * script) sees it too. Main thread. */
#pragma once

#include "command/command.h"
#include "command/probe_traces.h"

typedef struct SentProbe {
    GPtrArray *outputs; /* of char *: the paths of what was made, already removed; may be empty */
    char *sizes;        /* of them in bytes, for people: "48.1KB" */
    double seconds;     /* from the drop to the end */
} SentProbe;

void sent_probe_clear(SentProbe *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SentProbe, sent_probe_clear)

/* Why a probe of this folder would show nothing or leave a trace; static, NULL: it may be sent. */
const char *sent_probe_refusal(const Folder *folder);

/* Removes what probes have left that were interrupted. Waits `timeout_ms` at most until the daemon
 * has ended them. */
void sent_probe_remove_leftovers(const Target *target, const Folder *folder, int timeout_ms);

/* Drops it, waits `timeout_ms` at most until the daemon of the target has done it, and takes every
 * trace away. False with *err set where it failed or did not end; its traces are gone then, too.
 * `result` need not be initialised. */
bool sent_probe_run(const Target *target, const Folder *folder, int timeout_ms, SentProbe *result,
                    Error **err);
