/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.c with a real worker, on small files of every kind that lie on cards. */
#include "tests/unit/import/naming.h"

/* What a photo, or a file with these bytes, is called. */
static void is_called(Bench *bench, const char *path, const Taken *taken, const char *expected)
{
    g_autoptr(GByteArray) jpeg = photo_jpeg(taken);
    g_auto(Shot) shot = { 0 };

    shot_begin(&shot, path, jpeg->data, jpeg->len);
    read_and_name(bench, &shot);
    assert_string_equal(shot.shot.stem, expected);
}

/* The same of a file of which nothing is read. */
static void unread_is_called(Bench *bench, const char *path, const char *expected)
{
    g_auto(Shot) shot = { 0 };

    shot_begin(&shot, path, NULL, 0);
    read_and_name(bench, &shot);
    assert_false(shot.shot.facts.is_read);
    assert_string_equal(shot.shot.stem, expected);
}

static void a_photo_is_called_by_its_day_camera_and_number(void **state)
{
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);
    g_autoptr(GByteArray) jpeg = photo_jpeg(&nikon);
    g_auto(Shot) shot = { 0 };

    (void) state;
    shot_begin(&shot, "DCIM/100NCZ_9/DSC_0123.JPG", jpeg->data, jpeg->len);
    read_and_name(&bench, &shot);
    assert_string_equal(shot.shot.stem, "2024/2024-05-01/NIKON Z 9-0123");
    const ShotFacts *said = &shot.shot.facts;
    assert_true(said->is_read && said->is_dated && said->is_zoned);
    assert_int_equal(said->taken_s, 1714564800);
    assert_int_equal(said->subsec_ns, 50000000);
    assert_int_equal(said->offset_s, 7200);
    assert_string_equal(said->taken, "2024-05-01 12:00:00.05+02:00");
    assert_null(said->corrected);
    assert_int_equal(said->rating, 4);
    assert_string_equal(said->camera, "NIKON Z 9");
    assert_string_equal(said->serial, "3002217");
    assert_null(said->note);
}

/* ---- days and clocks ---- */

static void a_capture_before_the_day_starts_belongs_to_the_day_before(void **state)
{
    static const struct {
        const char *date, *day;
    } rows[] = {
        { "2024:05:02 03:59:59", "2024-05-01" }, { "2024:05:02 04:00:00", "2024-05-02" },
        { "2024:05:01 03:59:59", "2024-04-30" }, { "2024:03:01 00:00:00", "2024-02-29" },
        { "2023:03:01 03:00:00", "2023-02-28" }, { "2025:01:01 01:02:03", "2024-12-31" },
        { "2025:01:01 04:00:01", "2025-01-01" }, { "2024:05:01 23:59:59", "2024-05-01" },
    };
    g_auto(Bench) bench =
        bench_new("{day:%Y-%m-%d|undated} {taken:%d %H|}-{stem}.{ext}", NULL, 240);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Taken taken = nikon;
        taken.date = rows[i].date;
        g_autofree char *expected =
            g_strdup_printf("%s %.2s %.2s-A", rows[i].day, rows[i].date + 8, rows[i].date + 11);
        is_called(&bench, "DCIM/A.JPG", &taken, expected);
    }
}

static void a_day_starts_at_midnight_where_nothing_is_said(void **state)
{
    g_auto(Bench) bench = bench_new("{day:%Y-%m-%d|undated}/{stem}.{ext}", NULL, 0);
    Taken taken = nikon;

    (void) state;
    taken.date = "2024:05:02 00:00:00";
    is_called(&bench, "A.JPG", &taken, "2024-05-02/A");
    taken.date = "2024:05:01 23:59:59";
    is_called(&bench, "A.JPG", &taken, "2024-05-01/A");
}

