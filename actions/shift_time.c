/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shift_time - put the dates of a picture right, whose camera had a wrong clock, and say in which
 * zone that was. Times of a GPS stay: they are those of its satellites. */
#include <string.h>

#include "actions/action.h"
#include "actions/calendar.h"
#include "actions/iptc.h"
#include "actions/metadata_edit.h"
#include "actions/metadata_taken.h"

enum { WHAT_TAKEN, WHAT_ALL };

typedef struct ShiftTime {
    char *by, *zone;
    int what;
    CalendarShift shift; /* that `by` says; made by prepare() */
} ShiftTime;

static const Choice date_words[] = {
    { "taken", WHAT_TAKEN,
      "when it was taken, and digitized where that was the same second; of a picture that says "
      "neither, its only date" },
    { "all", WHAT_ALL, "also when it was digitized, and when the file was changed" },
    { 0 },
};

static const Param params[] = {
    TEXT(ShiftTime, by, .def = "",
         .help = "how far: a sign, and numbers with s, min, h, days, weeks, months or years, as "
                 "\"+1h 30min\" or \"-1 day\"; a month after 31 January is the last day of "
                 "February, and summer time is not looked at"),
    CHOICE(ShiftTime, what, .def = "taken", .choices = date_words, .help = "which dates"),
    TEXT(ShiftTime, zone, .def = "",
         .help = "how far the clock was from UTC, as \"+02:00\": the picture then says it with "
                 "these dates, which stay as they are but for `by`"),
    { 0 },
};

/* ---- before any picture ---- */

static bool read_by(const ShiftTime *s, CalendarShift *shift, Error **err)
{
    *shift = (CalendarShift){ 0 };
    if (!*s->by || calendar_shift_read(s->by, shift, err))
        return true;
    g_autofree char *what = (*err)->what;
    (*err)->what = g_strdup_printf("by = %s: %s", s->by, what);
    return false;
}

static bool check(const void *settings, Error **err)
{
    const ShiftTime *s = settings;
    CalendarShift shift = { 0 };

    if (!*s->by && !*s->zone)
        return error_set(err, ERROR_CONFIG, "give by = \"+1h\", or zone = \"+02:00\"",
                         "neither by nor zone is given");
    if (*s->zone && !calendar_is_zone(s->zone))
        return error_set(err, ERROR_CONFIG, "give hours and minutes: \"+02:00\"",
                         "zone = %s: no offset from UTC", s->zone);
    return read_by(s, &shift, err);
}

static bool prepare(void *settings, Error **err)
{
    ShiftTime *s = settings;

    return read_by(s, &s->shift, err);
}

/* ---- the dates of a picture ---- */

typedef enum DateOf { OF_TAKEN, OF_DIGITIZED, OF_CHANGED, DATES } DateOf;

typedef struct DateTag {
    DateOf of;
    const char *key;    /* exiv2's; NULL: of IPTC */
    const char *offset; /* of EXIF: the tag that says its zone */
    unsigned day, time; /* the datasets of IPTC */
} DateTag;

static const DateTag tags[] = {
    { OF_TAKEN, "Exif.Photo.DateTimeOriginal", "Exif.Photo.OffsetTimeOriginal", 0, 0 },
    { OF_DIGITIZED, "Exif.Photo.DateTimeDigitized", "Exif.Photo.OffsetTimeDigitized", 0, 0 },
    { OF_CHANGED, "Exif.Image.DateTime", "Exif.Photo.OffsetTime", 0, 0 },
    { OF_TAKEN, "Xmp.exif.DateTimeOriginal", NULL, 0, 0 },
    { OF_TAKEN, "Xmp.photoshop.DateCreated", NULL, 0, 0 },
    { OF_DIGITIZED, "Xmp.exif.DateTimeDigitized", NULL, 0, 0 },
    { OF_DIGITIZED, "Xmp.xmp.CreateDate", NULL, 0, 0 },
    { OF_CHANGED, "Xmp.xmp.ModifyDate", NULL, 0, 0 },
    { OF_CHANGED, "Xmp.tiff.DateTime", NULL, 0, 0 },
    { OF_TAKEN, NULL, NULL, IPTC_DATASET(2, 55), IPTC_DATASET(2, 60) },
    { OF_DIGITIZED, NULL, NULL, IPTC_DATASET(2, 62), IPTC_DATASET(2, 63) },
};

/* "20240501T123000+0200", as the two datasets say it. */
static char *iptc_date(Metadata *metadata, const DateTag *tag)
{
    g_auto(GStrv) days = metadata_dataset(metadata, tag->day);
    g_auto(GStrv) times = metadata_dataset(metadata, tag->time);

    if (!days)
        return NULL;
    return times ? g_strconcat(days[0], "T", times[0], NULL) : g_strdup(days[0]);
}

