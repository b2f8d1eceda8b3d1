/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/question.h"

#include "command/json.h"
#include "command/place.h"

cJSON *question_of_path(const Target *target, const char *typed)
{
    g_autofree char *path = place_name(target, typed);
    cJSON *question = cJSON_CreateObject();

    json_add_text(question, "path", path);
    return question;
}

void question_add_folder(cJSON *question, const Target *target, const char *typed)
{
    g_autofree char *folder = place_folder(target, typed);

    json_add_text(question, "folder", folder);
}

cJSON *question_ask(const Target *target, const char *path, cJSON *question, int wrong)
{
    g_autofree char *text = client_ask(target, path, question, wrong);

    cJSON_Delete(question);
    return text ? json_answer(text) : NULL;
}