static void a_clock_is_put_right_by_the_serial_number_of_its_camera(void **state)
{
    g_auto(Bench) bench =
        bench_new("{day:%Y-%m-%d|undated}/{taken:%H%M%S|}-{camera}-{owner}.{ext}", NULL, 0);
    Taken taken = nikon;
    g_auto(Shot) shot = { 0 };

    (void) state;
    taken.serial = "6001234";
    taken.date = "2024:12:31 23:59:30";
    g_autoptr(GByteArray) jpeg = photo_jpeg(&taken);
    shot_begin(&shot, "DCIM/A.JPG", jpeg->data, jpeg->len);
    read_and_name(&bench, &shot);
    assert_string_equal(shot.shot.stem, "2025-01-01/000042-Z9-A-Ann");
    const ShotFacts *said = &shot.shot.facts;
    assert_string_equal(said->taken, "2024-12-31 23:59:30.05+02:00");
    assert_string_equal(said->corrected, "2025-01-01 00:00:42.05+02:00");
    assert_int_equal(said->taken_s, 1735689642);
    assert_int_equal(said->subsec_ns, 50000000);
    assert_string_equal(said->camera, "Z9-A");
    taken.serial = "6005678"; /* a camera whose clock is right, and whose owner it says itself */
    is_called(&bench, "A.JPG", &taken, "2024-12-31/235930-Z9-B-Jo");
    taken.serial = "600123";
    is_called(&bench, "A.JPG", &taken, "2024-12-31/235930-NIKON Z 9-Jo");
}

/* ---- what else a file says ---- */

static void a_camera_may_say_no_offset_no_fraction_and_no_date(void **state)
{
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);
    Taken taken = { .make = "Canon", .model = "Canon EOS R5", .date = "2024:05:01 12:00:00" };
    g_autoptr(GByteArray) dated = photo_jpeg(&taken);
    g_auto(Shot) shot = { 0 }, other = { 0 };

    (void) state;
    shot_begin(&shot, "DCIM/IMG_0001.JPG", dated->data, dated->len);
    read_and_name(&bench, &shot);
    assert_string_equal(shot.shot.facts.taken, "2024-05-01 12:00:00");
    assert_true(shot.shot.facts.is_dated && !shot.shot.facts.is_zoned);
    assert_int_equal(shot.shot.facts.subsec_ns, 0);
    taken.date = "0000:00:00 00:00:00";
    g_autoptr(GByteArray) undated = photo_jpeg(&taken);
    shot_begin(&other, "DCIM/IMG_0001.JPG", undated->data, undated->len);
    read_and_name(&bench, &other);
    assert_string_equal(other.shot.stem, "undated/Canon EOS R5-0001");
    assert_false(other.shot.facts.is_dated);
    assert_null(other.shot.facts.taken);
    assert_null(other.shot.facts.note);
}

static void digits_behind_the_point_of_a_second_are_nanoseconds(void **state)
{
    static const struct {
        const char *digits;
        int ns;
    } rows[] = { { "5", 500000000 }, { "05", 50000000 },   { "123456789", 123456789 },
                 { "0", 0 },         { "999", 999000000 }, { "12 ", 120000000 } };
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Taken taken = nikon;
        g_auto(Shot) shot = { 0 };
        taken.subsec = rows[i].digits;
        taken.offset = "-03:30";
        g_autoptr(GByteArray) jpeg = photo_jpeg(&taken);
        shot_begin(&shot, "A.JPG", jpeg->data, jpeg->len);
        read_and_name(&bench, &shot);
        assert_int_equal(shot.shot.facts.subsec_ns, rows[i].ns);
        assert_int_equal(shot.shot.facts.offset_s, -12600);
        assert_non_null(strstr(shot.shot.facts.taken, "-03:30"));
    }
}

static void a_raw_and_a_thumbnail_are_read_as_a_photo_is(void **state)
{
    static const char *const paths[] = { "DCIM/DSC_0123.NEF", "DCIM/DSC_0123.DNG",
                                         "DCIM/MVI_0123.THM" };
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        bool raw = i < 2;
        g_autoptr(GByteArray) file = raw ? photo_tiff(&nikon) : photo_jpeg(&nikon);
        g_auto(Shot) shot = { 0 };
        shot_begin(&shot, paths[i], file->data, file->len);
        read_and_name(&bench, &shot);
        assert_string_equal(shot.shot.stem, "2024/2024-05-01/NIKON Z 9-0123");
        assert_null(shot.shot.facts.note);
    }
}

