/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/refusals.h"

#include "daemon/control/json.h"

enum { LISTED = 100 };

Refusals refusals_new(void)
{
    return (Refusals){ cJSON_CreateArray(), 0 };
}

void refusals_add(Refusals *refusals, const char *path, const Error *why)
{
    if (refusals->count++ >= LISTED)
        return;
    cJSON *row = cJSON_CreateObject();
    json_add_text(row, "path", path);
    json_add_sentence(row, "error", why->what);
    if (why->fix)
        json_add_sentence(row, "fix", why->fix);
    cJSON_AddItemToArray(refusals->list, row);
}

void refusals_end(Refusals *refusals, cJSON *answer)
{
    cJSON_AddNumberToObject(answer, "refused", (double) refusals->count);
    cJSON_AddItemToObject(answer, "refusals", refusals->list);
    refusals->list = NULL;
}
