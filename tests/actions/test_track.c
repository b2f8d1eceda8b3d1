/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GPX as loggers and apps write it, and where a track says that somebody was. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/gpx.h"
#include "actions/track.h"
#include "tests/actions/check.h"

enum { NOON = 1714564800 }; /* 2024-05-01T12:00:00Z */

#define GPX(inside)                                                                                \
    "<?xml version='1.0'?><gpx version='1.1' xmlns='http://www.topografix.com/GPX/1/1'>" inside    \
    "</gpx>"
#define TRACK(points)           GPX("<trk><trkseg>" points "</trkseg></trk>")
#define POINT(lat, lon, inside) "<trkpt lat='" lat "' lon='" lon "'>" inside "</trkpt>"
#define AT(clock)               "<time>2024-05-01T" clock "</time>"

/* ---- the reader ---- */

static int file_of(const char *text, size_t size)
{
    int fd = memfd_create("gpx", MFD_CLOEXEC);

    assert_int_equal(write(fd, text, size), size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

typedef struct Read {
    GArray *points;
    char *damage;
    Error *error;
} Read;

static Read read_bytes(const char *text, size_t size)
{
    Read read = { .points = g_array_new(FALSE, FALSE, sizeof(GpxPoint)) };
    int fd = file_of(text, size);
    bool good = gpx_read(fd, 1000, read.points, &read.damage, &read.error);

    assert_int_equal(good, !read.error);
    assert_int_equal(good, read.points->len > 0);
    close(fd);
    return read;
}

static Read read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void read_clear(Read *read)
{
    g_array_unref(read->points);
    g_free(read->damage);
    error_free(read->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Read, read_clear)

static const GpxPoint *point(const Read *read, guint i)
{
    assert_true(i < read->points->len);
    return &g_array_index(read->points, GpxPoint, i);
}

static void a_point_has_a_place_a_time_and_an_altitude(void **state)
{
    (void) state;
    g_auto(Read) read =
        read_text(TRACK(POINT("47.1234567", "-8.5", "<ele>408.5</ele>" AT("12:00:00.25Z"))
                            POINT(" 90 ", "180.0", AT("14:00:01+02:00"))));

    assert_null(read.damage);
    assert_int_equal(read.points->len, 2);
    assert_int_equal(point(&read, 0)->latitude, 471234567);
    assert_int_equal(point(&read, 0)->longitude, -85000000);
    assert_float_equal(point(&read, 0)->altitude, 408.5, 0);
    assert_int_equal(point(&read, 0)->at_ms, NOON * 1000LL + 250);
    assert_int_equal(point(&read, 1)->latitude, 900000000);
    assert_int_equal(point(&read, 1)->longitude, 1800000000);
    assert_true(isnan(point(&read, 1)->altitude));
    assert_int_equal(point(&read, 1)->at_ms, NOON * 1000LL + 1000);
}

static void gpx_1_0_and_names_with_a_prefix_are_read(void **state)
{
    (void) state;
    g_auto(Read) old = read_text("<gpx version='1.0' creator='x' "
                                 "xmlns='http://www.topografix.com/GPX/1/0'><trk><trkseg>"
                                 "<trkpt lat='1' lon='2'><ele>3</ele><time>2024-05-01T12:00:00Z"
                                 "</time><course>4</course><speed>5</speed></trkpt>"
                                 "</trkseg></trk></gpx>");
    g_auto(Read) prefixed = read_text("<g:gpx xmlns:g='http://www.topografix.com/GPX/1/1'><g:trk>"
                                      "<g:trkseg><g:trkpt lat='1' lon='2'><g:time>"
                                      "2024-05-01T12:00:00Z</g:time></g:trkpt></g:trkseg></g:trk>"
                                      "</g:gpx>");

    assert_int_equal(point(&old, 0)->longitude, 2 * GPX_DEGREE);
    assert_int_equal(point(&prefixed, 0)->at_ms, NOON * 1000LL);
}

static void routes_waypoints_and_extensions_give_no_point_and_no_time(void **state)
{
    (void) state;
    g_auto(Read) read = read_text(GPX(
        "<wpt lat='1' lon='1'><time>2024-05-01T12:00:00Z</time></wpt>"
        "<rte><rtept lat='1' lon='1'><time>2024-05-01T12:00:00Z</time></rtept></rte>"
        "<extensions><trk><trkseg><trkpt lat='1' lon='1'><time>2024-05-01T12:00:00Z</time></trkpt>"
        "</trkseg></trk></extensions>"
        "<trk><trkseg><trkpt lat='3' lon='4'><x:time>2020-01-01T00:00:00Z</x:time>"
        "<extensions><time>2020-01-01T00:00:00Z</time></extensions>"
        "<time>2024-05-01T12:00:00Z</time></trkpt></trkseg></trk>"));

    assert_int_equal(read.points->len, 1);
    assert_int_equal(point(&read, 0)->latitude, 3 * GPX_DEGREE);
    assert_int_equal(point(&read, 0)->at_ms, NOON * 1000LL);
}

static void points_without_a_time_or_of_no_place_are_left_out(void **state)
{
    (void) state;
    g_auto(Read) read = read_text(
        TRACK(POINT("1", "2", "") POINT("1", "2", AT("25:00:00Z")) POINT("91", "2", AT("12:00:00Z"))
                  POINT("1", "x", AT("12:00:00Z")) POINT("nan", "2", AT("12:00:00Z"))
                      POINT("5", "6", "<ele>?</ele>" AT("12:00:00Z"))));

    assert_int_equal(read.points->len, 1);
    assert_int_equal(point(&read, 0)->latitude, 5 * GPX_DEGREE);
    assert_true(isnan(point(&read, 0)->altitude));
}

static void a_track_that_was_cut_off_gives_its_points_and_says_so(void **state)
{
    (void) state;
    g_auto(Read) read = read_text(
        "<gpx><trk><trkseg>\n" POINT("1", "2", AT("12:00:00Z")) "\n"
                                                                "<trkpt lat='3' lon='4'><ti");

    assert_int_equal(read.points->len, 1);
    assert_string_equal(read.damage, "line 3: unclosed token");
}

static void refused(const char *text, const char *what)
{
    g_auto(Read) read = read_text(text);

    assert_non_null(read.error);
    assert_int_equal(read.error->kind, ERROR_CONFIG);
    assert_non_null(read.error->fix);
    assert_string_equal(read.error->what, what);
}

static void what_has_no_points_is_refused_with_its_reason(void **state)
{
    (void) state;
    refused("", "it cannot be read (line 1: no element found)");
    refused("hello", "it cannot be read (line 1: syntax error)");
    refused("<kml/>", "it is no GPX (line 1)");
    refused(GPX("<wpt lat='1' lon='2'/>"), "it has no track");
    refused(TRACK(POINT("1", "2", "")), "no point of it has a place and a time");
    refused(TRACK(POINT("91", "2", AT("12:00:00Z"))), "no point of it has a place and a time");
}

static void entities_depth_and_giant_tags_are_refused(void **state)
{
    enum { DEEP = 200, LONG = 3 << 20 };
    g_autoptr(GString) deep = g_string_new("<gpx>");
    g_autoptr(GString) wide = g_string_new("<gpx creator='");
    (void) state;

    for (int i = 0; i < DEEP; i++)
        g_string_append(deep, "<a>");
    for (int i = 0; i < LONG; i++)
        g_string_append_c(wide, 'x');
    refused("<!DOCTYPE gpx [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><gpx>&b;</gpx>",
            "it has a document type, which GPX has not (line 1)");
    refused(deep->str, "its elements lie too deep in each other (line 1)");
    refused(wide->str, "it has a tag of more than a megabyte (line 1)");
}

static void more_points_than_there_is_room_for_are_an_error(void **state)
{
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(GpxPoint));
    g_autoptr(GString) text = g_string_new("<gpx><trk><trkseg>");
    g_autofree char *damage = NULL;
    g_autoptr(Error) error = NULL;
    (void) state;

    for (int i = 0; i < 3; i++)
        g_string_append(text, POINT("1", "2", AT("12:00:00Z")));
    int fd = file_of(text->str, text->len);
    assert_false(gpx_read(fd, 2, points, &damage, &error));
    close(fd);
    assert_string_equal(error->what, "it has too many points (line 1)");
    assert_int_equal(points->len, 0);
}

/* ---- the search ---- */

static char *make_directory(void)
{
    char *path = g_dir_make_tmp("hotfolder-track-XXXXXX", NULL);

    assert_non_null(path);
    return path;
}

static void put(const char *directory, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void remove_directory(const char *directory)
{
    g_autoptr(GDir) listing = g_dir_open(directory, 0, NULL);
    const char *name = NULL;

    while ((name = g_dir_read_name(listing))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(directory);
}

static Track *read_track(const char *path)
{
    g_autoptr(Error) error = NULL;
    Track *track = track_open(path, &error);

    assert_non_null(track);
    assert_true(track_read(track, &error));
    return track;
}

static Track *track_of(const char *text)
{
    g_autofree char *directory = make_directory();

    put(directory, "one.gpx", text);
    Track *track = read_track(directory);
    remove_directory(directory);
    return track;
}

/* Whether it is there `seconds` after noon. */
static bool find(const Track *track, double seconds, bool interpolate, TrackPlace *place)
{
    const TrackSearch search = { .at_ms = (int64_t) ((NOON + seconds) * 1000),
                                 .max_gap_ms = 60000,
                                 .interpolate = interpolate };

    return track_find(track, &search, place);
}

static void is_at(const Track *track, double seconds, double latitude, double longitude,
                  double altitude)
{
    TrackPlace place = { 0 };

    assert_true(find(track, seconds, true, &place));
    assert_float_equal(place.latitude, latitude, 1e-7);
    assert_float_equal(place.longitude, longitude, 1e-7);
    if (isnan(altitude))
        assert_true(isnan(place.altitude));
    else
        assert_float_equal(place.altitude, altitude, 1e-4);
}

#define WALK                                                                                       \
    TRACK(POINT("11", "22", "<ele>110</ele>" AT("12:01:40Z")) POINT(                               \
        "10", "20", "<ele>100</ele>" AT("12:00:00Z")) POINT("30", "40", AT("13:00:00Z")))

static void between_two_points_it_is_on_the_line_from_one_to_the_other(void **state)
{
    (void) state;
    g_autoptr(Track) track = track_of(WALK);
    TrackPlace place = { 0 };

    is_at(track, 0, 10, 20, 100);
    is_at(track, 25, 10.25, 20.5, 102.5);
    is_at(track, 100, 11, 22, 110);
    assert_true(find(track, 49, false, &place));
    assert_float_equal(place.latitude, 10, 1e-9);
    assert_true(find(track, 51, false, &place));
    assert_float_equal(place.latitude, 11, 1e-9);
}

static void no_place_is_known_further_than_the_gap_from_every_point(void **state)
{
    (void) state;
    g_autoptr(Track) track = track_of(WALK);
    TrackPlace place = { 0 };

    is_at(track, -60, 10, 20, 100);
    assert_false(find(track, -60.001, true, &place));
    is_at(track, 160, 11 + 19.0 * 60 / 3500, 22 + 18.0 * 60 / 3500, 110);
    assert_false(find(track, 160.001, true, &place));
    is_at(track, 3600, 30, 40, NAN);
    assert_false(find(track, 3661, true, &place));
}

static void the_way_over_the_date_line_is_the_short_one(void **state)
{
    (void) state;
    g_autoptr(Track) track =
        track_of(TRACK(POINT("0", "179.5", AT("12:00:00Z")) POINT("0", "-179.5", AT("12:01:00Z"))));

    is_at(track, 15, 0, 179.75, NAN);
    is_at(track, 45, 0, -179.75, NAN);
}

static void a_directory_gives_the_points_of_all_its_tracks(void **state)
{
    (void) state;
    g_autofree char *directory = make_directory();
    put(directory, "2.GPX", TRACK(POINT("2", "2", AT("12:10:00Z"))));
    put(directory, "1.gpx", TRACK(POINT("3", "3", AT("12:20:00Z"))));
    put(directory, "notes.txt", "buy milk");
    put(directory, ".3.gpx.Xy12", TRACK(POINT("4", "4", AT("12:30:00Z"))));
    g_autoptr(Track) track = read_track(directory);
    TrackPlace place = { 0 };

    is_at(track, 600, 2, 2, NAN);
    is_at(track, 1200, 3, 3, NAN);
    assert_false(find(track, 1800, true, &place));
    assert_null(track_complaint(track));
    remove_directory(directory);
}

static void a_bad_file_of_a_directory_is_left_out_and_named(void **state)
{
    (void) state;
    g_autofree char *directory = make_directory();
    put(directory, "a.gpx", TRACK(POINT("1", "1", AT("12:00:00Z"))));
    put(directory, "b.gpx", "hello");
    put(directory, "c.gpx", "<gpx><trk><trkseg>" POINT("2", "2", AT("12:10:00Z")));
    g_autoptr(Track) track = read_track(directory);

    is_at(track, 0, 1, 1, NAN);
    is_at(track, 600, 2, 2, NAN);
    assert_string_equal(track_complaint(track),
                        "'b.gpx' is left out: it cannot be read (line 1: syntax error); 'c.gpx' is "
                        "damaged: line 1: no element found");
    remove_directory(directory);
}

static void a_directory_without_tracks_is_no_error_and_a_bad_file_alone_is_one(void **state)
{
    (void) state;
    g_autofree char *directory = make_directory();
    g_autoptr(Track) none = read_track(directory);
    TrackPlace place = { 0 };
    g_autoptr(Error) error = NULL;

    assert_false(find(none, 0, true, &place));
    assert_string_equal(track_complaint(none), "the directory has no file that ends in .gpx");
    put(directory, "b.gpx", "hello");
    g_autofree char *path = g_build_filename(directory, "b.gpx", NULL);
    g_autoptr(Track) bad = track_open(path, &error);
    assert_false(track_read(bad, &error));
    assert_string_equal(error->what, "it cannot be read (line 1: syntax error)");
    remove_directory(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_has_a_place_a_time_and_an_altitude),
        cmocka_unit_test(gpx_1_0_and_names_with_a_prefix_are_read),
        cmocka_unit_test(routes_waypoints_and_extensions_give_no_point_and_no_time),
        cmocka_unit_test(points_without_a_time_or_of_no_place_are_left_out),
        cmocka_unit_test(a_track_that_was_cut_off_gives_its_points_and_says_so),
        cmocka_unit_test(what_has_no_points_is_refused_with_its_reason),
        cmocka_unit_test(entities_depth_and_giant_tags_are_refused),
        cmocka_unit_test(more_points_than_there_is_room_for_are_an_error),
        cmocka_unit_test(between_two_points_it_is_on_the_line_from_one_to_the_other),
        cmocka_unit_test(no_place_is_known_further_than_the_gap_from_every_point),
        cmocka_unit_test(the_way_over_the_date_line_is_the_short_one),
        cmocka_unit_test(a_directory_gives_the_points_of_all_its_tracks),
        cmocka_unit_test(a_bad_file_of_a_directory_is_left_out_and_named),
        cmocka_unit_test(a_directory_without_tracks_is_no_error_and_a_bad_file_alone_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
