/* sandbox_report.h - what the workers said of their sandbox, and whether a picture may be worked on
 * in it.
 *
 * The sandbox itself is the worker's (worker/sandbox.h). What a kernel lacks, all workers lack: it
 * is kept once for the process, and told in the journal once. */
#pragma once

#include "daemon/settings/snapshot.h"
#include "formats/format.h"

/* A worker is ready, and lacks this: "landlock (Function not implemented)"; "" when all is there.
 */
void sandbox_told(const char *lacks);

/* As told last, newly allocated; NULL while no worker was ready yet. */
char *sandbox_lacks(void);

/* Whether the folder's `sandbox` lets a picture of this format be worked on. Where no picture may,
 * the error is of kind WORLD and holds the folder. */
bool sandbox_allows(const Folder *folder, Format format, Error **err);
