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

/* The time of day; midnight where it is none. A leap second counts as the one before it. */
static Clock take_clock(const char *at)
{
    enum { LEAP = 60 };
    Clock clock = { 0 };

    at += strspn(at, " T_");
    int hour = take_number(&at, 2), minute = take_part(&at, ":.-"), second = take_part(&at, ":.-");
    if (hour < 0 || hour > 23 || minute > 59 || second > LEAP)
        return clock;
    clock.hour = hour;
    clock.minute = MAX(minute, 0);
    clock.second = MIN(MAX(second, 0), LEAP - 1) + take_fraction(&at);
    return clock;
}

GDateTime *metadata_date(const char *text)
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
    Clock clock = take_clock(at);
    return g_date_time_new_utc(year, month > 0 ? month : 1, day > 0 ? day : 1, clock.hour,
                               clock.minute, clock.second);
}

/* ---- where it stands ---- */

static GDateTime *date_of(Metadata *metadata, const char *tag)
{
    g_autofree char *text = metadata_text(metadata, tag);

    return text ? metadata_date(text) : NULL;
}

static GDateTime *iptc_date(Metadata *metadata)
{
    GBytes *iptc = metadata_blocks(metadata)->iptc;
    g_auto(GStrv) dates = iptc_texts(iptc, IPTC_DATASET(2, 55));
    g_auto(GStrv) times = iptc_texts(iptc, IPTC_DATASET(2, 60));
    g_autofree char *both =
        dates ? g_strdup_printf("%s %s", dates[0], times ? times[0] : "") : NULL;

    return both ? metadata_date(both) : NULL;
}

static GDateTime *first_date(Metadata *metadata, const char *const *tags)
{
    GDateTime *date = NULL;

    for (; *tags && !date; tags++)
        date = date_of(metadata, *tags);
    return date;
}

/* XMP's, which has a time where IPTC may have none; IPTC's where that is of another day and newer.
 */
static GDateTime *described_date(Metadata *metadata)
{
    static const char *const tags[] = { "Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated",
                                        "Xmp.xmp.CreateDate", NULL };
    g_autoptr(GDateTime) xmp = first_date(metadata, tags);
    g_autoptr(GDateTime) iptc = iptc_date(metadata);
    bool newer = iptc && metadata_blocks(metadata)->iptc_digest.differs;

    if (!xmp || (newer && (g_date_time_get_day_of_year(xmp) != g_date_time_get_day_of_year(iptc) ||
                           g_date_time_get_year(xmp) != g_date_time_get_year(iptc))))
        return g_steal_pointer(&iptc);
    return g_steal_pointer(&xmp);
}

/* EXIF's dates, each with its offset. */
static const struct {
    const char *date, *offset;
} exif_dates[] = {
    { "Exif.Photo.DateTimeOriginal", "Exif.Photo.OffsetTimeOriginal" },
    { "Exif.Photo.DateTimeDigitized", "Exif.Photo.OffsetTimeDigitized" },
};

/* *offset gets the tag with the offset of the date; NULL: it has none. */
static GDateTime *taken(Metadata *metadata, const char **offset)
{
    GDateTime *date = NULL;

    *offset = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(exif_dates) && !date; i++)
        if ((date = date_of(metadata, exif_dates[i].date)))
            *offset = exif_dates[i].offset;
    if (!date)
        date = described_date(metadata);
    return date ? date : date_of(metadata, "Exif.Image.DateTime");
}

GDateTime *metadata_taken(Metadata *metadata)
{
    const char *offset = NULL;

    return taken(metadata, &offset);
}

/* Seconds east of UTC, of "+02:00"; 0 where it is no offset. */
static int64_t offset_of(const char *text)
{
    const char *at = text + strspn(text, " ");
    bool west = *at == '-';

    if (!west && *at != '+')
        return 0;
    at++;
    int hours = take_number(&at, 2), minutes = take_part(&at, ":");
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return 0;
    int seconds = (hours * 60 + minutes) * 60;
    return west ? -seconds : seconds;
}

bool metadata_taken_at(Metadata *metadata, int64_t *at)
{
    const char *tag = NULL;
    g_autoptr(GDateTime) date = taken(metadata, &tag);
    g_autofree char *offset = date && tag ? metadata_text(metadata, tag) : NULL;

    if (date)
        *at = g_date_time_to_unix(date) - (offset ? offset_of(offset) : 0);
    return date;
}
