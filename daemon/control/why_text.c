/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sentences and notes of an answer, and how they show times, paths and errors. */
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/why_internal.h"

/* ---- the answer ---- */

void why_set_kind(Question *question, const char *kind)
{
    cJSON_DeleteItemFromObject(question->answer->json, "kind");
    cJSON_AddStringToObject(question->answer->json, "kind", kind);
}

void why_set_state(Question *question, const char *state, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *sentence = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    cJSON_DeleteItemFromObject(question->answer->json, "state");
    cJSON_DeleteItemFromObject(question->answer->json, "sentence");
    cJSON_AddStringToObject(question->answer->json, "state", state);
    cJSON_AddStringToObject(question->answer->json, "sentence", sentence);
}

void why_note(Question *question, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *note = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    cJSON_AddItemToArray(question->notes, cJSON_CreateString(note));
}

void why_note_disk(Question *question, const char *known)
{
    g_autofree char *reason = text_escape(question->health_reason ? question->health_reason : "");

    if (question->look.result == LOOK_SILENT && question->health == HEALTH_UNAVAILABLE)
        why_note(question, "%sits folder is unavailable: %s", known, reason);
    else if (question->look.result == LOOK_SILENT)
        why_note(question, "%sits disk does not respond", known);
}

/* ---- times ---- */

int64_t why_wall(int64_t ms)
{
    return clock_wall_ms() + (ms - clock_ms());
}

char *why_when(int64_t ms)
{
    int64_t seconds = MAX(ms - clock_ms() + 999, 0) / 1000;

    if (seconds <= 90)
        return g_strdup_printf("in %d s", (int) MAX(seconds, 1));
    g_autofree char *time = clock_text(why_wall(ms));
    return g_strdup_printf("at %s", time);
}

/* ---- texts ---- */

char *why_count(int64_t count, const char *one, const char *many)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", count, count == 1 ? one : many);
}

char *why_error(const Error *error)
{
    g_autofree char *text = error_text(error);

    return text_escape(text);
}
