/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/import_text.h"

#include <string.h>

#include "base/text.h"

enum { MB = 1024 * 1024, WEEK = 7 };

char *import_text_count(const CardRecord *record)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, record->done,
                           record->files);
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
    if (card_record_is_at_work(record))
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
    g_autofree char *progress = import_text_progress(record, card_record_speed(record, now_ms));
    g_autofree char *count = import_text_count(record);
    g_autofree char *reason = record->reason ? first_reason(record) : NULL;

    if (record->state == CARD_READING)
        return g_steal_pointer(&progress);
    if (record->verdict && record->state != CARD_HELD)
        return g_strdup(record->verdict);
    return g_strdup_printf("%s at %s%s%s", card_state_word(record->state), count,
                           reason ? ": " : "", reason ? reason : "");
}
