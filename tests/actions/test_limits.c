/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be read at all: which formats, how large, and with how much beside the pixels. Each
 * limit is tried where it begins. */
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "actions/encode.h"
#include "actions/metadata_limits.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/dng.h"

/* NULL when the picture in fd (taken over) is read to its end, or why not: newly allocated. */
static char *refusal(int fd, const Limits *limits)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    desk->limits = *limits;
    if (desk_run(desk, fd, "save { name = \"x.png\" }", &error))
        return NULL;
    assert_int_equal(error->kind, ERROR_PICTURE);
    return error_text(error);
}

static void is_read(int fd, const Limits *limits)
{
    g_autofree char *why = refusal(fd, limits);

    if (why)
        fail_msg("%s", why);
}

static void is_refused(int fd, const Limits *limits, const char *because)
{
    g_autofree char *why = refusal(fd, limits);

    if (!why || !strstr(why, because))
        fail_msg("'%s' does not say '%s'", why, because);
}

/* ---- what a picture says ---- */

/* Such an error would hold the folder, and no attempt would be spent, for ever. */
static void words_in_a_picture_are_not_taken_for_the_disks(void **state)
{
    static const char *const addresses[] = { "::No space left on device",
                                             "::x\nunix error: No space left on device\n" };
    const Limits limits = { .accept = ~0U };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autofree char *text = g_strdup_printf("<!DOCTYPE svg [<!ENTITY e SYSTEM \"%s\">]>\n"
                                                "<svg xmlns='http://www.w3.org/2000/svg' "
                                                "width='9' height='9'>&e;</svg>",
                                                addresses[i]);
        g_autoptr(Error) error = NULL;
        Image *image = image_open(picture_bytes(text, strlen(text)), &limits, NULL, NULL, &error);

        assert_null(image);
        assert_non_null(strstr(error->what, "No space left on device"));
        assert_int_equal(error->kind, ERROR_PICTURE);
    }
}

/* ---- formats ---- */

static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='60'>"
                          "<rect width='40' height='30'/></svg>";
static const char pdf[] = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                          "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                          "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 36]>>endobj\n"
                          "trailer<</Root 1 0 R>>\n%%EOF\n";

/* A small picture of that format, open. */
static int picture_of(Format format)
{
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autofree char *suffix = g_strdup_printf(".%s", format_extension(format));

    if (format == FORMAT_SVG)
        return picture_bytes(svg, strlen(svg));
    if (format == FORMAT_PDF)
        return picture_bytes(pdf, strlen(pdf));
    if (format == FORMAT_BMP)
        return picture_bmp(photo);
    if (format == FORMAT_RAW) {
        g_autoptr(GByteArray) dng = dng_file(&(Dng){ .width = 90, .height = 60 });
        return picture_bytes(dng->data, dng->len);
    }
    if (format == FORMAT_JXL && libvips_make_ready("VipsForeignSave", "jxlsave_target"))
        vips_operation_block_set("VipsForeignSaveJxl", FALSE);
    int fd = picture_file(photo, suffix);
    vips_operation_block_set("VipsForeignSaveJxl", TRUE);
    return fd;
}

static void a_format_is_read_where_it_is_accepted_and_nowhere_else(void **state)
{
    (void) state;
    for (const Choice *choice = format_choices; choice->word; choice++) {
        Format format = (Format) choice->value;
        const Limits only = { .accept = FORMAT_BIT(format) };
        const Limits others = { .accept = ~FORMAT_BIT(format) };
        g_autofree char *named = g_strdup_printf("this is %s, which is not accepted; write "
                                                 "`defaults { accept += { %s } }`",
                                                 format_name(format), format_word(format));

        is_read(picture_of(format), &only);
        is_refused(picture_of(format), &others, named);
    }
}

static void *check_blocked(GType type, void *count)
{
    VipsOperationFlags flags = VIPS_OPERATION_CLASS(g_type_class_peek_static(type))->flags;

    if (G_TYPE_IS_ABSTRACT(type) || !(flags & VIPS_OPERATION_UNTRUSTED))
        return NULL;
    if (!(flags & VIPS_OPERATION_BLOCKED))
        fail_msg("%s is not blocked", g_type_name(type));
    ++*(int *) count;
    return NULL;
}

