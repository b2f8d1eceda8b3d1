/* What each action does to a picture, by its pixels. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static const double white[] = { 255, 255, 255, 255 };
static const double red[] = { 200, 30, 30, 255 };
static const double clear[] = { 0, 0, 0, 0 };

/* `step` on `in` (taken over) as a PNG. */
static VipsImage *done(VipsImage *in, const char *step)
{
    g_autoptr(VipsImage) picture = in;

    return desk_apply(picture_file(picture, ".png"), step);
}

static void is_of_size(VipsImage *image, int width, int height, const char *what)
{
    if (image->Xsize != width || image->Ysize != height)
        fail_msg("%s: %d x %d, not %d x %d", what, image->Xsize, image->Ysize, width, height);
}

/* --- scale and fit --- */

static void scale_makes_the_size_that_was_asked_for(void **state)
{
    static const struct {
        const char *step;
        int width, height;
    } rows[] = {
        { "scale { width = 100 height = 100 }", 100, 67 },
        { "scale { width = 150 }", 150, 100 },
        { "scale { height = 100 }", 150, 100 },
        { "scale { width = 50% }", 150, 100 },
        { "scale { width = 50% height = 10% }", 30, 20 },
        { "scale { width = 1000 height = 1000 }", 300, 200 },
        { "scale { width = 600 height = 600 enlarge = yes }", 600, 400 },
        { "scale { width = 200% enlarge = yes }", 600, 400 },
        { "scale { width = 100 height = 100 keep = no }", 100, 100 },
        { "scale { width = 100 keep = no }", 100, 200 },
        { "scale { width = 900 height = 50 keep = no }", 300, 50 },
        { "scale { width = 900 height = 50 keep = no enlarge = yes }", 900, 50 },
        { "scale { width = 1 }", 1, 1 },
        { "scale { width = 300 } scale { width = 299 }", 299, 199 },
        { "scale { width = 37 height = 999 } scale { width = 36 }", 36, 24 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(VipsImage) photo = picture_photo(300, 200);
        g_autoptr(VipsImage) by_png = desk_apply(picture_file(photo, ".png"), rows[i].step);
        g_autoptr(VipsImage) by_jpeg = desk_apply(picture_file(photo, ".jpg"), rows[i].step);
        is_of_size(by_png, rows[i].width, rows[i].height, rows[i].step);
        is_of_size(by_jpeg, rows[i].width, rows[i].height, rows[i].step);
    }
}

static void shrinking_in_the_decoder_gives_the_same_size(void **state)
{
    static const int widths[] = { 1601, 1600, 1599, 1023 };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++)
        for (int side = 40; side <= 800; side += 95) {
            g_autoptr(VipsImage) photo = picture_photo(widths[i], 777);
            g_autofree char *step = g_strdup_printf("scale { width = %d }", side);
            g_autoptr(VipsImage) made = desk_apply(picture_file(photo, ".jpg[Q=60]"), step);
            is_of_size(made, side, (int) (777.0 * side / widths[i] + 0.5), step);
        }
}