static const char packet[] =
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
    "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:exif='http://ns.adobe.com/exif/1.0/' "
    "xmp:Rating='5' exif:DateTimeOriginal='2024-06-02T10:00:00'/></rdf:RDF></x:xmpmeta>";

static void an_xmp_file_wins_over_what_the_picture_says(void **state)
{
    g_auto(Bench) bench = bench_new("{day:%Y-%m-%d|undated}/{rating|0}-{stem}.{ext}", NULL, 0);
    g_autoptr(GByteArray) jpeg = photo_jpeg(&nikon);
    g_auto(Shot) shot = { 0 }, film = { 0 };

    (void) state;
    shot_begin(&shot, "DCIM/A.JPG", jpeg->data, jpeg->len);
    shot.xmp = file_with(packet, strlen(packet));
    read_and_name(&bench, &shot);
    assert_string_equal(shot.shot.stem, "2024-06-02/5-A");
    assert_int_equal(shot.shot.facts.rating, 5);
    shot_begin(&film, "DCIM/A.MP4", NULL, 0);
    film.xmp = file_with(packet, strlen(packet));
    read_and_name(&bench, &film);
    assert_string_equal(film.shot.stem, "2024-06-02/5-A");
    assert_true(film.shot.facts.is_read);
}

static void a_file_that_is_no_picture_has_a_name_all_the_same(void **state)
{
    static const struct {
        const char *path, *stem;
    } rows[] = {
        { "DCIM/100GOPRO/GH010123.MP4", "undated/unknown-010123" },
        { "DCIM/CLIP.MP4", "undated/unknown-CLIP" },
        { "PRIVATE/M4ROOT/MEDIAPRO.XML", "undated/unknown-MEDIAPRO" },
        { "MISC/noextension", "undated/unknown-noextension" },
        { "MISC/.hidden", "undated/unknown-.hidden" },
        { "MISC/two.dots.bin", "undated/unknown-two.dots" },
        { "DCIM/IMG_0007.CR3.xmp", "undated/unknown-0007" },
        { "DCIM/IMG_0008.xmp", "undated/unknown-0008" },
    };
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        unread_is_called(&bench, rows[i].path, rows[i].stem);
}

static void a_picture_that_cannot_be_read_says_why(void **state)
{
    static const struct {
        const char *bytes, *why;
        size_t length;
    } rows[] = { { "", "its metadata cannot be read: the file is empty", 0 },
                 { "nonsense\1\2", "its metadata cannot be read: this is not a picture", 10 },
                 { "\0\0\0\x14"
                   "ftypisom\0\0\0\0isom",
                   "its metadata cannot be read", 20 } };
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Shot) shot = { 0 };
        shot_begin(&shot, "DCIM/IMG_0001.JPG", rows[i].bytes, rows[i].length);
        read_and_name(&bench, &shot);
        assert_string_equal(shot.shot.stem, "undated/unknown-0001");
        assert_true(shot.shot.facts.is_read && !shot.shot.facts.is_dated);
        if (!g_str_has_prefix(shot.shot.facts.note, rows[i].why))
            fail_msg("'%s' does not begin '%s'", shot.shot.facts.note, rows[i].why);
    }
}

/* ---- other words of a name ---- */

static void a_name_has_the_card_the_assignment_and_the_number(void **state)
{
    static const NameWords none = { "", NULL };
    static const char name[] = "{card|no card}/{assignment|none}/{seq.card:4}-{stem}.{ext}";
    g_auto(Bench) bench = bench_new(name, NULL, 0);
    g_auto(Bench) bare = bench_with("by hand", name, NULL, 0, &none);
    g_auto(Shot) shot = { 0 };
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(namer_needs_numbers(bench.namer));
    shot_begin(&shot, "DCIM/A.MP4", NULL, 0);
    assert_ok(namer_read(bench.namer, &shot.shot, -1, -1, &error), error);
    shot.shot.number = 42;
    assert_ok(namer_name(bench.namer, &shot.shot, -1, -1, &error), error);
    assert_string_equal(shot.shot.stem, "EOS_DIGITAL/Smith wedding/0042-A");
    assert_ok(namer_name(bare.namer, &shot.shot, -1, -1, &error), error);
    assert_string_equal(shot.shot.stem, "no card/none/0042-A");
}

