/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cards.h - cards as programs get them: from GET /v1/cards and from `hotfolder import`. */
#pragma once

#include <cjson/cJSON.h>

#include "daemon/import/catalog.h"

enum { CARDS_LISTED = 50 /* the newest */ };

cJSON *cards_json_of(const CardRecord *record, int64_t now_ms);

/* The list of several (of CardRecord), as they are now. */
cJSON *cards_json(const GPtrArray *records);