/* Matlab, raw dumps and whatever else: not one of them can be built, and one that was let in for a
 * picture is shut out again after it. Where libvips has them in modules, those of ImageMagick and
 * OpenSlide do not exist. */
static void what_libvips_does_not_trust_is_blocked(void **state)
{
    const Limits all = { .accept = ~0U };
    int count = 0;

    (void) state;
    for (const Choice *choice = format_choices; choice->word; choice++)
        is_read(picture_of((Format) choice->value), &all);
    vips_type_map_all(g_type_from_name("VipsForeignLoad"), check_blocked, &count);
    assert_true(count >= 10);
}

static void what_only_a_guess_would_read_is_no_picture(void **state)
{
    static const char *const others[] = {
        "P6 1 1 255\n...",
        "P5\n2 2\n255\n....",
        "SIMPLE  =                    T / FITS",
        "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n",
        "v/1\1\2\0\0\0",
        "MATLAB 5.0 MAT-file, Platform: GLNXA64",
        "\x08\xf2\xa6\xb6",
        "1,2,3\n4,5,6\n",
        "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 '/etc/passwd'\n",
        "#define x_width 8\n#define x_height 1\nstatic char x_bits[] = { 0x00 };\n",
        "8BPS\0\1\0\0",
        "\x0a\5\1\10",
    };
    const Limits all = { .accept = ~0U };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        is_refused(picture_bytes(others[i], strlen(others[i])), &all, "not a picture");
}

/* ---- pixels and pages ---- */

static void a_picture_has_as_many_pixels_as_it_may(void **state)
{
    const Limits enough = { .accept = ~0U, .max_pixels = 90 * 60 / 1e6 };
    const Limits one_less = { .accept = ~0U, .max_pixels = (90 * 60 - 1) / 1e6 };

    (void) state;
    for (const Choice *choice = format_choices; choice->word; choice++) {
        if (choice->value == FORMAT_PDF) /* 300 x 150 */
            continue;
        is_read(picture_of((Format) choice->value), &enough);
        is_refused(picture_of((Format) choice->value), &one_less,
                   "90 x 60 pixels are 0.005 MP, more than max_pixels = 0.005399MP allows; raise "
                   "`max_pixels` to 1MP");
    }
}

/* `pages` of 40 x 30 below each other, as libvips wants them. */
static int pages_file(int pages, const char *suffix)
{
    g_autoptr(VipsImage) photo = picture_photo(40, 30 * pages);

    vips_image_set_int(photo, VIPS_META_PAGE_HEIGHT, 30);
    vips_image_set_int(photo, VIPS_META_N_PAGES, pages);
    return picture_file(photo, suffix);
}

static void a_file_has_as_many_pages_as_it_may(void **state)
{
    static const char *const suffixes[] = { ".gif", ".tif", ".webp" };
    const Limits limits = { .accept = ~0U, .max_pages = 5 };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        is_read(pages_file(5, suffixes[i]), &limits);
        is_refused(pages_file(6, suffixes[i]), &limits,
                   "it has 6 pages or frames, more than max_pages = 5 allows; raise `max_pages` "
                   "to 6");
    }
}

/* ---- metadata ---- */

static void put_chunk(GByteArray *png, const char *type, const void *data, size_t size)
{
    guint32 length = GUINT32_TO_BE((guint32) size);
    guint start = png->len + 4;

    g_byte_array_append(png, (const guint8 *) &length, 4);
    g_byte_array_append(png, (const guint8 *) type, 4);
    g_byte_array_append(png, data, (guint) size);
    guint32 crc = GUINT32_TO_BE((guint32) crc32(0, png->data + start, png->len - start));
    g_byte_array_append(png, (const guint8 *) &crc, 4);
}

/* A chunk of this type whose text, packed behind `head`, unpacks to `size` bytes of zeros; its
 * length is returned. */
