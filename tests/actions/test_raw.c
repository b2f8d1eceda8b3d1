/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Camera RAW: where its previews lie, and as what it is opened. tests/foreign/raws.py compares its
 * pixels with what others make of it. */
#include "actions/blocks_raw.h"
#include "actions/image.h"
#include "actions/raw_previews.h"
#include "tests/actions/check.h"
#include "tests/actions/dng.h"
#include "tests/actions/pictures.h"

static GBytes *jpeg_of(int width, int height, const char *how)
{
    g_autoptr(VipsImage) photo = picture_photo(width, height);

    return picture_read(picture_file(photo, how));
}

/* ---- previews ---- */

static GArray *found_in(GByteArray *file)
{
    static Bytes bytes;

    bytes_begin_memory(&bytes, file->data, file->len);
    return raw_previews_find(&bytes);
}

static void assert_found(GArray *previews, guint which, GByteArray *file, GBytes *jpeg)
{
    const RawPreview *preview = &g_array_index(previews, RawPreview, which);

    assert_true(which < previews->len);
    assert_int_equal(preview->length, g_bytes_get_size(jpeg));
    assert_memory_equal(file->data + preview->at, g_bytes_get_data(jpeg, NULL), preview->length);
}

static void the_preview_of_a_dng_is_found(void **state)
{
    g_autoptr(GBytes) jpeg = jpeg_of(60, 40, ".jpg"), slow = jpeg_of(60, 40, ".jpg[interlace]");
    const Dng plain = { 120, 80, .preview = jpeg }, progressive = { 120, 80, .preview = slow };
    g_autoptr(GByteArray) file = dng_file(&plain), other = dng_file(&progressive);
    g_autoptr(GArray) previews = found_in(file), others = found_in(other);

    (void) state;
    assert_int_equal(previews->len, 1);
    assert_found(previews, 0, file, jpeg);
    assert_found(others, 0, other, slow);
    assert_int_equal(g_array_index(previews, RawPreview, 0).width, 60);
    assert_int_equal(g_array_index(previews, RawPreview, 0).height, 40);
    assert_false(g_array_index(previews, RawPreview, 0).progressive);
    assert_true(g_array_index(others, RawPreview, 0).progressive);
}

/* The sensor's own pixels may be coded as JPEG: without losses, of 12 bits. */
static void what_no_viewer_shows_is_no_preview(void **state)
{
    static const unsigned char lossless = 0xc3, twelve = 12;
    g_autoptr(GBytes) jpeg = jpeg_of(60, 40, ".jpg");
    const Dng dng = { 120, 80, .preview = jpeg };
    g_autoptr(GByteArray) file = dng_file(&dng), deep = dng_file(&dng), cut = dng_file(&dng);
    g_autoptr(GArray) before = found_in(file);
    guchar *frame = memmem(file->data + g_array_index(before, RawPreview, 0).at,
                           g_bytes_get_size(jpeg), "\xff\xc0\0\x11", 4);

    (void) state;
    assert_non_null(frame);
    deep->data[frame - file->data + 4] = twelve;
    frame[1] = lossless;
    g_autoptr(GArray) none = found_in(file), neither = found_in(deep);
    assert_int_equal(none->len + neither->len, 0);
    g_byte_array_set_size(cut, (guint) g_array_index(before, RawPreview, 0).at + 100);
    g_autoptr(GArray) lost = found_in(cut);
    assert_int_equal(lost->len, 0);
}

/* Fuji's has a header of its own. */
static void the_preview_of_a_raf_is_found(void **state)
{
    g_autoptr(GBytes) jpeg = jpeg_of(60, 40, ".jpg");
    g_autoptr(GByteArray) file = g_byte_array_new();
    guint32 where[] = { GUINT32_TO_BE(148), GUINT32_TO_BE((guint32) g_bytes_get_size(jpeg)) };

    (void) state;
    g_byte_array_append(file, (const guint8 *) "FUJIFILMCCD-RAW 0201", 20);
    g_byte_array_set_size(file, 148);
    memset(file->data + 20, 0, 128);
    memcpy(file->data + 84, where, sizeof(where));
    g_byte_array_append(file, g_bytes_get_data(jpeg, NULL), (guint) g_bytes_get_size(jpeg));
    g_autoptr(GArray) previews = found_in(file);
    assert_int_equal(previews->len, 1);
    assert_found(previews, 0, file, jpeg);
}

static void append_be(GByteArray *to, guint32 number)
{
    const guint32 big = GUINT32_TO_BE(number);

    g_byte_array_append(to, (const guint8 *) &big, sizeof(big));
}

