/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The codes of a JPEG, which we read by ourselves: the pixels are those that libvips has by
 * libjpeg, and damage among them does not pass. */
#include <string.h>
#include <unistd.h>

#include "actions/damage.h"
#include "actions/load_jpeg.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

/* As a camera sees it: codes of every length. */
static VipsImage *noisy(int width, int height, double sigma)
{
    g_autoptr(VipsImage) photo = picture_photo(width, height);
    g_autoptr(VipsImage) noise = NULL;
    g_autoptr(VipsImage) sum = NULL;
    VipsImage *out = NULL;

    assert_int_equal(vips_gaussnoise(&noise, width, height, "sigma", sigma, "seed", 7, NULL), 0);
    assert_int_equal(vips_add(photo, noise, &sum, NULL), 0);
    assert_int_equal(vips_cast_uchar(sum, &out, NULL), 0);
    vips_image_init_fields(out, width, height, 3, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
                           VIPS_INTERPRETATION_sRGB, 1, 1);
    return out;
}

/* The pixels, or NULL; `fd` is taken over. */
static VipsImage *ours(int fd, int shrink)
{
    g_autoptr(VipsSource) source = vips_source_new_from_descriptor(fd);
    g_autoptr(VipsImage) image = load_jpeg(source, shrink);

    close(fd);
    return image ? vips_image_copy_memory(image) : NULL;
}

static void is_as_libvips_reads_it(VipsImage *picture, const char *suffix, int shrink)
{
    int fd = picture_file(picture, suffix);
    g_autoptr(VipsSource) source = vips_source_new_from_descriptor(fd);
    g_autoptr(VipsImage) theirs = NULL;

    assert_int_equal(vips_jpegload_source(source, &theirs, "shrink", shrink, NULL), 0);
    g_autoptr(VipsImage) image = ours(fd, shrink);
    assert_non_null(image);
    const Distance distance = picture_distance(image, theirs);
    if (distance.most > 0)
        fail_msg("%d x %d, %s, shrink %d: differs by %g", picture->Xsize, picture->Ysize, suffix,
                 shrink, distance.most);
}

static void pixels_are_those_of_libjpeg(void **state)
{
    static const struct {
        int width, height;
        double sigma;
    } pictures[] = {
        { 2, 2, 20 }, { 17, 9, 60 }, { 301, 203, 0 }, { 301, 203, 15 }, { 333, 99, 90 }
    };
    static const char *const suffixes[] = {
        ".jpg[Q=5]",
        ".jpg[Q=50,subsample_mode=off]",
        ".jpg[Q=85,restart_interval=1]",
        ".jpg[Q=95,restart_interval=7,optimize_coding]",
        ".jpg[Q=100,subsample_mode=off,optimize_coding]",
        ".jpg[Q=100]",
        ".jpg[Q=90,interlace]",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        g_autoptr(VipsImage) picture =
            noisy(pictures[i].width, pictures[i].height, pictures[i].sigma);
        g_autoptr(VipsImage) grey = NULL;
        assert_int_equal(vips_extract_band(picture, &grey, 1, NULL), 0);
        for (size_t n = 0; n < G_N_ELEMENTS(suffixes); n++)
            for (int shrink = 1; shrink <= 2; shrink++) {
                is_as_libvips_reads_it(picture, suffixes[n], shrink);
                is_as_libvips_reads_it(grey, suffixes[n], shrink);
            }
    }
}

/* ---- damage ---- */

/* The bytes of a JPEG, in which others stand before its marker of that number. */
static GByteArray *with_before(const char *suffix, int marker, const void *bytes, guint count)
{
    g_autoptr(VipsImage) picture = noisy(301, 203, 30);
    int fd = picture_file(picture, suffix);
    g_autoptr(GBytes) whole = picture_read(fd);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(whole, &size);
    GByteArray *made = g_byte_array_new();
    guint at = 0;

    close(fd);
    while (data[at] != 0xff || data[at + 1] != marker)
        at++; /* they all have it */
    g_byte_array_append(made, data, at);
    g_byte_array_append(made, bytes, count);
    g_byte_array_append(made, data + at, (guint) size - at);
    return made;
}