static size_t put_packed(GByteArray *png, const char *type, const void *head, size_t head_size,
                         size_t size)
{
    g_autofree unsigned char *zeros = g_malloc0(size);
    uLongf packed_size = compressBound((uLong) size);
    g_autofree unsigned char *packed = g_malloc(head_size + packed_size);

    memcpy(packed, head, head_size);
    assert_int_equal(compress(packed + head_size, &packed_size, zeros, (uLong) size), Z_OK);
    put_chunk(png, type, packed, head_size + packed_size);
    return head_size + packed_size;
}

/* A PNG of one pixel up to its header; what follows is up to the caller. */
static GByteArray *png_begun(void)
{
    GByteArray *png = g_byte_array_new();

    g_byte_array_append(png, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
    put_chunk(png, "IHDR", "\0\0\0\1\0\0\0\1\10\0\0\0\0", 13);
    return png;
}

static void png_ended(GByteArray *png)
{
    put_packed(png, "IDAT", "", 0, 2);
    put_chunk(png, "IEND", "", 0);
}

/* Finds exactly `size` bytes. */
static void comes_to(const void *bytes, size_t length, Format format, size_t size)
{
    for (int over = 0; over < 2; over++) {
        g_autoptr(Error) error = NULL;
        int fd = picture_bytes(bytes, length);
        bool fits = metadata_limits_check_file(fd, format, (int64_t) size - over, &error);

        close(fd);
        if (fits == (over == 1))
            fail_msg("%s: not %zu bytes", format_name(format), size);
        if (over)
            assert_int_equal(error->kind, ERROR_PICTURE);
    }
}

static void packed_texts_count_as_what_they_unpack_to(void **state)
{
    static const struct {
        const char *type, *head;
        size_t size;
    } kinds[] = {
        { "zTXt", "Comment\0", 9 },
        { "iCCP", "profile\0", 9 },
        { "iTXt", "XML:com.adobe.xmp\0\1\0en\0translated", 34 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GByteArray) png = png_begun();
        size_t size = put_packed(png, kinds[i].type, kinds[i].head, kinds[i].size, 300000);

        png_ended(png);
        comes_to(png->data, png->len, FORMAT_PNG, 300000 + size);
    }
}

/* The walker reads 4096 bytes from 8 on and unpacks them into 64 KB: here both end at once, and
 * what follows is still to be counted. */
static void a_text_whose_pieces_end_together_is_counted_to_its_end(void **state)
{
    enum { STORED = 100, FIRST = 65536 - STORED, REST = 300000, DATA = 41, WINDOW_END = 8 + 4096 };
    static const char stored[5 + STORED] = "\0\x64\0\x9b\xff"; /* as deflate writes it */
    g_autofree unsigned char *zeros = g_malloc0(REST), *packed = g_malloc(REST);
    g_autoptr(GByteArray) png = png_begun();
    g_autoptr(GByteArray) text = g_byte_array_new();
    z_stream stream = {
        .next_in = zeros, .avail_in = FIRST, .next_out = packed, .avail_out = REST
    };

    (void) state;
    assert_int_equal(deflateInit(&stream, Z_BEST_COMPRESSION), Z_OK);
    assert_int_equal(deflate(&stream, Z_FULL_FLUSH), Z_OK);
    g_byte_array_set_size(text, (guint) (WINDOW_END - DATA - sizeof(stored) - stream.total_out));
    memset(text->data, 'k', text->len - 2);
    memset(text->data + text->len - 2, 0, 2);
    g_byte_array_append(text, packed, (guint) stream.total_out);
    g_byte_array_append(text, (const guint8 *) stored, sizeof(stored));
    stream.next_in = zeros;
    stream.avail_in = REST;
    stream.next_out = packed;
    stream.avail_out = REST;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    g_byte_array_append(text, packed, REST - stream.avail_out);
    deflateEnd(&stream);
    put_chunk(png, "zTXt", text->data, text->len);
    png_ended(png);
    comes_to(png->data, png->len, FORMAT_PNG, FIRST + STORED + REST + text->len);
}

static void plain_texts_count_as_they_are(void **state)
{
    g_autoptr(GByteArray) png = png_begun();
    static const char text[20000] = "Comment\0and so on";

    (void) state;
    put_chunk(png, "tEXt", text, sizeof(text));
    put_chunk(png, "iTXt", text, sizeof(text)); /* its flag says: not packed */
    put_chunk(png, "eXIf", text, sizeof(text));
    png_ended(png);
    put_chunk(png, "tEXt", text, 5000);
    comes_to(png->data, png->len, FORMAT_PNG, 3 * sizeof(text) + 5000);
}

static void every_place_for_metadata_is_counted(void **state)
{
    static const char jpeg[] = "\xff\xd8\xff\xe0\0\4ab\xff\xff\xe2\0\6abcd\xff\xfe\0\3x"
                               "\xff\xdb\0\5abc\xff\xda\0\4ab\xff\xe1\0\xff";
    static const char webp[] = "RIFF\x40\0\0\0WEBPVP8 \2\0\0\0abICCP\3\0\0\0abc\0EXIF\4\0\0\0abcd"
                               "XMP \1\0\0\0a";
    static const char heif[] = "\0\0\0\x10"
                               "ftypheic\0\0\0\0\0\0\0\x0cmeta\0\0\0\0\0\0\0\x09mdatx";
    static const char tiff[] = "II*\0\x08\0\0\0\3\0"
                               "\x0e\1\2\0\5\0\0\0\x40\0\0\0"   /* a description of 5 bytes */
                               "\x11\1\4\0\7\0\0\0\x40\0\0\0"   /* strips: no metadata */
                               "\x73\x87\7\0\6\0\0\0\x10\0\0\0" /* a profile of 6 bytes */
                               "\0\0\0\0 and so on, and so on";
    enum { HEADER = 14, SPACE = HEADER + 56, PROFILE_SIZE = HEADER + 116 };
    static const guint8 bmp[200] = { 'B',
                                     'M',
                                     [HEADER] = 124,
                                     [HEADER + 4] = 1,
                                     [HEADER + 8] = 1,
                                     [HEADER + 14] = 24,
                                     [SPACE] = 'D',
                                     'E',
                                     'B',
                                     'M',
                                     [PROFILE_SIZE] = 33 };

    (void) state;
    comes_to(bmp, sizeof(bmp), FORMAT_BMP, 33);
    comes_to(jpeg, sizeof(jpeg) - 1, FORMAT_JPEG, 4 + 6 + 3);
    comes_to(webp, sizeof(webp) - 1, FORMAT_WEBP, 3 + 4 + 1);
    comes_to(heif, sizeof(heif) - 1, FORMAT_HEIF, 12);
    comes_to(tiff, sizeof(tiff) - 1, FORMAT_TIFF, 5 + 6);
}

/* The bomb that kept libvips busy for 18 s and then ended the process: 100 texts of 7 MB in 0.7 MB.
 */
static void a_bomb_of_texts_is_refused_before_libvips_sees_it(void **state)
{
    const Limits limits = { .accept = ~0U, .max_metadata = 64 << 20 };
    g_autoptr(GByteArray) png = png_begun();
    g_autoptr(GByteArray) chunk = g_byte_array_new();

    (void) state;
    put_packed(chunk, "zTXt", "Comment\0", 9, 7000000);
    for (int i = 0; i < 100; i++)
        g_byte_array_append(png, chunk->data, chunk->len);
    png_ended(png);
    is_refused(picture_bytes(png->data, png->len), &limits,
               "unpack to 64.0MB or more, more than max_metadata = 64MB allows");
}

static void what_only_the_decoder_finds_is_counted_too(void **state)
{
    static const char *const suffixes[] = { ".jpg", ".png", ".webp", ".tif", ".avif" };
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autofree char *xmp = g_strnfill(30000, 'x');

    (void) state;
    vips_image_set_blob_copy(photo, VIPS_META_XMP_NAME, xmp, 30000);
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        const Limits much = { .accept = ~0U, .max_metadata = 40000 };
        const Limits little = { .accept = ~0U, .max_metadata = 29999 };

        is_read(picture_file(photo, suffixes[i]), &much);
        is_refused(picture_file(photo, suffixes[i]), &little, "max_metadata");
    }
}

