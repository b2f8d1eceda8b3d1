/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_taken.h"

#include <string.h>

#include "actions/iptc.h"

/* ---- forms ---- */

/* A number of at most `digits` digits at *at, which moves behind it; -1 where there is none. */
static int take_number(const char **at, int digits)
{
    int value = 0, taken = 0;

    for (; taken < digits && g_ascii_isdigit(**at); taken++, (*at)++)
        value = value * 10 + g_ascii_digit_value(**at);
    return taken ? value : -1;
}

/* A number after at most one sign of `separators`; -1, with *at unmoved, where there is none. */
static int take_part(const char **at, const char *separators)
{
    const char *p = *at;

    if (*p && strchr(separators, *p))
        p++;
    int value = take_number(&p, 2);
    if (value >= 0)
        *at = p;
    return value;
}

typedef struct Clock {
    int hour, minute;
    double second;
} Clock;

/* The seconds' fraction, as "0.25". */
static double take_fraction(const char **at)
{
    double value = 0, unit = 1;

    if (**at != '.' && **at != ',')
        return 0;
    for ((*at)++; g_ascii_isdigit(**at); (*at)++)
        value += g_ascii_digit_value(**at) * (unit /= 10);
    return value;
}

/* The time of day; midnight where it is none. A leap second counts as the one before it. The sign
 * before the seconds is that before the minutes: another one begins an offset. */
static Clock take_clock(const char **at)
{
    enum { LEAP = 60 };
    Clock clock = { 0 };

    *at += strspn(*at, " T_");
    int hour = take_number(at, 2);
    const char sign[] = { **at && strchr(":.-", **at) ? **at : '\0', '\0' };
    int minute = take_part(at, sign), second = take_part(at, sign);
    if (hour < 0 || hour > 23 || minute > 59 || second > LEAP)
        return clock;
    clock.hour = hour;
    clock.minute = MAX(minute, 0);
    clock.second = MIN(MAX(second, 0), LEAP - 1) + take_fraction(at);
    return clock;
}

enum { OFFSET_UNKNOWN = METADATA_OFFSET_UNKNOWN };

/* Seconds east of UTC, of "+02:00", "+0200" or "Z". */
static int offset_of(const char *at)
{
    enum { MOST_HOURS = 14 };

    at += strspn(at, " ");
    if (*at == 'Z')
        return 0;
    if (*at != '-' && *at != '+')
        return OFFSET_UNKNOWN;
    bool west = *at++ == '-';
    int hours = take_number(&at, 2), minutes = take_part(&at, ":");
    if (hours < 0 || hours > MOST_HOURS || minutes < 0 || minutes > 59)
        return OFFSET_UNKNOWN;
    int seconds = (hours * 60 + minutes) * 60;
    return west ? -seconds : seconds;
}

/* What the clock showed; *offset is what the text says behind that. */
static GDateTime *read_date(const char *text, int *offset)
{
    enum { YEAR_DIGITS = 4 };
    static const char separators[] = ":-/. ";
    const char *at = text + strspn(text, " \t");
    size_t digits = strspn(at, "0123456789");

    /* eight digits are a whole date, and fourteen one with its time */
    if (digits != YEAR_DIGITS && digits != 8 && digits != 14)
        return NULL;
    int year = take_number(&at, YEAR_DIGITS);
    int month = take_part(&at, separators), day = month < 0 ? -1 : take_part(&at, separators);
    if (year < 1 || (*at && !strchr(" \tT_Z+-0123456789", *at)))
        return NULL;
    Clock clock = take_clock(&at);
    *offset = offset_of(at);
    return g_date_time_new_utc(year, month > 0 ? month : 1, day > 0 ? day : 1, clock.hour,
                               clock.minute, clock.second);
}

GDateTime *metadata_date(const char *text)
{
    int offset = 0;

    return read_date(text, &offset);
}

/* ---- where it stands ---- */

static GDateTime *date_of(Metadata *metadata, const char *tag, int *offset)
{
    g_autofree char *text = metadata_text(metadata, tag);

    return text ? read_date(text, offset) : NULL;
}