static void a_name_without_the_number_needs_none(void **state)
{
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);

    (void) state;
    assert_false(namer_needs_numbers(bench.namer));
}

static void a_name_says_what_the_file_is(void **state)
{
    g_auto(Bench) bench = bench_new("{dir}/{name}-{size}-{mtime:%Y}/{ext:lower}/{exif.Make|}-"
                                    "{title|no title}.{ext}",
                                    NULL, 0);
    g_autoptr(GByteArray) jpeg = photo_jpeg(&nikon);
    g_autofree char *expected =
        g_strdup_printf("DCIM/100/A.JPG-%u-1970/jpg/NIKON CORPORATION-no title", jpeg->len);

    (void) state;
    is_called(&bench, "DCIM/100/A.JPG", &nikon, expected);
}

/* ---- what a name may not be ---- */

static void what_metadata_says_chooses_no_directory(void **state)
{
    g_auto(Bench) bench = bench_new("{owner}/{camera}.{ext}", NULL, 0);
    Taken taken = nikon;

    (void) state;
    taken.owner = "..";
    taken.model = "../../etc/passwd";
    is_called(&bench, "A.JPG", &taken, "__/NIKON .._.._etc_passwd");
    taken.owner = ".hotfolder-x";
    taken.model = "a\nb\033[31m";
    is_called(&bench, "A.JPG", &taken, "_hotfolder-x/NIKON a_b_[31m");
}

static void what_metadata_says_is_never_a_directory_of_ours(void **state)
{
    g_auto(Bench) bench = bench_new("{owner}/{camera}.{ext}", NULL, 0);
    Taken taken = nikon;

    (void) state;
    taken.owner = "ASCMHL";
    is_called(&bench, "A.JPG", &taken, "_ASCMHL/NIKON Z 9");
    taken.owner = "_cards";
    is_called(&bench, "A.JPG", &taken, "__cards/NIKON Z 9");
    taken.owner = "ascmhl2";
    is_called(&bench, "A.JPG", &taken, "ascmhl2/NIKON Z 9");
}

static void a_long_name_keeps_room_for_a_tail_and_a_suffix(void **state)
{
    g_auto(Bench) bench = bench_new("{day:%Y|undated}/{stem}.{ext}", NULL, 0);
    g_autofree char *long_stem = g_strnfill(240, 'x');
    g_autofree char *path = g_strconcat("DCIM/", long_stem, ".JPG", NULL);
    g_autofree char *other = g_strconcat("DCIM/", long_stem, "y.JPG", NULL);
    g_auto(Shot) shot = { 0 }, second = { 0 };

    (void) state;
    shot_begin(&shot, path, NULL, 0);
    read_and_name(&bench, &shot);
    const char *last = strrchr(shot.shot.stem, '/') + 1;
    assert_in_range(strlen(last), 200, 255 - 16 - 9);
    shot_begin(&second, other, NULL, 0);
    read_and_name(&bench, &second);
    assert_string_not_equal(shot.shot.stem, second.shot.stem);
}

static void a_name_that_says_too_much_is_cut_and_keeps_its_extension(void **state)
{
    g_auto(Bench) bench =
        bench_new("{owner}{owner}{owner}/{owner}{owner}{owner}-{stem}.{ext}", NULL, 0);
    g_autofree char *owner = g_strnfill(150, 'o');
    Taken one = nikon;

    (void) state;
    one.owner = owner;
    g_autoptr(GByteArray) jpeg = photo_jpeg(&one);
    g_auto(Shot) first = { 0 }, second = { 0 };
    shot_begin(&first, "DCIM/A.JPG", jpeg->data, jpeg->len);
    read_and_name(&bench, &first);
    shot_begin(&second, "DCIM/B.JPG", jpeg->data, jpeg->len);
    read_and_name(&bench, &second);
    assert_int_equal(strchr(first.shot.stem, '/') - first.shot.stem, 255);
    assert_int_equal(strlen(strchr(first.shot.stem, '/') + 1), 255 - 16 - 9);
    assert_string_not_equal(first.shot.stem, second.shot.stem);
}

