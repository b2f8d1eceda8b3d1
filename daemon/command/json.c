/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/json.h"

#include <stdio.h>

#include "base/clock.h"

const char *json_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

    return text ? text : "";
}

double json_number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

char *json_time(const cJSON *object, const char *name)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(json_text(object, name), NULL);

    return time ? clock_text(g_date_time_to_unix(time) * 1000) : g_strdup("?");
}

cJSON *json_answer(const char *answer)
{
    cJSON *json = cJSON_Parse(answer);

    if (!json)
        fputs("hotfolder: the daemon's answer cannot be read; do both have the same version?\n",
              stderr);
    return json;
}

void json_print(cJSON *json)
{
    char *text = cJSON_Print(json);

    puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}