/* A box, which takes over what is in it. */
static GByteArray *box(const char *type, GByteArray *content)
{
    GByteArray *out = g_byte_array_new();

    append_be(out, 8 + content->len);
    g_byte_array_append(out, (const guint8 *) type, 4);
    g_byte_array_append(out, content->data, content->len);
    g_byte_array_unref(content);
    return out;
}

static GByteArray *numbers(guint count, ...)
{
    GByteArray *out = g_byte_array_new();
    va_list args;

    va_start(args, count);
    for (guint i = 0; i < count; i++)
        append_be(out, va_arg(args, guint32));
    va_end(args);
    return out;
}

static GByteArray *joined(GByteArray *first, GByteArray *second)
{
    g_byte_array_append(first, second->data, second->len);
    g_byte_array_unref(second);
    return first;
}

static GByteArray *bytes_of(GBytes *bytes)
{
    GByteArray *out = g_byte_array_new();

    return g_byte_array_append(out, g_bytes_get_data(bytes, NULL), (guint) g_bytes_get_size(bytes));
}

/* Canon's CR3 has one in a box, and a larger one as the only picture of a film. */
static void both_previews_of_a_cr3_are_found(void **state)
{
    enum { LARGE_AT = 40 };
    g_autoptr(GBytes) small = jpeg_of(60, 40, ".jpg"), large = jpeg_of(120, 80, ".jpg");
    guint32 lengths[] = { (guint32) g_bytes_get_size(small), (guint32) g_bytes_get_size(large) };
    g_autoptr(GByteArray) file = g_byte_array_new();
    GByteArray *table = joined(box("stsz", numbers(3, 0, lengths[1], 1)),
                               box("co64", numbers(4, 0, 1, 0, LARGE_AT)));
    GByteArray *film = box("moov", box("trak", box("mdia", box("minf", box("stbl", table)))));
    GByteArray *shown =
        joined(numbers(6, 0xeaf42b5e, 0x1c984b88, 0xb9fbb7dc, 0x406e4d16, 0, 1),
               box("PRVW", joined(numbers(4, 0, 1, 60U << 16 | 40, lengths[0]), bytes_of(small))));

    (void) state;
    g_byte_array_append(file,
                        (const guint8 *) "\0\0\0\x18"
                                         "ftypcrx \0\0\0\1crx isom",
                        24);
    append_be(file, 0x10 + lengths[1]);
    g_byte_array_append(file, (const guint8 *) "mdat\0\0\0\0\0\0\0\0", 12);
    assert_int_equal(file->len, LARGE_AT);
    g_byte_array_append(file, g_bytes_get_data(large, NULL), lengths[1]);
    file = joined(file, film);
    file = joined(file, box("uuid", shown));
    g_autoptr(GArray) previews = found_in(file);
    assert_int_equal(previews->len, 2);
    assert_found(previews, 0, file, small);
    assert_found(previews, 1, file, large);
}

/* ---- metadata ---- */

/* A TIFF structure of one text. */
static GByteArray *tiff_of(guint16 tag, const char *text)
{
    enum { ASCII = 2, TEXT_AT = 26 };
    GByteArray *out = g_byte_array_new();
    const guint16 entry[] = { GUINT16_TO_LE(1), GUINT16_TO_LE(tag), GUINT16_TO_LE(ASCII) };
    const guint32 rest[] = { GUINT32_TO_LE((guint32) strlen(text) + 1), GUINT32_TO_LE(TEXT_AT), 0 };

    g_byte_array_append(out, (const guint8 *) "II*\0\x08\0\0\0", 8);
    g_byte_array_append(out, (const guint8 *) entry, sizeof(entry));
    g_byte_array_append(out, (const guint8 *) rest, sizeof(rest));
    assert_int_equal(out->len, TEXT_AT);
    return g_byte_array_append(out, (const guint8 *) text, (guint) strlen(text) + 1);
}

static void a_cr3_says_in_boxes_what_others_say_in_tags(void **state)
{
    static const char xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";
    GByteArray *parts = joined(box("CMT1", tiff_of(272, "Acme X1")),
                               joined(box("CMT2", tiff_of(36867, "2026:05:04 03:02:01")),
                                      box("CMT4", tiff_of(29, "2026:05:04"))));
    GByteArray *all =
        box("uuid", joined(numbers(4, 0x85c0b687, 0x820f11e0, 0x8111f4ce, 0x462b6a48), parts));
    GByteArray *said =
        joined(numbers(4, 0xbe7acfcb, 0x97a942e8, 0x9c719994, 0x91e3afac),
               g_byte_array_append(g_byte_array_new(), (const guint8 *) xmp, sizeof(xmp) - 1));
    g_autoptr(GByteArray) file = g_byte_array_new();
    MetadataBlocks blocks = { 0 };
    static Bytes bytes;

    (void) state;
    g_byte_array_append(file,
                        (const guint8 *) "\0\0\0\x18"
                                         "ftypcrx \0\0\0\1crx isom",
                        24);
    file = joined(file, joined(box("moov", all), box("uuid", said)));
    bytes_begin_memory(&bytes, file->data, file->len);
    blocks_raw_read(&bytes, &blocks);
    g_autofree char *camera = blocks_raw_camera(&blocks);
    assert_string_equal(camera, "Acme X1");
    assert_int_equal(g_bytes_get_size(blocks.xmp), sizeof(xmp) - 1);
    g_autoptr(Metadata) metadata = metadata_new(&blocks);
    g_autofree char *taken = metadata_text(metadata, "Exif.Photo.DateTimeOriginal");
    g_autofree char *day = metadata_text(metadata, "Exif.GPSInfo.GPSDateStamp");
    assert_string_equal(taken, "2026:05:04 03:02:01");
    assert_string_equal(day, "2026:05:04");
}