static void transparent_colours_do_not_bleed(void **state)
{
    g_autofree unsigned char *values = g_malloc0(64 * 64 * 4);

    (void) state;
    for (int i = 0; i < 64 * 64; i++) { /* red left, and right a green that nobody sees */
        bool left = i % 64 < 32;
        values[i * 4 + (left ? 0 : 1)] = 255;
        values[i * 4 + 3] = left ? 255 : 0;
    }
    g_autoptr(VipsImage) raw =
        vips_image_new_from_memory_copy(values, 64 * 64 * 4, 64, 64, 4, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) rgba = NULL;
    assert_int_equal(vips_copy(raw, &rgba, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    g_autoptr(VipsImage) made = desk_apply(picture_file(rgba, ".png"), "scale { width = 7 }");
    assert_in_range(picture_at(made, 3, 3, 3), 60, 200); /* the edge is half there */
    assert_in_range(picture_at(made, 3, 3, 1), 0, 8);
    assert_in_range(picture_at(made, 3, 3, 0), 240, 255);
}

static void fit_fills_the_size_exactly(void **state)
{
    static const char *const places[] = { "centre",       "top",       "bottom",
                                          "left",         "right",     "top-left",
                                          "bottom-right", "attention", "entropy" };
    static const int sizes[][2] = { { 100, 100 }, { 33, 100 }, { 100, 33 }, { 700, 500 } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
        for (size_t n = 0; n < G_N_ELEMENTS(sizes); n++) {
            g_autofree char *step = g_strdup_printf("fit { width = %d height = %d where = %s }",
                                                    sizes[n][0], sizes[n][1], places[i]);
            g_autoptr(VipsImage) made = done(picture_photo(300, 200), step);
            is_of_size(made, sizes[n][0], sizes[n][1], step);
        }
}

/* A row of three squares, red, white and red again, or a column of them. */
static VipsImage *three(bool column)
{
    g_autoptr(VipsImage) a = picture_plain(30, 30, 3, red);
    g_autoptr(VipsImage) b = picture_plain(30, 30, 3, white);
    g_autoptr(VipsImage) c = picture_plain(30, 30, 3, clear);
    VipsImage *parts[] = { a, b, c };
    VipsImage *out = NULL;

    assert_int_equal(vips_arrayjoin(parts, &out, 3, "across", column ? 1 : 3, NULL), 0);
    return out;
}

static void fit_keeps_the_part_that_was_asked_for(void **state)
{
    static const struct {
        const char *where;
        int across, down; /* the red value of what stays, in a row and in a column */
    } rows[] = {
        { "centre", 255, 255 },  { "top", 255, 200 },       { "bottom", 255, 0 },
        { "left", 200, 255 },    { "right", 0, 255 },       { "top-left", 200, 200 },
        { "top-right", 0, 200 }, { "bottom-left", 200, 0 }, { "bottom-right", 0, 0 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *step =
            g_strdup_printf("fit { width = 30 height = 30 where = %s }", rows[i].where);
        g_autoptr(VipsImage) row = done(three(false), step);
        g_autoptr(VipsImage) column = done(three(true), step);
        assert_int_equal(picture_at(row, 15, 15, 0), rows[i].across);
        assert_int_equal(picture_at(column, 15, 15, 0), rows[i].down);
    }
}

/* --- crop --- */

static void crop_takes_off_what_was_asked_for(void **state)
{
    static const struct {
        const char *step;
        int width, height;
    } rows[] = {
        { "crop { all = 10 }", 280, 180 },
        { "crop { all = 10% }", 240, 160 },
        { "crop { left = 50 }", 250, 200 },
        { "crop { top = 25% bottom = 25% }", 300, 100 },
        { "crop { all = 10 right = 5 }", 275, 180 },
    };
    g_autoptr(VipsImage) photo = picture_photo(300, 200);
    g_autoptr(VipsImage) shifted = done(picture_photo(300, 200), "crop { left = 50 top = 20 }");

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(VipsImage) made = done(picture_photo(300, 200), rows[i].step);
        is_of_size(made, rows[i].width, rows[i].height, rows[i].step);
    }
    assert_int_equal(picture_at(shifted, 3, 4, 1), picture_at(photo, 53, 24, 1));
}

static void a_crop_that_leaves_nothing_is_an_error(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(20, 20);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_false(
        desk_run(desk, picture_file(photo, ".png"), "crop { all = 10px } save {}", &error));
    assert_int_equal(error->kind, ERROR_IMAGE);
    assert_string_equal(error->where, "step 1 (crop), desk.conf:2");
}

/* A dot of one pixel on a plain ground. */
static VipsImage *with_dot(const double *ground, const double *dot, int bands, int x, int y)
{
    g_autoptr(VipsImage) plain = picture_plain(80, 60, bands, ground);
    g_autoptr(VipsImage) spot = picture_plain(1, 1, bands, dot);
    VipsImage *out = NULL;

    assert_int_equal(vips_insert(plain, spot, &out, x, y, NULL), 0);
    return out;
}

static void trim_finds_a_single_pixel(void **state)
{
    static const int places[][2] = { { 40, 30 }, { 1, 1 }, { 78, 1 }, { 40, 58 } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        int x = places[i][0];
        int y = places[i][1];
        g_autoptr(VipsImage) plain =
            done(with_dot(white, red, 3, x, y), "crop { mode = trim tolerance = 0 }");
        g_autoptr(VipsImage) transparent =
            done(with_dot(clear, red, 4, x, y), "crop { mode = trim }");
        is_of_size(plain, 1, 1, "a dot on white");
        is_of_size(transparent, 1, 1, "a dot on nothing");
        assert_int_equal(picture_at(plain, 0, 0, 0), 200);
    }
}

static void trim_keeps_what_differs_more_than_the_tolerance(void **state)
{
    const double nearly[] = { 250, 255, 255 };
    g_autoptr(VipsImage) within =
        done(with_dot(white, nearly, 3, 40, 30), "crop { mode = trim tolerance = 5 }");
    g_autoptr(VipsImage) beyond =
        done(with_dot(white, nearly, 3, 40, 30), "crop { mode = trim tolerance = 4 }");

    (void) state;
    is_of_size(within, 80, 60, "nothing but border stays as it is");
    is_of_size(beyond, 1, 1, "a faint dot");
}

static void trim_leaves_a_photo_alone(void **state)
{
    g_autoptr(VipsImage) photo = done(picture_photo(80, 60), "crop { mode = trim }");
    g_autoptr(VipsImage) drawing = done(picture_drawing(80, 60), "crop { mode = trim }");

    (void) state;
    is_of_size(photo, 80, 60, "a photo");
    assert_true(drawing->Xsize < 60); /* the circle */
}

static void trim_finds_a_scan_in_the_corner(void **state)
{
    g_autoptr(VipsImage) ground = picture_plain(80, 60, 3, white);
    g_autoptr(VipsImage) scan = picture_plain(50, 40, 3, red);
    VipsImage *bed = NULL;

    (void) state;
    assert_int_equal(vips_insert(ground, scan, &bed, 0, 0, NULL), 0);
    g_autoptr(VipsImage) made = done(bed, "crop { mode = trim }");
    is_of_size(made, 50, 40, "a scan that lies in the first corner");
}

/* --- sharpen, round, watermark --- */

static void sharpen_lifts_edges_only(void **state)
{
    g_autoptr(VipsImage) plain = done(picture_plain(40, 40, 3, red), "sharpen { edges = 9 }");
    g_autoptr(VipsImage) soft = done(three(false), "scale { width = 89 }");
    g_autoptr(VipsImage) sharp = done(three(false), "scale { width = 89 } sharpen { edges = 9 }");
    g_autoptr(VipsImage) drawing = picture_drawing(60, 40);
    g_autoptr(VipsImage) alpha = done(picture_drawing(60, 40), "sharpen {}");

    (void) state;
    assert_in_range(picture_at(plain, 20, 20, 0), 199, 201);
    assert_true(picture_distance(soft, sharp).most > 0);
    assert_int_equal(alpha->Bands, 4);
    for (int x = 0; x < 60; x++)
        assert_int_equal(picture_at(alpha, x, 20, 3), picture_at(drawing, x, 20, 3));
}

static void round_takes_off_only_the_corners(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(200, 100);
    g_autoptr(VipsImage) made = done(picture_photo(200, 100), "round { radius = 20 }");

    (void) state;
    assert_int_equal(made->Bands, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(picture_at(made, i % 2 ? 199 : 0, i / 2 ? 99 : 0, 3), 0);
    assert_int_equal(picture_at(made, 20, 0, 3), 255);
    assert_int_equal(picture_at(made, 0, 20, 3), 255);
    assert_int_equal(picture_at(made, 7, 7, 3), 255);
    assert_in_range(picture_at(made, 5, 6, 3), 1, 254); /* a soft edge */
    for (int x = 0; x < 200; x += 7)
        for (int band = 0; band < 3; band++)
            assert_int_equal(picture_at(made, x, 50, band), picture_at(photo, x, 50, band));
}

static void round_has_a_form_for_each_corner(void **state)
{
    g_autoptr(VipsImage) made =
        done(picture_photo(200, 100), "round { radius = 30 method = square top_right = cut "
                                      "bottom_left = round }");

    (void) state;
    assert_int_equal(picture_at(made, 0, 0, 3), 255);    /* square */
    assert_int_equal(picture_at(made, 199, 99, 3), 255); /* square */
    assert_int_equal(picture_at(made, 188, 11, 3), 0);   /* cut: a circle would reach here */
    assert_int_equal(picture_at(made, 11, 88, 3), 255);  /* round */
    assert_int_equal(picture_at(made, 2, 97, 3), 0);
}

static void round_with_half_the_side_makes_a_circle(void **state)
{
    g_autoptr(VipsImage) made = done(picture_plain(101, 101, 3, red), "round { radius = 50% }");
    double covered = 0;
    g_autoptr(VipsImage) alpha = NULL;

    (void) state;
    assert_int_equal(vips_extract_band(made, &alpha, 3, NULL) || vips_avg(alpha, &covered, NULL),
                     0);
    assert_true(ABS(covered / 255 - G_PI / 4) < 0.002);
}

static void round_fills_the_corners_and_leaves_the_rest(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(100, 100);
    g_autoptr(VipsImage) solid =
        done(picture_photo(100, 100), "round { radius = 20 background = \"#102030\" }");
    g_autoptr(VipsImage) half =
        done(picture_photo(100, 100), "round { radius = 20 background = \"#10203080\" }");
    g_autoptr(VipsImage) drawing = picture_drawing(100, 100);
    g_autoptr(VipsImage) through =
        done(picture_drawing(100, 100), "round { radius = 5 background = \"#102030\" }");

    (void) state;
    assert_int_equal(solid->Bands, 3);
    assert_int_equal(picture_at(solid, 0, 0, 0), 0x10);
    assert_int_equal(picture_at(solid, 99, 99, 2), 0x30);
    assert_in_range(picture_at(half, 0, 0, 3), 0x7f, 0x81);
    assert_in_range(picture_at(half, 0, 0, 2), 0x2f, 0x31);
    for (int i = 0; i < 100; i++) {
        assert_in_range(picture_at(solid, i, 50, 1), picture_at(photo, i, 50, 1) - 1,
                        picture_at(photo, i, 50, 1) + 1);
        assert_int_equal(picture_at(half, i, 50, 3), 255);
        assert_int_equal(picture_at(through, i, 50, 3), picture_at(drawing, i, 50, 3));
    }
}

static char *mark; /* path: a red square, half of it clear */

static VipsImage *marked(VipsImage *in, const char *settings)
{
    g_autofree char *step = g_strdup_printf("watermark { file = \"%s\" %s }", mark, settings);

    return done(in, step);
}

static void a_watermark_sits_where_it_should(void **state)
{
    static const struct {
        const char *place;
        int x, y; /* a pixel inside the mark's opaque half; the mark is 20 x 20, the margin 10 */
    } rows[] = {
        { "top-left", 12, 12 },    { "top", 92, 12 },    { "top-right", 172, 12 },
        { "left", 12, 42 },        { "centre", 92, 42 }, { "right", 172, 42 },
        { "bottom-left", 12, 72 }, { "bottom", 92, 72 }, { "bottom-right", 172, 72 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *settings =
            g_strdup_printf("width = 20 margin = 10 opacity = 100 place = %s", rows[i].place);
        g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white), settings);
        assert_int_equal(made->Bands, 3);
        for (size_t n = 0; n < G_N_ELEMENTS(rows); n++)
            assert_int_equal(picture_at(made, rows[n].x, rows[n].y, 1), n == i ? 30 : 255);
        assert_int_equal(picture_at(made, rows[i].x - 3, rows[i].y, 1), 255);  /* outside */
        assert_int_equal(picture_at(made, rows[i].x + 14, rows[i].y, 1), 255); /* its clear half */
    }
}

static void opacity_lets_the_photo_through(void **state)
{
    g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white),
                                       "width = 20 margin = 10 opacity = 50 place = left");
    g_autoptr(VipsImage) none = marked(picture_plain(200, 100, 3, white),
                                       "width = 20 margin = 10 opacity = 0 place = left");

    (void) state;
    assert_in_range(picture_at(made, 14, 45, 1), 140, 145);
    assert_int_equal(picture_at(none, 14, 45, 1), 255);
}

static void a_faint_mark_makes_no_holes_in_an_opaque_picture(void **state)
{
    g_autoptr(VipsImage) made =
        marked(picture_plain(200, 100, 4, white), "width = 90% opacity = 30 place = centre");

    (void) state;
    assert_int_equal(made->Bands, 4);
    for (int x = 0; x < 200; x++)
        assert_int_equal(picture_at(made, x, 50, 3), 255);
}

static void a_mark_is_tiled_over_everything(void **state)
{
    g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white),
                                       "method = tile width = 20 margin = 0 opacity = 100");

    (void) state;
    is_of_size(made, 200, 100, "tiled");
    for (int x = 2; x < 200; x += 20)
        for (int y = 2; y < 100; y += 20) {
            assert_int_equal(picture_at(made, x, y, 1), 30);
            assert_int_equal(picture_at(made, x + 14, y, 1), 255);
        }
}