/* ---- memory ---- */

/* What a picture of 400 x 300 in that format asks for with these steps. */
static int64_t asked(const char *suffix, const char *steps, int64_t room)
{
    g_autoptr(VipsImage) photo = picture_photo(400, 300);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    desk->room = room;
    bool done = desk_run(desk, picture_file(photo, suffix), steps, &error);
    assert_int_equal(desk->asked, 1);
    assert_true(done == (!room || desk->memory <= room));
    return desk->memory;
}

enum { PIXELS = 400 * 300, STEP = 4 << 20 /* more than is counted for a step */ };

/* What steps hold is asked for with an eighth more. */
static int64_t without_more(int64_t bytes)
{
    return bytes * 8 / 9;
}

/* How much more than a picture of another format, or with other steps. */
static int64_t more(const char *suffix, const char *other, const char *steps)
{
    return without_more(asked(suffix, steps, 0) - asked(other, steps, 0));
}

/* The pixels of one that is made lighter flow as those of a picture that has no planes. */
static int64_t more_than_jpeg(const char *steps)
{
    g_autofree char *all = g_strconcat("brightness { strength = 5 } ", steps, NULL);

    return without_more(asked(".jpg", all, 0) -
                        asked(".jpg", "brightness { strength = 5 } save {}", 0));
}

