/* publish.h - gives the staged files of a job their final names, all at once as far as a crash can
 * tell. */
#pragma once

#include "daemon/outputs/staging.h"

/* Syncs all files, records the final names in the ledger, and gives the files these names. */
bool stage_publish(Stage *staging, Error **err);

/* Whether the ledger has the row in `publishing`, so that recovery would finish what is staged. */
bool stage_is_recorded(const Stage *staging);