static void a_mark_is_scaled_to_fill(void **state)
{
    g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white),
                                       "method = scale margin = 10 opacity = 100 place = centre");
    g_autoptr(VipsImage) tiny =
        marked(picture_plain(3, 3, 3, white), "method = scale margin = 50% opacity = 100");
    g_autoptr(VipsImage) huge =
        marked(picture_plain(20, 10, 3, white), "width = 5000 margin = 0 opacity = 100");

    (void) state;
    assert_int_equal(picture_at(made, 65, 50, 1), 30); /* 80 x 80, in the middle */
    assert_int_equal(picture_at(made, 55, 50, 1), 255);
    assert_int_equal(picture_at(made, 65, 5, 1), 255);
    is_of_size(tiny, 3, 3, "smaller than the margin");
    is_of_size(huge, 20, 10, "smaller than the mark");
}

static void a_mark_brings_none_of_its_metadata(void **state)
{
    g_autoptr(VipsImage) plain = picture_plain(40, 40, 3, red);
    g_autoptr(VipsImage) photo = picture_with_metadata(plain, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("photo-XXXXXX.jpg", &path, &error);

    (void) state;
    close(fd);
    assert_int_equal(vips_jpegsave(photo, path, NULL), 0);
    g_autofree char *step = g_strdup_printf("watermark { file = \"%s\" }", path);
    g_autoptr(VipsImage) made = done(picture_plain(200, 100, 3, white), step);
    unlink(path);
    assert_false(vips_image_get_typeof(made, VIPS_META_ICC_NAME));
    assert_false(vips_image_get_typeof(made, "exif-ifd0-Make"));
    assert_false(vips_image_get_typeof(made, VIPS_META_XMP_NAME));
}

/* --- save --- */

static void jpeg_gets_a_ground_under_what_is_transparent(void **state)
{
    g_autoptr(VipsImage) drawing = picture_drawing(80, 60);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, picture_file(drawing, ".png"),
                         "save { name = \"a.jpg\" } save { name = \"b.jpg\" background = "
                         "\"#ff0000\" quality = 95 } save { name = \"c.webp\" lossless = yes }",
                         &error));
    g_autoptr(VipsImage) on_white = desk_output(desk, 0);
    g_autoptr(VipsImage) on_red = desk_output(desk, 1);
    g_autoptr(VipsImage) kept = desk_output(desk, 2);
    assert_int_equal(on_white->Bands, 3);
    assert_in_range(picture_at(on_white, 1, 1, 1), 250, 255);
    assert_in_range(picture_at(on_red, 1, 1, 0), 245, 255);
    assert_in_range(picture_at(on_red, 1, 1, 1), 0, 8);
    assert_int_equal(kept->Bands, 4);
    assert_int_equal(picture_at(kept, 1, 1, 3), 0);
}