/* Newly allocated; NULL where the picture does not say it, or it is no date. */
static char *text_of(Metadata *metadata, const DateTag *tag)
{
    static const CalendarShift none = { 0 };
    g_autofree char *text = tag->key ? metadata_text(metadata, tag->key) : iptc_date(metadata, tag);

    return text ? calendar_moved(text, &none) : NULL;
}

typedef struct Shifting {
    const ShiftTime *settings;
    Metadata *metadata;
    MetadataEdit *edit;
    GDateTime *first[DATES]; /* of each kind, the first one that it says; NULL: none */
} Shifting;

static void find_first(Shifting *shifting)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autofree char *text = text_of(shifting->metadata, &tags[i]);
        if (text && !shifting->first[tags[i].of])
            shifting->first[tags[i].of] = metadata_date(text);
    }
}

static bool is_same_second(GDateTime *one, const char *text)
{
    g_autoptr(GDateTime) other = metadata_date(text);

    return other && g_date_time_to_unix(one) == g_date_time_to_unix(other);
}

/* Cameras say the same of when a picture was taken and digitized; scanners do not. */
static bool is_meant(const Shifting *shifting, DateOf of, const char *text)
{
    GDateTime *taken = shifting->first[OF_TAKEN];

    if (of == OF_TAKEN || shifting->settings->what == WHAT_ALL)
        return true;
    return of == OF_DIGITIZED ? !taken || is_same_second(taken, text)
                              : !taken && !shifting->first[OF_DIGITIZED];
}

/* ---- what they become ---- */

static bool set(Shifting *shifting, const char *key, const char *text, Error **err)
{
    const MetadataTag *tag = metadata_tag_find(key, err);

    return tag && metadata_edit_set_text(shifting->edit, tag, text, err);
}

static bool set_iptc(Shifting *shifting, const DateTag *tag, const char *text, Error **err)
{
    enum { DAY = 8 };
    g_autofree char *day = g_strndup(text, DAY);
    const char *time = strlen(text) > DAY ? text + DAY + 1 : NULL;

    const char *names[] = { tag->of == OF_TAKEN ? "iptc.DateCreated" : "iptc.DigitalCreationDate",
                            tag->of == OF_TAKEN ? "iptc.TimeCreated" : "iptc.DigitalCreationTime" };
    return set(shifting, names[0], day, err) && (!time || set(shifting, names[1], time, err));
}

/* In the place that the date has. */
static bool put(Shifting *shifting, const DateTag *tag, const char *text, Error **err)
{
    const char *zone = shifting->settings->zone;
    g_autofree char *zoned = *zone && !tag->offset ? calendar_zoned(text, zone) : NULL;

    if (!tag->key)
        return set_iptc(shifting, tag, zoned ? zoned : text, err);
    return set(shifting, tag->key, zoned ? zoned : text, err) &&
           (!*zone || !tag->offset || set(shifting, tag->offset, zone, err));
}

/* Moves the dates that are meant; *moved: there was one. */
static bool move_all(Shifting *shifting, bool *moved, Error **err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autofree char *text = text_of(shifting->metadata, &tags[i]);
        if (!text || !is_meant(shifting, tags[i].of, text))
            continue;
        g_autofree char *then = calendar_moved(text, &shifting->settings->shift);
        if (!then)
            return error_set(err, ERROR_PICTURE, "shift it less far",
                             "%s moved by %s is no date of the years 1 to 9999", text,
                             shifting->settings->by);
        *moved = true;
        if (!put(shifting, &tags[i], then, err))
            return false;
    }
    return true;
}

static bool apply(const void *settings, Image *image, Error **err)
{
    Metadata *metadata = image_metadata(image, err);
    g_autoptr(MetadataEdit) edit = metadata ? metadata_edit_new(metadata) : NULL;
    Shifting shifting = { .settings = settings, .metadata = metadata, .edit = edit };
    bool moved = false;

    if (!edit)
        return false;
    find_first(&shifting);
    bool done = move_all(&shifting, &moved, err);
    for (int of = 0; of < DATES; of++)
        g_clear_pointer(&shifting.first[of], g_date_time_unref);
    if (!done)
        return false;
    if (!moved) {
        image_note(image, "no time to shift: the picture says none");
        return true;
    }
    Metadata *edited = metadata_edit_end(edit, err);
    if (edited)
        image_set_metadata(image, edited);
    return edited;
}

const Action action_shift_time = {
    .name = "shift_time",
    .group = "metadata",
    .summary = "put the dates right that a wrong clock gave a picture",
    .aliases = "time-shift shift-dates adjust-time",
    .example = "shift_time { by = \"+1h 30min\" }",
    .params = params,
    .size = sizeof(ShiftTime),
    .flags = ACTION_METADATA | ACTION_LEAVES | ACTION_INKS,
    .check = check,
    .prepare = prepare,
    .apply = apply,
};