/* ---- as what it is opened ---- */

static Image *opened(const Dng *dng, RawUse use, Error **err)
{
    static const Limits limits = { .accept = FORMAT_BIT(FORMAT_RAW), .max_pixels = 0.0096 };
    g_autoptr(GByteArray) file = dng_file(dng);
    RawSettings settings = raw_plain;

    settings.use = use;
    return image_open_raw(picture_bytes(file->data, file->len), &settings, &limits, NULL, NULL,
                          err);
}

static void assert_opened(const Dng *dng, RawUse use, int width, int height)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image = opened(dng, use, &error);

    if (!image)
        fail_msg("%s", error->what);
    assert_int_equal(image_width(image), width);
    assert_int_equal(image_height(image), height);
    if (!image_to_memory(image, &error))
        fail_msg("%s", error->what);
}

static void a_raw_is_as_large_as_what_is_used_of_it_and_upright(void **state)
{
    g_autoptr(GBytes) jpeg = jpeg_of(60, 40, ".jpg"), turned = jpeg_of(40, 60, ".jpg");
    const Dng plain = { 120, 80, .preview = jpeg };
    const Dng sideways = { 120, 80, .orientation = 6, .preview = jpeg };
    const Dng upright = { 120, 80, .orientation = 6, .preview = turned };
    const Dng unknown = { 120, 80, .preview = jpeg, .unknown = true };
    const Dng alone = { .width = 119, .height = 79 };

    (void) state;
    assert_opened(&plain, RAW_AUTO, 120, 80);
    assert_opened(&plain, RAW_FULL, 120, 80);
    assert_opened(&plain, RAW_HALF, 60, 40);
    assert_opened(&plain, RAW_PREVIEW, 60, 40);
    assert_opened(&sideways, RAW_AUTO, 80, 120);
    assert_opened(&sideways, RAW_PREVIEW, 40, 60);
    assert_opened(&upright, RAW_PREVIEW, 40, 60);
    assert_opened(&unknown, RAW_AUTO, 60, 40);
    assert_opened(&alone, RAW_PREVIEW, 119, 79);
    assert_opened(&alone, RAW_HALF, 59, 39);
}

static void assert_refused(const Dng *dng, RawUse use, const char *what, const char *fix)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image = opened(dng, use, &error);

    assert_null(image);
    assert_int_equal(error->kind, ERROR_PICTURE);
    if (!strstr(error->what, what) || !strstr(error->fix, fix))
        fail_msg("%s; %s", error->what, error->fix);
}

static void what_cannot_be_developed_is_named(void **state)
{
    g_autoptr(GBytes) jpeg = jpeg_of(60, 40, ".jpg");
    const Dng unknown = { 120, 80, .preview = jpeg, .unknown = true };
    const Dng alone = { 120, 80, .unknown = true };
    const Dng large = { 122, 80, .preview = jpeg };

    (void) state;
    assert_refused(&unknown, RAW_HALF, "does not know the camera, Acme X1", "use = preview");
    assert_refused(&alone, RAW_AUTO, "has no preview", "DNG");
    assert_refused(&large, RAW_FULL, "122 x 80 pixels", "max_pixels");
    assert_opened(&large, RAW_PREVIEW, 60, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_preview_of_a_dng_is_found),
        cmocka_unit_test(what_no_viewer_shows_is_no_preview),
        cmocka_unit_test(the_preview_of_a_raf_is_found),
        cmocka_unit_test(both_previews_of_a_cr3_are_found),
        cmocka_unit_test(a_cr3_says_in_boxes_what_others_say_in_tags),
        cmocka_unit_test(a_raw_is_as_large_as_what_is_used_of_it_and_upright),
        cmocka_unit_test(what_cannot_be_developed_is_named),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_raw", &error) || !metadata_start(&error))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    libvips_stop();
    return failed;
}
