/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of a ledger as their jobs get them. */
#pragma once

#include "daemon/ledger/ledger.h"

/* Takes all rows of the folder that are due now, retries or the others, and appends them. */
void take_due(Ledger *ledger, const char *folder, bool retries, GArray *rows);

/* Takes the row with this source, which is due; its texts are the caller's. */
LedgerRow take_source(Ledger *ledger, const char *folder, const char *source);

/* And begins its attempt. */
LedgerRow begin_source(Ledger *ledger, const char *folder, const char *source);
