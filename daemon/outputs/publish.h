/* publish.h - gives the staged files of a job their final names, all at once as far as a crash can
 * tell. */
#pragma once

#include "daemon/outputs/staging.h"

/* Makes everything durable, tells the ledger the final names, and places the files. */
bool stage_publish(Stage *stage, Error **err);

/* Whether the ledger says `publishing`, and rolls forward what is staged. */
bool stage_is_recorded(const Stage *stage);
