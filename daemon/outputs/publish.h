/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* publish.h - gives the staged files of a job their final names, all at once as far as a crash can
 * tell. */
#pragma once

#include "daemon/outputs/staging.h"

/* Puts all files on disk under hidden names, records the final names in the ledger, and gives the
 * files these names. */
bool publish_outputs(Staging *staging, Error **err);

/* Whether the ledger has the row in `publishing`, so that recovery would finish what is staged. */
bool publish_is_recorded(const Staging *staging);