/* ---- a worker that ends ---- */

static void a_name_that_cannot_be_compiled_is_an_error_of_the_configuration(void **state)
{
    g_auto(Bench) bench = bench_new("{width}.{ext}", NULL, 0);
    g_auto(Shot) shot = { 0 };
    g_autoptr(Error) error = NULL;

    (void) state;
    shot_begin(&shot, "DCIM/A.JPG", NULL, 0);
    assert_ok(namer_read(bench.namer, &shot.shot, -1, -1, &error), error);
    assert_false(namer_name(bench.namer, &shot.shot, -1, -1, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "{width}"));
}

/* ---- media ---- */

static void a_medium_is_matched_by_what_it_says(void **state)
{
    static const struct {
        const char *when;
        bool fits;
    } rows[] = {
        { "{matches(label, 'EOS*')}", true },
        { "{matches(label, 'NIKON*')}", false },
        { "{label == 'EOS_DIGITAL' and uuid == '1234-ABCD'}", true },
        { "{size > 32000000000}", true },
        { "removable", true },
        { "{not removable}", false },
        { "{maker == ''}", true },
    };
    const Medium medium = { .label = OWN("EOS_DIGITAL"),
                            .uuid = OWN("1234-ABCD"),
                            .size = INT64_C(64000000000),
                            .removable = true };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Bench) bench = bench_new(by_day, rows[i].when, 0);
        g_autoptr(Error) error = NULL;
        bool fits = !rows[i].fits;
        assert_ok(namer_fits(bench.namer, &medium, &fits, &error), error);
        if (fits != rows[i].fits)
            fail_msg("%s", rows[i].when);
    }
}

static void without_a_when_a_removable_medium_fits(void **state)
{
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);
    const Medium disk = { .removable = false }, card = { .removable = true };
    g_autoptr(Error) error = NULL;
    bool fits = false;

    (void) state;
    assert_true(namer_fits(bench.namer, &card, &fits, &error) && fits);
    assert_true(namer_fits(bench.namer, &disk, &fits, &error) && !fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_is_called_by_its_day_camera_and_number),
        cmocka_unit_test(a_capture_before_the_day_starts_belongs_to_the_day_before),
        cmocka_unit_test(a_day_starts_at_midnight_where_nothing_is_said),
        cmocka_unit_test(a_clock_is_put_right_by_the_serial_number_of_its_camera),
        cmocka_unit_test(a_camera_may_say_no_offset_no_fraction_and_no_date),
        cmocka_unit_test(digits_behind_the_point_of_a_second_are_nanoseconds),
        cmocka_unit_test(a_raw_and_a_thumbnail_are_read_as_a_photo_is),
        cmocka_unit_test(an_xmp_file_wins_over_what_the_picture_says),
        cmocka_unit_test(a_file_that_is_no_picture_has_a_name_all_the_same),
        cmocka_unit_test(a_picture_that_cannot_be_read_says_why),
        cmocka_unit_test(a_name_has_the_card_the_assignment_and_the_number),
        cmocka_unit_test(a_name_without_the_number_needs_none),
        cmocka_unit_test(a_name_says_what_the_file_is),
        cmocka_unit_test(what_metadata_says_chooses_no_directory),
        cmocka_unit_test(what_metadata_says_is_never_a_directory_of_ours),
        cmocka_unit_test(a_long_name_keeps_room_for_a_tail_and_a_suffix),
        cmocka_unit_test(a_name_that_says_too_much_is_cut_and_keeps_its_extension),
        cmocka_unit_test(a_name_that_cannot_be_compiled_is_an_error_of_the_configuration),
        cmocka_unit_test(a_medium_is_matched_by_what_it_says),
        cmocka_unit_test(without_a_when_a_removable_medium_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
