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

/* As RFC 3339 has it, in UTC. */
void why_add_time(Question *question, const char *name, int64_t wall_ms)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(wall_ms / 1000);
    g_autofree char *text = time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

    if (text)
        cJSON_AddStringToObject(question->answer->json, name, text);
}

/* ---- times ---- */

int64_t why_wall(int64_t ms)
{
    return clock_wall_ms() + (ms - clock_ms());
}

char *why_time(int64_t wall_ms)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(wall_ms / 1000);
    bool today = clock_local_day(wall_ms) == clock_local_day(clock_wall_ms());
    char *text = time ? g_date_time_format(time, today ? "%H:%M" : "%Y-%m-%d %H:%M") : NULL;

    return text ? text : g_strdup("?");
}

char *why_when(int64_t ms)
{
    int64_t seconds = MAX(ms - clock_ms() + 999, 0) / 1000;

    if (seconds <= 90)
        return g_strdup_printf("in %d s", (int) MAX(seconds, 1));
    g_autofree char *time = why_time(why_wall(ms));
    return g_strdup_printf("at %s", time);
}

/* ---- texts ---- */

char *why_count(int64_t count, const char *one, const char *many)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", count, count == 1 ? one : many);
}

/* $'...' of the shells for bytes that cannot be shown. */
static char *quote_bytes(const char *path)
{
    GString *word = g_string_new("$'");

    for (const unsigned char *at = (const unsigned char *) path; *at; at++)
        if (*at == '\'' || *at == '\\')
            g_string_append_printf(word, "\\%c", *at);
        else if (*at < ' ' || *at >= 0x7f)
            g_string_append_printf(word, "\\x%02x", *at);
        else
            g_string_append_c(word, (char) *at);
    return g_string_free(g_string_append_c(word, '\''), FALSE);
}

char *why_quote(const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "/._-+,:=@%";
    g_autofree char *shown = text_escape(path);

    if (path[strspn(path, plain)] == '\0')
        return g_strdup(path);
    return strcmp(shown, path) == 0 ? g_shell_quote(path) : quote_bytes(path);
}

char *why_error(const Error *error)
{
    g_autofree char *text = error_text(error);

    return text_escape(text);
}
