/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* geotag - say where a picture was taken, by a track that a GPS recorded at that time. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/assets.h"
#include "actions/calendar.h"
#include "actions/metadata_edit.h"
#include "actions/metadata_taken.h"
#include "base/units.h"

#define EXIF_URI "http://ns.adobe.com/exif/1.0/"

typedef struct Geotag {
    Asset track;
    int64_t max_gap;
    char *offset;
    bool interpolate, altitude;
    int64_t offset_s; /* that `offset` says; made by prepare() */
} Geotag;

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static const Param params[] = {
    TRACK(Geotag, track,
          .help = "a GPX file, or a directory of files that end in .gpx; they are read again when "
                  "they have changed"),
    DURATION(Geotag, max_gap, .def = "60s", .min = 0, .max = 30.0 * DAY_MS,
             .help = "how far in time a picture may be from the nearest point; one that is further "
                     "stays without a place, and its result says so"),
    TEXT(Geotag, offset, .def = "0s",
         .help =
             "what is added to the time of the picture before it is looked for in the track, as "
             "\"-35s\" or \"+1h\", where the clock of the camera was wrong"),
    BOOL(Geotag, interpolate, .def = "yes",
         .help = "between two points it is on the line from one to the other, and not at the "
                 "nearest one"),
    BOOL(Geotag, altitude, .def = "yes", .help = "also how high it is, where the track says it"),
    { 0 },
};

/* ---- before any picture ---- */

static bool read_offset(const Geotag *s, int64_t *seconds, Error **err)
{
    CalendarShift shift = { 0 };

    if (calendar_shift_read(s->offset, &shift, err) &&
        (!shift.months || error_set(err, ERROR_CONFIG, "give days, hours, minutes and seconds",
                                    "no clock is wrong by months"))) {
        *seconds = shift.seconds;
        return true;
    }
    g_autofree char *what = (*err)->what;
    (*err)->what = g_strdup_printf("offset = %s: %s", s->offset, what);
    return false;
}

static bool check(const void *settings, Error **err)
{
    int64_t seconds = 0;

    return read_offset(settings, &seconds, err);
}

static bool prepare(void *settings, Error **err)
{
    Geotag *s = settings;

    return read_offset(s, &s->offset_s, err);
}

static bool advise_on(const void *settings, const Shape *shape G_GNUC_UNUSED, Error **err)
{
    const char *complaint = track_complaint(asset_track(&((const Geotag *) settings)->track));

    return !complaint ||
           error_set(err, ERROR_CONFIG, "correct it, or pictures of that time stay without a place",
                     "track: %s", complaint);
}

/* ---- when ---- */

/* Milliseconds of the second in which it was taken. */
static int milliseconds_of(Metadata *metadata)
{
    g_autofree char *original = metadata_text(metadata, "Exif.Photo.DateTimeOriginal");
    g_autofree char *digits =
        original ? metadata_text(metadata, "Exif.Photo.SubSecTimeOriginal") : NULL;
    int value = 0;

    for (int i = 0, unit = 100; digits && g_ascii_isdigit(digits[i]) && unit; i++, unit /= 10)
        value += unit * g_ascii_digit_value(digits[i]);
    return value;
}

static bool time_of(const Geotag *s, Metadata *metadata, int64_t *at_ms)
{
    int64_t at = 0;

    if (!metadata_taken_at(metadata, &at))
        return false;
    *at_ms = (at + s->offset_s) * 1000 + milliseconds_of(metadata);
    return true;
}

/* ---- what the picture says then ---- */

typedef struct Saying {
    MetadataEdit *edit;
    Error **err;
    bool failed;
} Saying;

/* Into EXIF and XMP; `text` NULL: it goes. */
static void say(Saying *saying, const char *key, const char *text)
{
    const MetadataTag *tag = saying->failed ? NULL : metadata_tag_find(key, saying->err);

    if (tag && !text)
        metadata_edit_remove(saying->edit, tag);
    saying->failed =
        !tag || (text && !metadata_edit_set_text(saying->edit, tag, text, saying->err));
}

/* An angle in parts of its seconds: 0.0001" is 3 mm. */
static const int64_t second = 10000, minute = 600000, degree = 36000000;

static int64_t parts_of(double degrees)
{
    return llround(fabs(degrees) * (double) degree);
}

/* "47/1 30/1 123456/10000" */
static char *exif_angle(double degrees)
{
    int64_t parts = parts_of(degrees);

    return g_strdup_printf("%" PRId64 "/1 %" PRId64 "/1 %" PRId64 "/%" PRId64, parts / degree,
                           parts % degree / minute, parts % minute, second);
}

/* "47,30.2057600N"; of whole numbers, since a locale may write another point. */
static char *xmp_angle(double degrees, char side)
{
    int64_t parts = parts_of(degrees), inside = parts % degree;
    static const int64_t decimals = 10000000;

    return g_strdup_printf("%" PRId64 ",%" PRId64 ".%07" PRId64 "%c", parts / degree,
                           inside / minute, inside % minute * decimals / minute, side);
}

static void say_angle(Saying *saying, const char *name, double degrees, const char *sides)
{
    const char side[] = { sides[degrees < 0], '\0' };
    g_autofree char *exif = g_strconcat("Exif.GPSInfo.", name, NULL);
    g_autofree char *reference = g_strconcat(exif, "Ref", NULL);
    g_autofree char *xmp = g_strconcat("Xmp.exif.", name, NULL);
    g_autofree char *parts = exif_angle(degrees), *text = xmp_angle(degrees, *side);

    say(saying, reference, side);
    say(saying, exif, parts);
    say(saying, xmp, text);
}

