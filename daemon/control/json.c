/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/json.h"

#include "base/text.h"

void json_add_text(cJSON *object, const char *name, const char *bytes)
{
    g_autofree char *text = text_escape(bytes);

    cJSON_AddStringToObject(object, name, text);
}

cJSON *json_error(const Error *error)
{
    cJSON *object = cJSON_CreateObject();

    if (error->where)
        json_add_text(object, "where", error->where);
    json_add_text(object, "what", error->what);
    if (error->fix)
        json_add_text(object, "fix", error->fix);
    return object;
}