/* Takes the bytes over. */
static VipsImage *read_bytes(GByteArray *bytes)
{
    VipsImage *image = ours(picture_bytes(bytes->data, bytes->len), 1);

    g_byte_array_unref(bytes);
    vips_error_clear();
    return image;
}

static void is_damaged(GByteArray *bytes, const char *word)
{
    const char *fix = NULL;

    damage_forget();
    assert_null(read_bytes(bytes));
    g_autofree char *said = damage_take(&fix);
    assert_non_null(said);
    if (!strstr(said, word))
        fail_msg("'%s' does not say '%s'", said, word);
}

static void data_that_does_not_fit_is_damage(void **state)
{
    static const char spare[] = "thirty bytes that no row uses.";
    enum { RST4 = 0xd4, EOI = 0xd9 };

    (void) state;
    is_damaged(with_before(".jpg[restart_interval=1]", RST4, spare, 30), "missing or damaged");
    is_damaged(with_before(".jpg[restart_interval=19]", RST4, spare, 30), "missing or damaged");
    is_damaged(with_before(".jpg", EOI, spare, 30), "does not fit");
}

static void a_code_that_no_table_has_is_damage(void **state)
{
    static const guint8 ones[] = { 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0 };
    GByteArray *bytes = with_before(".jpg[Q=95]", 0xd9, "", 0);

    (void) state;
    for (guint at = bytes->len / 2; at < bytes->len / 2 + 64; at += sizeof(ones))
        memcpy(bytes->data + at, ones, sizeof(ones));
    is_damaged(bytes, "missing or damaged");
}

static void a_marker_within_the_data_ends_it(void **state)
{
    static const guint8 end[] = { 0xff, 0xd9 };
    GByteArray *bytes = with_before(".jpg", 0xd9, "", 0);

    (void) state;
    memcpy(bytes->data + bytes->len / 2, end, sizeof(end));
    is_damaged(bytes, "ends early");
}

static void what_fills_up_is_no_damage(void **state)
{
    static const guint8 ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    static const struct {
        const void *bytes;
        guint count;
        int marker;
    } fills[] = { { ones, 10, 0xd9 }, { ones, 10, 0xd2 }, { "few", 3, 0xd9 }, { "few", 3, 0xd2 } };
    g_autoptr(VipsImage) plain = read_bytes(with_before(".jpg[restart_interval=5]", 0xd9, "", 0));

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(fills); i++) {
        g_autoptr(VipsImage) image = read_bytes(with_before(
            ".jpg[restart_interval=5]", fills[i].marker, fills[i].bytes, fills[i].count));
        assert_non_null(image);
        assert_true(picture_distance(image, plain).most == 0);
    }
}

static void a_number_of_a_table_that_cannot_be_is_refused(void **state)
{
    enum { SOS = 0xda, TABLES_OF_FIRST = 6 };
    GByteArray *bytes = with_before(".jpg", SOS, "", 0);
    guint at = 0;

    (void) state;
    while (bytes->data[at] != 0xff || bytes->data[at + 1] != SOS)
        at++;
    bytes->data[at + TABLES_OF_FIRST] = 0x0f;
    assert_null(read_bytes(bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_those_of_libjpeg),
        cmocka_unit_test(data_that_does_not_fit_is_damage),
        cmocka_unit_test(a_code_that_no_table_has_is_damage),
        cmocka_unit_test(a_marker_within_the_data_ends_it),
        cmocka_unit_test(what_fills_up_is_no_damage),
        cmocka_unit_test(a_number_of_a_table_that_cannot_be_is_refused),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_jpeg", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("jpeg", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