/* NAN: what the picture says would be that of another place. */
static void say_altitude(Saying *saying, double metres)
{
    enum { PARTS = 100, MOST = 10000000 };
    bool known = fabs(metres) < MOST;
    g_autofree char *text =
        known ? g_strdup_printf("%ld/%d", lround(fabs(metres) * PARTS), PARTS) : NULL;
    const char *reference = !known ? NULL : metres < 0 ? "1" : "0";

    say(saying, "Exif.GPSInfo.GPSAltitudeRef", reference);
    say(saying, "Exif.GPSInfo.GPSAltitude", text);
    say(saying, "Xmp.exif.GPSAltitudeRef", reference);
    say(saying, "Xmp.exif.GPSAltitude", text);
}

static void say_time(Saying *saying, int64_t at_ms)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(at_ms / 1000);
    g_autofree char *day = g_date_time_format(at, "%Y:%m:%d");
    g_autofree char *clock = g_date_time_format(at, "%-H/1 %-M/1 %-S/1");
    g_autofree char *xmp = g_date_time_format(at, "%Y-%m-%dT%H:%M:%SZ");

    say(saying, "Exif.GPSInfo.GPSDateStamp", day);
    say(saying, "Exif.GPSInfo.GPSTimeStamp", clock);
    say(saying, "Xmp.exif.GPSTimeStamp", xmp);
}

/* What a receiver has measured at another place. The direction of the camera stays. */
static const char *const others[] = { "GPSSatellites",
                                      "GPSStatus",
                                      "GPSMeasureMode",
                                      "GPSDOP",
                                      "GPSSpeedRef",
                                      "GPSSpeed",
                                      "GPSTrackRef",
                                      "GPSTrack",
                                      "GPSProcessingMethod",
                                      "GPSAreaInformation",
                                      "GPSDifferential",
                                      "GPSHPositioningError",
                                      NULL };

static bool is_no_other(void *user G_GNUC_UNUSED, const char *uri, const char *name)
{
    return strcmp(uri, EXIF_URI) != 0 || !g_strv_contains(others, name);
}

static void forget_others(Saying *saying)
{
    for (const char *const *name = others; *name; name++) {
        g_autofree char *key = g_strconcat("Exif.GPSInfo.", *name, NULL);
        say(saying, key, NULL);
    }
    metadata_edit_filter_xmp(saying->edit, is_no_other, NULL);
}

static bool write_place(const Geotag *s, Image *image, Metadata *metadata, const TrackPlace *place,
                        int64_t at_ms, Error **err)
{
    g_autoptr(MetadataEdit) edit = metadata_edit_new(metadata);
    Saying saying = { .edit = edit, .err = err };

    forget_others(&saying);
    say(&saying, "Exif.GPSInfo.GPSVersionID", "2 3 0 0");
    say(&saying, "Xmp.exif.GPSVersionID", "2.3.0.0");
    say_angle(&saying, "GPSLatitude", place->latitude, "NS");
    say_angle(&saying, "GPSLongitude", place->longitude, "EW");
    say_altitude(&saying, s->altitude ? place->altitude : NAN);
    say_time(&saying, at_ms);
    say(&saying, "Exif.GPSInfo.GPSMapDatum", "WGS-84");
    say(&saying, "Xmp.exif.GPSMapDatum", "WGS-84");
    Metadata *edited = saying.failed ? NULL : metadata_edit_end(edit, err);
    if (edited)
        image_set_metadata(image, edited);
    return edited;
}

static void note_missing(const Geotag *s, Image *image, int64_t at_ms)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(at_ms / 1000);
    g_autofree char *when = g_date_time_format(at, "%Y-%m-%d %H:%M:%S");
    g_autofree char *gap = units_duration_text(s->max_gap);
    const char *complaint = track_complaint(asset_track(&s->track));

    image_note(image, "no place: the track has no point within %s of %s UTC%s%s%s", gap, when,
               complaint ? " (" : "", complaint ? complaint : "", complaint ? ")" : "");
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Geotag *s = settings;
    Metadata *metadata = image_metadata(image, err);
    TrackSearch search = { .max_gap_ms = s->max_gap, .interpolate = s->interpolate };
    TrackPlace place = { 0 };

    if (!metadata)
        return false;
    if (!time_of(s, metadata, &search.at_ms)) {
        image_note(image, "no place: the picture does not say when it was taken");
        return true;
    }
    if (track_find(asset_track(&s->track), &search, &place))
        return write_place(s, image, metadata, &place, search.at_ms, err);
    note_missing(s, image, search.at_ms);
    return true;
}

const Action action_geotag = {
    .name = "geotag",
    .group = "metadata",
    .summary = "say where the picture was taken, by the track of a GPS",
    .aliases = "geo-tag geotagging gps gpx",
    .example = "geotag { track = \"" HOTFOLDER_DATADIR "/track.gpx\" }",
    .params = params,
    .size = sizeof(Geotag),
    .flags = ACTION_METADATA | ACTION_LEAVES | ACTION_INKS,
    .check = check,
    .prepare = prepare,
    .advise_on = advise_on,
    .apply = apply,
};
