/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/answer.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "daemon/control/json.h"

Answer *answer_new(void)
{
    Answer *answer = g_new0(Answer, 1);

    answer->status = ANSWER_OK;
    answer->json = cJSON_CreateObject();
    return answer;
}

void answer_free(Answer *answer)
{
    if (!answer)
        return;
    cJSON_Delete(answer->json);
    g_clear_pointer(&answer->bytes, g_bytes_unref);
    g_free(answer->tag);
    g_free(answer);
}

static void set_error(Answer *answer, AnswerStatus status, const char *fix, const char *what)
{
    cJSON_Delete(answer->json);
    g_clear_pointer(&answer->bytes, g_bytes_unref);
    g_clear_pointer(&answer->tag, g_free);
    answer->json = cJSON_CreateObject();
    answer->status = status;
    json_add_sentence(answer->json, "error", what);
    if (fix)
        json_add_sentence(answer->json, "fix", fix);
}

void answer_refuse(Answer *answer, AnswerStatus status, const char *fix, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    set_error(answer, status, fix, what);
}

void answer_error(Answer *answer, AnswerStatus status, const Error *error)
{
    g_autofree char *what =
        error->where ? g_strdup_printf("%s: %s", error->where, error->what) : g_strdup(error->what);

    set_error(answer, status, error->fix, what);
}

void answer_add_errors(Answer *answer, const char *name, const GPtrArray *errors)
{
    cJSON *list = cJSON_AddArrayToObject(answer->json, name);

    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *error = error_text(g_ptr_array_index(errors, i));
        g_autofree char *text = text_escape_sentence(error);
        cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
}

void answer_set_bytes(Answer *answer, const char *type, GBytes *bytes)
{
    g_clear_pointer(&answer->bytes, g_bytes_unref);
    answer->type = type;
    answer->bytes = bytes;
}

void answer_set_tag(Answer *answer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_free(answer->tag);
    answer->tag = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

char *answer_body(const Answer *answer, size_t *size, const char **type)
{
    *type = answer->bytes ? answer->type : "application/json";
    if (answer->bytes) {
        const char *bytes = g_bytes_get_data(answer->bytes, size);
        return g_memdup2(bytes, *size);
    }

    char *printed = cJSON_Print(answer->json);
    char *text = g_strconcat(printed, "\n", NULL);
    cJSON_free(printed);
    *size = strlen(text);
    return text;
}
