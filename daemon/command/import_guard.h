/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_guard.h - runs an import in a thread of its own, so that a destination that does not
 * respond, as a share whose server is gone, holds up neither a stop nor what a person reads.
 *
 * Each destination is asked every few seconds whether it responds. One that does not for a minute
 * ends the import as held, or, where it waits for what is not there, makes the card held until it
 * responds again. Where the import cannot end since it hangs there, the process is left as
 * import_apart.h says: what is linked is whole. Main thread. */
#pragma once

#include "command/import_view.h"

enum { IMPORT_SILENT_MS = 60000 };

/* As import_run(), with the view's reporter; or it does not return, and the process exits with 1.
 */
bool import_guard_run(const ImportRun *run, const ImportSource *source, const ImportView *view,
                      CardRecord **record, Verdict **verdict, bool *nothing_new, Error **err);
