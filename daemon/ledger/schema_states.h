/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* schema_states.h - sets of states, as the tables and the statements of the ledger name them. */
#pragma once

#define UNFINISHED    "('queued', 'processing', 'publishing', 'failing')"
#define DUE           "('queued', 'publishing', 'failing')"
#define IN_PROGRESS   "('processing', 'publishing', 'failing')"
#define ENDED         "('done', 'failed', 'cancelled', 'superseded')"
#define MAY_MOVE      "('done', 'failed')"
#define MAKES_OR_MADE "('processing', 'publishing', 'done')"