static void a_picture_is_saved_more_than_once(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(900, 600);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, picture_file(photo, ".jpg"),
                         "upright {} scale { width = 300 } save { name = \"a.jpg\" }"
                         "fit { width = 50 height = 50 } save { name = \"b.png\" exists = skip }"
                         "save { name = \"c.tif\" exists = replace compression = jpeg }",
                         &error));
    assert_int_equal(desk->files->len, 3);
    assert_int_equal(desk->exists, OUTPUT_REPLACE);
    for (guint i = 0; i < 3; i++) {
        g_autoptr(VipsImage) saved = desk_output(desk, i);
        is_of_size(saved, i ? 50 : 300, i ? 50 : 200, desk->names->pdata[i]);
    }
}

static void what_is_there_already_is_skipped(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    desk->skips = true;
    assert_true(desk_run(desk, picture_file(photo, ".jpg"),
                         "save { name = \"a.jpg\" exists = skip } scale { width = 9 } save {}",
                         &error));
    assert_int_equal(desk->names->len, 2);
    assert_int_equal(desk->files->len, 0);
}

static void a_picture_too_large_for_its_format_is_an_error(void **state)
{
    g_autoptr(VipsImage) wide = picture_plain(17000, 2, 3, red);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_false(desk_run(desk, picture_file(wide, ".png"), "save { name = \"a.webp\" }", &error));
    assert_int_equal(error->kind, ERROR_IMAGE);
    assert_non_null(strstr(error->what, "at most 16383"));
}