static void a_picture_asks_once_for_what_it_will_take(void **state)
{
    static const char small[] =
        "upright {} scale { width = 40 } save {} fit { width = 9 height = 9 }"
        "save { name = \"2.png\" }";
    static const char whole[] = "upright {} save {} save { name = \"2.png\" }";

    (void) state;
    assert_in_range(asked(".png", whole, 0) - asked(".png", "upright {} save {}", 0), 0,
                    2 * 3 * PIXELS + STEP); /* a copy that the second save is made from */
    assert_int_equal(more(".jpg[interlace]", ".jpg", small), 3 * PIXELS); /* it is 4:2:0 */
    assert_in_range(more(".png[interlace]", ".png", small), 36 * PIXELS / 10 - STEP / 1000,
                    36 * PIXELS / 10 + STEP / 1000); /* all values, and a sixth */
    /* TIFF's strips or tiles, and as many bytes that are not unpacked */
    assert_int_equal(more(".tif[tile,tile-width=128,tile-height=64]",
                          ".tif[tile,tile-width=128,tile-height=32]", small),
                     2 * 3 * 512 * (64 - 32));
    assert_int_equal(more(".webp", ".png", whole), 8 * PIXELS);
    /* these are decoded smaller */
    assert_true(more(".jpg", ".png", "scale { width = 40 } save {}") < 0);
    assert_true(more(".webp", ".png", "scale { width = 40 } save {}") < 0);
}

static void steps_that_need_all_of_a_picture_ask_for_it(void **state)
{
    (void) state;
    assert_in_range(more_than_jpeg("sharpen {} save {}"), 0, 2 * STEP);
    assert_int_equal(more_than_jpeg("save { progressive = yes }"), 3 * PIXELS);
    assert_in_range(more_than_jpeg("crop { mode = trim } save {}"), 2 * PIXELS, 3 * PIXELS + STEP);
    assert_int_equal(more_than_jpeg("save { format = avif }"), 42 * PIXELS);
    assert_int_equal(more_than_jpeg("save { format = avif effort = 1 }"), 28 * PIXELS);
    assert_int_equal(more_than_jpeg("save { format = avif lossless = yes }"), 64 * PIXELS);
    assert_int_equal(more_than_jpeg("save { format = avif quality = 90 effort = 1 }"), 64 * PIXELS);
    assert_int_equal(more_than_jpeg("save { format = avif at_most = 900KB }"), 67 * PIXELS);
    assert_int_equal(more_than_jpeg("save { format = avif at_most = 900KB quality = 80 }"),
                     45 * PIXELS);
    assert_int_equal(more_than_jpeg("save { name = \"a.webp\" lossless = yes }"), 38 * PIXELS);
    assert_int_equal(more_than_jpeg("save { at_most = 900KB }"), 3 * PIXELS);
    assert_int_equal(more_than_jpeg("save { format = gif }"), 18 * PIXELS);
}

