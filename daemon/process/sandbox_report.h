/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox_report.h - what the workers reported of their sandbox, and whether a picture may be
 * processed in it.
 *
 * The sandbox itself is the worker's (worker/sandbox.h). What one worker lacks by its kernel, all
 * of them lack: the report is kept once for the process, and logged once. Any thread. */
#pragma once

#include "daemon/settings/snapshot.h"
#include "formats/format.h"

/* A ready worker lacks this: "landlock (Function not implemented)"; "" where nothing is missing. */
void sandbox_report_set(const char *lacks);

/* The last report, newly allocated; NULL while no worker was ready yet. */
char *sandbox_report_missing(void);

/* Whether a ready worker lacks a part; false while no worker was ready yet. */
bool sandbox_report_is_incomplete(void);

/* Whether the folder's `sandbox` lets a picture of this format be processed where the sandbox lacks
 * `lacks` (NULL or "": nothing). Where it lets none, the error is of kind ENVIRONMENT and holds the
 * folder; where it lets others, of kind CONFIG. A pure function. */
bool sandbox_allows(const Folder *folder, Format format, const char *lacks, Error **err);

/* The same by the last report. */
bool sandbox_report_allows(const Folder *folder, Format format, Error **err);
