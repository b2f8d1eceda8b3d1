/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pause.h - pauses that people have made, which the ledger keeps. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/ledger/ledger.h"

/* Pauses what was paused when the daemon stopped, and says so in the journal. */
bool pause_restore(Ledger *ledger, Health *health, Error **err);