/* Measured: of noise libjxl takes up to 75 bytes a pixel, and ends the process where it gets less.
 */
static void a_jpeg_xl_has_the_memory_that_noise_takes(void **state)
{
    const Encoding jxl = { .format = FORMAT_JXL, .effort = 1 };
    const Shape solid = { .width = 1000, .height = 1000, .format = VIPS_FORMAT_UCHAR };
    const Shape clear = {
        .width = 1000, .height = 1000, .format = VIPS_FORMAT_UCHAR, .alpha = true
    };

    (void) state;
    assert_true(encode_memory(&jxl, &solid) >= 75e6);
    assert_true(encode_memory(&jxl, &clear) >= 75e6);
}

static void a_copy_of_the_original_decodes_nothing(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(400, 300);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, picture_file(photo, ".jpg"),
                         "save { format = original } save { name = \"2\" format = original }",
                         &error));
    assert_int_equal(desk->asked, 0);
    assert_int_equal(desk->files->len, 2);
}

/* The plan only knows what is there before the trim. */
static void what_a_trim_leaves_is_not_made_larger_than_pictures_may_be(void **state)
{
    static const double white[] = { 255, 255, 255 };
    static const double red[] = { 200, 30, 30 };
    g_autoptr(VipsImage) paper = picture_plain(300, 200, 3, white);
    g_autoptr(VipsImage) line = picture_plain(100, 10, 3, red);
    g_autoptr(VipsImage) scan = NULL;
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    desk->limits.max_pixels = 1;
    assert_false(vips_insert(paper, line, &scan, 50, 50, NULL));
    assert_false(desk_run(desk, picture_file(scan, ".png"),
                          "crop { mode = trim } scale { height = 500 enlarge = yes } save {}",
                          &error));
    assert_non_null(strstr(error->what, "5000 x 500 pixels are 2.5 MP, more than max_pixels"));
    assert_int_equal(desk->files->len, 0);
}

static void a_picture_without_room_is_not_decoded(void **state)
{
    (void) state;
    asked(".jpg", "upright {} save {}", 1);
    asked(".jpg", "scale { width = 40 } save {}", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_in_a_picture_are_not_taken_for_the_disks),
        cmocka_unit_test(a_format_is_read_where_it_is_accepted_and_nowhere_else),
        cmocka_unit_test(what_libvips_does_not_trust_is_blocked),
        cmocka_unit_test(what_only_a_guess_would_read_is_no_picture),
        cmocka_unit_test(a_picture_has_as_many_pixels_as_it_may),
        cmocka_unit_test(a_file_has_as_many_pages_as_it_may),
        cmocka_unit_test(packed_texts_count_as_what_they_unpack_to),
        cmocka_unit_test(a_text_whose_pieces_end_together_is_counted_to_its_end),
        cmocka_unit_test(plain_texts_count_as_they_are),
        cmocka_unit_test(every_place_for_metadata_is_counted),
        cmocka_unit_test(a_bomb_of_texts_is_refused_before_libvips_sees_it),
        cmocka_unit_test(what_only_the_decoder_finds_is_counted_too),
        cmocka_unit_test(a_picture_asks_once_for_what_it_will_take),
        cmocka_unit_test(steps_that_need_all_of_a_picture_ask_for_it),
        cmocka_unit_test(a_jpeg_xl_has_the_memory_that_noise_takes),
        cmocka_unit_test(a_copy_of_the_original_decodes_nothing),
        cmocka_unit_test(what_a_trim_leaves_is_not_made_larger_than_pictures_may_be),
        cmocka_unit_test(a_picture_without_room_is_not_decoded),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_limits", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("limits", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
