/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/import_text.h"

#include <string.h>

#include "base/text.h"
#include "command/json.h"

enum { MB = 1024 * 1024, WEEK = 7 };

/* An import works on the card, or waits to: one by hand does not wait. */
static bool is_at_work(const CardRecord *record)
{
    return record->pid && (record->state == CARD_READING || record->state == CARD_HELD);
}

char *import_text_count(const CardRecord *record)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, record->done,
                           record->files);
}

double import_text_speed(const CardRecord *record, int64_t now_ms)
{
    int64_t took_ms = now_ms - record->began_ms;

    return record->state == CARD_READING && took_ms > 0
               ? (double) record->read * 1000 / (double) took_ms
               : 0;
}

/* Everything is copied, and the verdict waits for the proof. */
static bool is_proving(const CardRecord *record)
{
    return record->state == CARD_READING && record->files && record->done == record->files;
}

/* Slow ones with a digit behind the point: "0.8 MB/s". */
static void add_speed(GString *out, double bytes_per_s)
{
    double speed = bytes_per_s / MB;

    if (speed > 0.05)
        g_string_append_printf(out, ", %.*f MB/s", speed < 10, speed);
}

char *import_text_progress(const CardRecord *record, double bytes_per_s)
{
    g_autofree char *count = import_text_count(record);
    GString *out = g_string_new(count);

    if (is_proving(record))
        g_string_append(out, ", copies are read back");
    else
        add_speed(out, bytes_per_s);
    for (char **to = record->destinations; to && *to; to++) {
        g_autofree char *shown = text_escape(*to);
        g_string_append_printf(out, ", %s", shown);
    }
    return g_string_free(out, FALSE);
}

/* ---- when ---- */

/* Days from 0001-01-01 to the local day of a time. */
static guint32 local_day(int64_t wall_ms)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(wall_ms / 1000);
    GDate day = { 0 };
    int year = 1, month = 1, number = 1;

    if (time)
        g_date_time_get_ymd(time, &year, &month, &number);
    g_date_set_dmy(&day, (GDateDay) number, (GDateMonth) month, (GDateYear) year);
    return g_date_get_julian(&day);
}

char *import_text_when(int64_t wall_ms, int64_t now_ms)
{
    static const char *const days[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday" };
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(wall_ms / 1000);
    guint32 day = local_day(wall_ms), today = local_day(now_ms);

    if (!time)
        return g_strdup("?");
    g_autofree char *hour = g_date_time_format(time, "%H:%M");
    if (day == today)
        return g_strdup_printf("today %s", hour);
    if (day < today && today - day < WEEK)
        return g_strdup_printf("%s %s", days[g_date_time_get_day_of_week(time) - 1], hour);
    return g_date_time_format(time, "%Y-%m-%d %H:%M");
}

char *import_text_known(const CardRecord *record, int64_t now_ms)
{
    g_autofree char *when =
        import_text_when(record->ended_ms ? record->ended_ms : record->began_ms, now_ms);
    g_autofree char *count = import_text_count(record);
    g_autofree char *state = g_ascii_strup(card_state_word(record->state), -1);

    return g_strdup_printf("imported %s%s: %s, %s; nothing new",
                           g_str_has_prefix(when, "today") ? "" : "on ", when, count, state);
}

/* ---- what may be done ---- */

char *import_text_pull(const CardRecord *record)
{
    if (is_at_work(record))
        return g_strdup(record->state == CARD_READING ? "do not pull: it is being read"
                                                      : "do not pull: it is not copied yet");
    return g_strdup(record->state == CARD_SAFE ? "may be pulled"
                                               : "may be pulled; do not format it");
}

/* The first line of it. */
static char *first_reason(const CardRecord *record)
{
    return g_strndup(record->reason, strcspn(record->reason, "\n"));
}

char *import_text_state(const CardRecord *record, int64_t now_ms)
{
    g_autofree char *progress = import_text_progress(record, import_text_speed(record, now_ms));
    g_autofree char *count = import_text_count(record);
    g_autofree char *reason = record->reason ? first_reason(record) : NULL;

    if (record->state == CARD_READING)
        return g_steal_pointer(&progress);
    if (record->verdict && record->state != CARD_HELD)
        return g_strdup(record->verdict);
    return g_strdup_printf("%s at %s%s%s", card_state_word(record->state), count,
                           reason ? ": " : "", reason ? reason : "");
}

/* ---- JSON ---- */

static void add_lines(cJSON *object, const char *name, char *const *lines)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);

    for (; lines && *lines; lines++) {
        g_autofree char *shown = text_escape(*lines);
        if (**lines)
            cJSON_AddItemToArray(list, cJSON_CreateString(shown));
    }
}

static void add_texts(cJSON *object, const CardRecord *record)
{
    const struct {
        const char *name, *value;
    } texts[] = {
        { "name", record->name },     { "label", record->label },   { "uuid", record->uuid },
        { "source", record->source }, { "import", record->import }, { "verdict", record->verdict },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].value && *texts[i].value)
            json_add_text(object, texts[i].name, texts[i].value);
}

static void add_counts(cJSON *object, const CardRecord *record, int64_t now_ms)
{
    double speed = import_text_speed(record, now_ms);

    cJSON_AddNumberToObject(object, "files", (double) record->files);
    cJSON_AddNumberToObject(object, "done", (double) record->done);
    cJSON_AddNumberToObject(object, "bytes", (double) record->bytes);
    cJSON_AddNumberToObject(object, "read", (double) record->read);
    if (speed > 0)
        cJSON_AddNumberToObject(object, "bytes_per_s", (double) (int64_t) speed);
}

cJSON *import_text_json(const CardRecord *record, int64_t now_ms)
{
    cJSON *object = cJSON_CreateObject();
    g_auto(GStrv) reasons = g_strsplit(record->reason ? record->reason : "", "\n", -1);

    cJSON_AddNumberToObject(object, "id", (double) record->id);
    add_texts(object, record);
    cJSON_AddStringToObject(object, "state", card_state_word(record->state));
    cJSON_AddBoolToObject(object, "safe", record->state == CARD_SAFE);
    cJSON_AddBoolToObject(object, "may_be_pulled", !is_at_work(record));
    add_counts(object, record, now_ms);
    json_add_time(object, "began", record->began_ms);
    if (record->ended_ms)
        json_add_time(object, "ended", record->ended_ms);
    add_lines(object, "reasons", reasons);
    add_lines(object, "destinations", record->destinations);
    return object;
}