static GDateTime *iptc_date(Metadata *metadata, int *offset)
{
    GBytes *iptc = metadata_blocks(metadata)->iptc;
    g_auto(GStrv) dates = iptc_texts(iptc, IPTC_DATASET(2, 55));
    g_auto(GStrv) times = iptc_texts(iptc, IPTC_DATASET(2, 60));
    g_autofree char *both =
        dates ? g_strdup_printf("%s %s", dates[0], times ? times[0] : "") : NULL;

    return both ? read_date(both, offset) : NULL;
}

static GDateTime *first_date(Metadata *metadata, const char *const *tags, int *offset)
{
    GDateTime *date = NULL;

    for (; *tags && !date; tags++)
        date = date_of(metadata, *tags, offset);
    return date;
}

/* XMP's, which has a time where IPTC may have none; IPTC's where that is of another day and newer.
 */
static GDateTime *described_date(Metadata *metadata, int *offset)
{
    static const char *const tags[] = { "Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated",
                                        "Xmp.xmp.CreateDate", NULL };
    int of_iptc = OFFSET_UNKNOWN;
    g_autoptr(GDateTime) xmp = first_date(metadata, tags, offset);
    g_autoptr(GDateTime) iptc = iptc_date(metadata, &of_iptc);
    bool newer = iptc && metadata_blocks(metadata)->iptc_digest.differs;

    if (!xmp || (newer && (g_date_time_get_day_of_year(xmp) != g_date_time_get_day_of_year(iptc) ||
                           g_date_time_get_year(xmp) != g_date_time_get_year(iptc)))) {
        *offset = of_iptc;
        return g_steal_pointer(&iptc);
    }
    return g_steal_pointer(&xmp);
}

/* A date of EXIF, which names its offset in another tag. */
static GDateTime *exif_date(Metadata *metadata, const char *tag, const char *offset_tag,
                            int *offset)
{
    GDateTime *date = date_of(metadata, tag, offset);
    g_autofree char *named = date ? metadata_text(metadata, offset_tag) : NULL;

    if (named && offset_of(named) != OFFSET_UNKNOWN)
        *offset = offset_of(named);
    return date;
}

static GDateTime *taken(Metadata *metadata, int *offset)
{
    GDateTime *date =
        exif_date(metadata, "Exif.Photo.DateTimeOriginal", "Exif.Photo.OffsetTimeOriginal", offset);

    if (!date)
        date = exif_date(metadata, "Exif.Photo.DateTimeDigitized", "Exif.Photo.OffsetTimeDigitized",
                         offset);
    if (!date)
        date = described_date(metadata, offset);
    return date ? date
                : exif_date(metadata, "Exif.Image.DateTime", "Exif.Photo.OffsetTime", offset);
}

GDateTime *metadata_taken(Metadata *metadata)
{
    int offset = 0;

    return metadata_taken_zoned(metadata, &offset);
}

GDateTime *metadata_taken_zoned(Metadata *metadata, int *offset)
{
    *offset = OFFSET_UNKNOWN;
    return taken(metadata, offset);
}

/* Seconds since 1970 of what a clock of this machine's time zone showed. */
static int64_t local_instant(GDateTime *shown)
{
    g_autoptr(GDateTime) local =
        g_date_time_new_local(g_date_time_get_year(shown), g_date_time_get_month(shown),
                              g_date_time_get_day_of_month(shown), g_date_time_get_hour(shown),
                              g_date_time_get_minute(shown), g_date_time_get_seconds(shown));

    return g_date_time_to_unix(local ? local : shown);
}

bool metadata_taken_at(Metadata *metadata, int64_t *at)
{
    int offset = OFFSET_UNKNOWN;
    g_autoptr(GDateTime) date = taken(metadata, &offset);

    if (!date)
        return false;
    *at = offset == OFFSET_UNKNOWN ? local_instant(date) : g_date_time_to_unix(date) - offset;
    return true;
}