static bool full_disk(void *user, const char *name G_GNUC_UNUSED, unsigned exists G_GNUC_UNUSED,
                      int *fd, Error **err G_GNUC_UNUSED)
{
    *fd = dup(*(int *) user);
    return true;
}

static void a_full_disk_is_the_worlds_fault(void **state)
{
    static const char *const names[] = { "a.jpg", "a.png", "a.webp", "a.tif", "a.avif" };
    g_autoptr(VipsImage) photo = picture_photo(400, 300);
    int full = open("/dev/full", O_RDWR | O_CLOEXEC);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const Origin origin = { "web", "inbox", "", "x.jpg", 0 };
        const Outputs outputs = { &full, full_disk, NULL };
        g_autofree char *steps = g_strdup_printf("save { name = \"%s\" }", names[i]);
        g_autoptr(GPtrArray) profiles = desk_profiles(steps);
        g_autoptr(Error) error = NULL;
        const Profile *profile = profiles->pdata[0];
        g_autoptr(Image) image = image_open(picture_file(photo, ".jpg"), &origin, &outputs, &error);
        const Step *step = &g_array_index(profile->steps, Step, 0);
        if (step->action->apply(step->settings, image, &error))
            fail_msg("%s: nobody noticed", names[i]);
        if (error->kind != ERROR_WORLD)
            fail_msg("%s: %s: %s", names[i], error_kind_word(error->kind), error->what);
    }
    close(full);
}

