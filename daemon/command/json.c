/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/json.h"

#include <stdio.h>

void json_print(cJSON *json)
{
    char *text = cJSON_Print(json);

    puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}
