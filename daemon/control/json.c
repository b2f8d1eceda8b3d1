/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/json.h"

#include "base/clock.h"
#include "base/text.h"

void json_add_text(cJSON *object, const char *name, const char *bytes)
{
    g_autofree char *text = text_escape(bytes);

    cJSON_AddStringToObject(object, name, text);
}

void json_add_sentence(cJSON *object, const char *name, const char *sentence)
{
    g_autofree char *text = text_escape_sentence(sentence);

    cJSON_AddStringToObject(object, name, text);
}

void json_add_time(cJSON *object, const char *name, int64_t wall_ms)
{
    g_autofree char *text = clock_rfc3339(wall_ms);

    cJSON_AddStringToObject(object, name, text);
}

cJSON *json_error(const Error *error)
{
    cJSON *object = cJSON_CreateObject();

    if (error->where)
        json_add_text(object, "where", error->where);
    json_add_sentence(object, "what", error->what);
    if (error->fix)
        json_add_sentence(object, "fix", error->fix);
    return object;
}