static int set_up(void **state)
{
    g_autoptr(VipsImage) left = picture_plain(20, 40, 4, red);
    g_autoptr(VipsImage) right = picture_plain(20, 40, 4, clear);
    g_autoptr(VipsImage) whole = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("mark-XXXXXX.png", &mark, &error);

    (void) state;
    if (fd < 0)
        return -1;
    close(fd);
    return vips_join(left, right, &whole, VIPS_DIRECTION_HORIZONTAL, NULL) ||
           vips_pngsave(whole, mark, NULL);
}

static int tear_down(void **state)
{
    (void) state;
    unlink(mark);
    g_free(mark);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scale_makes_the_size_that_was_asked_for),
        cmocka_unit_test(shrinking_in_the_decoder_gives_the_same_size),
        cmocka_unit_test(transparent_colours_do_not_bleed),
        cmocka_unit_test(fit_fills_the_size_exactly),
        cmocka_unit_test(fit_keeps_the_part_that_was_asked_for),
        cmocka_unit_test(crop_takes_off_what_was_asked_for),
        cmocka_unit_test(a_crop_that_leaves_nothing_is_an_error),
        cmocka_unit_test(trim_finds_a_single_pixel),
        cmocka_unit_test(trim_keeps_what_differs_more_than_the_tolerance),
        cmocka_unit_test(trim_leaves_a_photo_alone),
        cmocka_unit_test(trim_finds_a_scan_in_the_corner),
        cmocka_unit_test(sharpen_lifts_edges_only),
        cmocka_unit_test(round_takes_off_only_the_corners),
        cmocka_unit_test(round_has_a_form_for_each_corner),
        cmocka_unit_test(round_with_half_the_side_makes_a_circle),
        cmocka_unit_test(round_fills_the_corners_and_leaves_the_rest),
        cmocka_unit_test(a_watermark_sits_where_it_should),
        cmocka_unit_test(opacity_lets_the_photo_through),
        cmocka_unit_test(a_faint_mark_makes_no_holes_in_an_opaque_picture),
        cmocka_unit_test(a_mark_is_tiled_over_everything),
        cmocka_unit_test(a_mark_is_scaled_to_fill),
        cmocka_unit_test(a_mark_brings_none_of_its_metadata),
        cmocka_unit_test(jpeg_gets_a_ground_under_what_is_transparent),
        cmocka_unit_test(a_picture_is_saved_more_than_once),
        cmocka_unit_test(what_is_there_already_is_skipped),
        cmocka_unit_test(a_picture_too_large_for_its_format_is_an_error),
        cmocka_unit_test(a_full_disk_is_the_worlds_fault),
    };
    g_autoptr(Error) error = NULL;

    if (!image_start("test_steps", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("steps", tests, set_up, tear_down);
    image_stop();
    return failed;
}
