/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a file is, and whether it is all there: by its bytes alone, for every format, cut anywhere.
 */
#include <errno.h>
#include <sys/mman.h>

#include "formats/probe.h"
#include "tests/unit/check.h"
#include "tests/unit/sample.h"

static Probe probe(const void *data, size_t length)
{
    Probe result;
    int fd = memfd_create("probe", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, length), length);
    assert_true(probe_file(fd, &result));
    assert_true((result.missing != NULL) == (result.complete == COMPLETE_NO));
    close(fd);
    return result;
}

static Probe probe_array(const GByteArray *bytes)
{
    return probe(bytes->data, bytes->len);
}

#define PROBE(literal) probe(literal, sizeof(literal) - 1)

typedef struct Sample {
    const char *name;
    GByteArray *bytes;
    const char *kind;
    Format format;
    guint magic; /* bytes that show the format */
} Sample;

static GArray *samples(void)
{
    static const SampleTiff tiffs[] = {
        { .data_last = false }, { .data_last = true },
        { .big_endian = true }, { .big_endian = true, .data_last = true },
        { .big = true },        { .big = true, .big_endian = true, .data_last = true },
        { .make = true },       { .sub = true, .sub_photometric = 2 },
    };
    GArray *array = g_array_new(FALSE, FALSE, sizeof(Sample));
    const Sample plain[] = {
        { "jpeg", sample_jpeg(), "JPEG", FORMAT_JPEG, 3 },
        { "progressive", sample_progressive(), "JPEG", FORMAT_JPEG, 3 },
        { "png", sample_png(), "PNG", FORMAT_PNG, 8 },
        { "gif", sample_gif(), "GIF", FORMAT_GIF, 6 },
        { "webp", sample_webp(), "WebP", FORMAT_WEBP, 12 },
        { "heic", sample_heif("heic"), "HEIC", FORMAT_HEIF, 24 },
        { "avif", sample_heif("avif"), "AVIF", FORMAT_AVIF, 24 },
        { "compact HEIC", sample_compact_heif("heic"), "HEIC", FORMAT_HEIF, 16 },
        { "compact AVIF", sample_compact_heif("avif"), "AVIF", FORMAT_AVIF, 16 },
        { "compact HEIF", sample_compact_heif("none"), "HEIF", FORMAT_HEIF, 16 },
        { "bmp", sample_bmp(), "BMP", FORMAT_BMP, 18 },
        { "bmp-runs", sample_bmp_runs(), "BMP", FORMAT_BMP, 18 },
        { "jxl", sample_jxl(), "JPEG XL", FORMAT_JXL, 12 },
        { "jp2", sample_jp2(), "JPEG 2000", FORMAT_JP2, 12 },
        { "pdf", sample_pdf(), "PDF", FORMAT_PDF, 5 },
    };

    g_array_append_vals(array, plain, G_N_ELEMENTS(plain));
    for (size_t i = 0; i < G_N_ELEMENTS(tiffs); i++) {
        Sample tiff = { "tiff", sample_tiff(&tiffs[i]), "TIFF", FORMAT_TIFF, tiffs[i].big ? 8 : 4 };

        g_array_append_val(array, tiff);
    }
    return array;
}

static void samples_free(GArray *array)
{
    for (guint i = 0; i < array->len; i++)
        g_byte_array_unref(g_array_index(array, Sample, i).bytes);
    g_array_unref(array);
}

static void every_format_is_recognised_by_its_bytes_and_complete(void **state)
{
    GArray *all = samples();

    (void) state;
    for (guint i = 0; i < all->len; i++) {
        const Sample *sample = &g_array_index(all, Sample, i);
        Probe found = probe_array(sample->bytes);

        if (found.format != sample->format || found.complete != COMPLETE_YES)
            fail_msg("%s %u: format %d, complete %d", sample->name, i, found.format,
                     found.complete);
        assert_string_equal(found.kind, sample->kind);
    }
    samples_free(all);
}

static void a_picture_cut_anywhere_is_incomplete(void **state)
{
    GArray *all = samples();

    (void) state;
    for (guint i = 0; i < all->len; i++) {
        const Sample *sample = &g_array_index(all, Sample, i);

        for (guint length = sample->magic; length < sample->bytes->len; length++) {
            Probe found = probe(sample->bytes->data, length);

            if (found.complete != COMPLETE_NO || found.format != sample->format)
                fail_msg("%s %u cut after %u of %u bytes: format %d, complete %d", sample->name, i,
                         length, sample->bytes->len, found.format, found.complete);
        }
    }
    samples_free(all);
}

/* As a writer leaves it that set the size first and was stopped on its way. */
static void a_picture_whose_rest_is_still_zeros_is_not_complete(void **state)
{
    GByteArray *pictures[] = { sample_jpeg(), sample_progressive(), sample_png(), sample_gif() };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        guint half = pictures[i]->len * 3 / 4;

        g_byte_array_set_size(pictures[i], half);
        sample_zeros(pictures[i], 200000);
        assert_int_not_equal(probe_array(pictures[i]).complete, COMPLETE_YES);
        g_byte_array_unref(pictures[i]);
    }
}

static void data_behind_the_end_of_a_picture_is_allowed(void **state)
{
    GArray *all = samples();

    (void) state;
    for (guint i = 0; i < all->len; i++) {
        const Sample *sample = &g_array_index(all, Sample, i);

        sample_zeros(sample->bytes, 100);
        sample_text(sample->bytes, "SEFHe\1SEFT");
        assert_int_equal(probe_array(sample->bytes).complete, COMPLETE_YES);
    }
    samples_free(all);
}

static void a_jpeg_with_a_film_behind_it_is_complete(void **state)
{
    g_autoptr(GByteArray) photo = sample_jpeg();

    (void) state;
    sample_noise(photo, 300000);
    sample_zeros(photo, 100000);
    assert_int_equal(probe_array(photo).complete, COMPLETE_YES);
}

static void a_jpeg_with_a_second_one_behind_it_is_complete_even_if_that_is_cut(void **state)
{
    g_autoptr(GByteArray) photo = sample_jpeg();
    g_autoptr(GByteArray) second = sample_jpeg();

    (void) state;
    g_byte_array_append(photo, second->data, second->len / 2);
    assert_int_equal(probe_array(photo).complete, COMPLETE_YES);
}

static void a_large_jpeg_without_its_end_is_incomplete(void **state)
{
    g_autoptr(GByteArray) photo = sample_jpeg();

    (void) state;
    g_byte_array_set_size(photo, photo->len - 2);
    for (int i = 0; i < 50000; i++)
        sample_text(photo, "coded data without marks");
    assert_int_equal(probe_array(photo).complete, COMPLETE_NO);
}

static void a_broken_inside_is_for_the_decoder_to_judge(void **state)
{
    g_autoptr(GByteArray) png = sample_png();

    (void) state;
    assert_int_equal(PROBE("\xff\xd8\xff\xe0\0\1garbage").complete, COMPLETE_UNKNOWN);
    assert_int_equal(PROBE("\xff\xd8\xff\xe0\0\4abgarbage").complete, COMPLETE_UNKNOWN);
    memcpy(png->data + 8, "\xff\xff\xff\xff", 4);
    g_byte_array_set_size(png, png->len - 1);
    assert_int_equal(probe_array(png).complete, COMPLETE_UNKNOWN);
    assert_int_equal(PROBE("GIF89a\1\0\1\0\0\0\0\x77 what is this").complete, COMPLETE_UNKNOWN);
}

static void camera_raw_is_never_taken_for_a_tiff(void **state)
{
    static const SampleTiff raws[] = {
        { .make = true, .sub = true, .subfile = 1, .sub_photometric = 2 },
        { .make = true, .sub = true, .subfile = 1, .sub_photometric = 2, .big_endian = true },
        { .sub = true, .sub_photometric = 32803 },
        { .sub = true, .sub_photometric = 34892, .data_last = true },
        { .photometric = 32803 },
        { .dng = true },
        { .compression = 34713 },
        { .compression = 32767, .big_endian = true },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(raws); i++) {
        g_autoptr(GByteArray) raw = sample_tiff(&raws[i]);
        Probe found = probe_array(raw);

        if (found.format != FORMAT_RAW)
            fail_msg("raw %zu is taken for %s", i, found.kind);
        assert_string_equal(found.kind, "camera RAW");
    }
    assert_int_equal(PROBE("II*\0\x10\0\0\0CR\2\0\0\0\0\0").format, FORMAT_RAW);
    assert_int_equal(PROBE("II*\0\x10\0\0\0IIIITwaR").format, FORMAT_RAW);
    assert_int_equal(PROBE("II*\0\x10\0\0\0IIIICwaR").format, FORMAT_RAW);
    assert_int_equal(PROBE("MM\0*\0\0\0\x10MMMMRawT").format, FORMAT_RAW);
    assert_int_equal(PROBE("FUJIFILMCCD-RAW 0201").format, FORMAT_RAW);
    assert_int_equal(PROBE("IIRO\x08\0\0\0").format, FORMAT_RAW);
    assert_int_equal(PROBE("IIRS\x08\0\0\0").format, FORMAT_RAW);
    assert_int_equal(PROBE("MMOR\0\0\0\x08").format, FORMAT_RAW);
    assert_int_equal(PROBE("IIU\0\x18\0\0\0").format, FORMAT_RAW);
    assert_int_equal(PROBE("\0\0\0\x18"
                           "ftypcrx \0\0\0\1crx isom")
                         .format,
                     FORMAT_RAW);
    assert_int_equal(PROBE("FOVb\0\0\0\0").format, FORMAT_RAW);
    assert_int_equal(PROBE("\0MRM\0\0\0\0").format, FORMAT_RAW);
}

/* A scanner writes its name into a TIFF, and a pyramid has smaller pictures below the first. */
static void a_tiff_that_only_resembles_a_raw_is_a_tiff(void **state)
{
    static const SampleTiff tiffs[] = {
        { .make = true },
        { .make = true, .sub = true, .sub_photometric = 2 },
        { .subfile = 1, .sub = true, .sub_photometric = 2 },
        { .make = true, .subfile = 1 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(tiffs); i++) {
        g_autoptr(GByteArray) tiff = sample_tiff(&tiffs[i]);

        assert_int_equal(probe_array(tiff).format, FORMAT_TIFF);
    }
}

/* libtiff puts them behind the header, at byte 8. */
static void the_first_pixels_of_a_tiff_are_no_mark_of_a_camera(void **state)
{
    static const char *const pixels[] = { "IIIIIIII", "MMMMMMMM", "IIIIRawI", "MMMMwaRM",
                                          "CR\2CR\2CR" };

    (void) state;
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(pixels); i++) {
        const SampleTiff what = { .big_endian = i % 2 };
        g_autoptr(GByteArray) tiff = sample_tiff(&what);
        const Probe found = (memcpy(tiff->data + 8, pixels[i / 2], 8), probe_array(tiff));

        if (found.format != FORMAT_TIFF || found.complete != COMPLETE_YES)
            fail_msg("a TIFF of %s is taken for %s", pixels[i / 2], found.kind);
    }
}

static void what_is_no_picture_has_a_word_for_people(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *kind;
    } others[] = {
#define OTHER(literal, kind) { literal, sizeof(literal) - 1, kind }
        OTHER("", "empty"),
        OTHER("hello\n", "text"),
        OTHER("gr\xc3\xbc\xc3\x9f Gott\n", "text"),
        OTHER("gr\xfc\xdf Gott in Latin-1 is mostly plain\n", "text"),
        OTHER("\xff\xfeh\0i\0", "text"),
        OTHER("BMW is a car\n", "text"),
        OTHER("<!DOCTYPE html>\n<html><svg xmlns='x'></svg></html>", "text"),
        OTHER("<?xml version='1.0'?><!-- <svg> --><gpx></gpx>", "text"),
        OTHER("<svgs></svgs>", "text"),
        OTHER("a <svg></svg>", "text"),
        OTHER("<!-- <svg></svg>", "text"),
        OTHER("%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        OTHER("\0\0\0\x18"
              "ftypisom\0\0\2\0isomavc1",
              "video"),
        OTHER("\0\0\0\x14"
              "ftypqt  \0\0\2\0qt  ",
              "video"),
        OTHER("\0\0\0\x14"
              "ftypM4A \0\0\2\0M4A ",
              "audio"),
        OTHER("\x1a\x45\xdf\xa3\x01", "video"),
        OTHER("RIFF\0\0\0\0AVI LIST", "video"),
        OTHER("RIFF\0\0\0\0WAVEfmt ", "audio"),
        OTHER("ID3\3\0", "audio"),
        OTHER("PK\3\4\x14", "archive"),
        OTHER("\x1f\x8b\x08\0", "archive"),
        OTHER("8BPS\0\1\0\0", "PSD"),
        OTHER("BMW and other cars: a text that begins like one", "text"),
        OTHER("\x01\x02\x03\x04\x05", "unknown"),
        OTHER("\xff\xd8", "unknown"),
#undef OTHER
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        Probe found = probe(others[i].bytes, others[i].length);

        assert_int_equal(found.format, FORMAT_NONE);
        assert_string_equal(found.kind, others[i].kind);
    }
}

/* What lies beside a picture is moved with it when it is all there. */
static void a_sidecar_a_sound_and_a_film_show_whether_they_are_complete(void **state)
{
    static const char xmp[] = "\xef\xbb\xbf<?xpacket begin='' id='W5M0'?>\n"
                              "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf/></x:xmpmeta>";
    g_autofree char *room = g_strnfill(5000, ' ');
    g_autofree char *padded = g_strconcat(xmp, room, "<?xpacket end='w'?>", NULL);

    (void) state;
    assert_int_equal(PROBE(xmp).complete, COMPLETE_YES);
    assert_int_equal(probe(padded, strlen(padded)).complete, COMPLETE_YES);
    assert_int_equal(probe(xmp, sizeof(xmp) - 2).complete, COMPLETE_YES); /* but for its `>` */
    assert_int_equal(probe(xmp, sizeof(xmp) - 13).complete, COMPLETE_UNKNOWN);
    assert_int_equal(probe(xmp, 60).complete, COMPLETE_NO);
    assert_int_equal(PROBE("a note\n").complete, COMPLETE_UNKNOWN);
    assert_int_equal(PROBE("RIFF\x10\0\0\0WAVEfmt \0\0\0\0").complete, COMPLETE_NO);
    assert_int_equal(PROBE("RIFF\x0c\0\0\0WAVEfmt \0\0\0\0").complete, COMPLETE_YES);
    assert_int_equal(PROBE("\0\0\0\x14"
                           "ftypqt  \0\0\2\0qt  \0\0\0\x08mdat")
                         .complete,
                     COMPLETE_NO);
    assert_int_equal(PROBE("\0\0\0\x14"
                           "ftypqt  \0\0\2\0qt  \0\0\0\x08mdat\0\0\0\x08moov")
                         .complete,
                     COMPLETE_YES);
}

static void an_svg_is_recognised_by_its_first_element(void **state)
{
    static const char *const whole[] = {
        "<svg></svg>",
        "\xef\xbb\xbf \n<?xml version='1.0'?>\n<!-- made by <hand> -->\n<svg a='b'>\n</svg>\n",
        "<!DOCTYPE svg PUBLIC '-//W3C' 'x.dtd'><svg>x</svg>",
        "<!DOCTYPE svg [ <!ENTITY a '<b>'> ]>\n<svg>x</svg >",
        "<d:svg xmlns:d='x'><d:g/></d:svg>",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(whole); i++) {
        Probe found = probe(whole[i], strlen(whole[i]));
        if (found.format != FORMAT_SVG || found.complete != COMPLETE_YES)
            fail_msg("%s: format %d, complete %d", whole[i], found.format, found.complete);
    }
    assert_int_equal(PROBE("<svg><g>").complete, COMPLETE_NO);
    assert_int_equal(PROBE("<svg><g/>").complete, COMPLETE_UNKNOWN);
    assert_int_equal(PROBE("<svg/>").complete, COMPLETE_UNKNOWN);
}

/* Its format has no end marker, or its last box is open. */
static void a_picture_without_an_end_is_not_known_to_be_complete(void **state)
{
    g_autoptr(GByteArray) jxl = sample_jxl();
    g_autoptr(GByteArray) jp2 = sample_jp2();

    (void) state;
    assert_int_equal(PROBE("\xff\x0a\x10\x20\x30").format, FORMAT_JXL);
    assert_int_equal(PROBE("\xff\x0a\x10\x20\x30").complete, COMPLETE_UNKNOWN);
    memset(jxl->data + 32, 0, 4); /* the length of the last box */
    assert_int_equal(probe_array(jxl).complete, COMPLETE_UNKNOWN);
    memset(jp2->data + 32, 0, 4);
    assert_int_equal(probe_array(jp2).complete, COMPLETE_YES);
    g_byte_array_set_size(jp2, jp2->len - 1);
    assert_int_equal(probe_array(jp2).complete, COMPLETE_NO);
    assert_int_equal(PROBE("\xff\x4f\xff\x51\0\0\xff\xd9").complete, COMPLETE_YES);
    assert_int_equal(PROBE("\xff\x4f\xff\x51\0\0").complete, COMPLETE_NO);
}

/* Some programs do not write the padding of the last row; others are not done yet. */
static void a_bmp_without_its_last_padding_is_not_known_to_be_complete(void **state)
{
    enum { WIDTH_AT = 18 };
    g_autoptr(GByteArray) bmp = sample_bmp();

    (void) state;
    bmp->data[WIDTH_AT] = 3;
    assert_int_equal(probe_array(bmp).complete, COMPLETE_YES);
    g_byte_array_set_size(bmp, bmp->len - 1);
    assert_int_equal(probe_array(bmp).complete, COMPLETE_UNKNOWN);
    g_byte_array_set_size(bmp, bmp->len - 1);
    assert_int_equal(probe_array(bmp).complete, COMPLETE_NO);
}

static void a_refusal_says_what_would_let_it_in(void **state)
{
    const Probe jxl = { .format = FORMAT_JXL, .kind = "JPEG XL" };
    const Probe raw = { .format = FORMAT_RAW, .kind = "camera RAW" };
    const Probe text = { .format = FORMAT_NONE, .kind = "text" };
    g_autoptr(Error) first = NULL, second = NULL, third = NULL, fourth = NULL, fifth = NULL;

    (void) state;
    assert_false(probe_refusal(&jxl, "beach.jpg", FORMATS_TRUSTED, &first));
    assert_int_equal(first->kind, ERROR_PICTURE);
    assert_string_equal(first->what, "this is JPEG XL, which is not accepted");
    assert_string_equal(first->fix,
                        "write `defaults { accept += { jxl } }` into the configuration");
    assert_false(probe_refusal(&raw, "beach.tif", FORMATS_TRUSTED, &second));
    assert_non_null(strstr(second->what, "camera RAW"));
    assert_false(probe_refusal(&text, NULL, FORMATS_TRUSTED, &third));
    assert_non_null(strstr(third->what, "not a picture that hotfolder reads: text"));
    assert_false(probe_refusal(&text, "a.b/beach.txt", FORMATS_TRUSTED, &fourth));
    assert_string_equal(fourth->what, third->what);
    assert_false(probe_refusal(&text, "trip/beach.JPG", FORMATS_TRUSTED, &fifth));
    assert_string_equal(fifth->what,
                        "this is not a picture: its name ends in .JPG, and its content is text");
}

static void a_name_that_contradicts_its_content_is_noticed(void **state)
{
    (void) state;
    assert_true(format_contradicts_name(FORMAT_PNG, "beach.jpg"));
    assert_true(format_contradicts_name(FORMAT_JPEG, "2024.05.HEIC"));
    assert_false(format_contradicts_name(FORMAT_JPEG, "beach.JPEG"));
    assert_false(format_contradicts_name(FORMAT_TIFF, "beach.tif"));
    assert_false(format_contradicts_name(FORMAT_PNG, "beach"));
    assert_false(format_contradicts_name(FORMAT_PNG, "beach.2"));
    assert_false(format_contradicts_name(FORMAT_PNG, ".jpg"));
    assert_false(format_contradicts_name(FORMAT_AVIF, "beach.heif"));
    assert_true(format_contradicts_name(FORMAT_JPEG, "beach.NEF"));
    assert_true(format_contradicts_name(FORMAT_RAW, "beach.jpg"));
    assert_false(format_contradicts_name(FORMAT_RAW, "beach.CR3"));
}

static void put_le(GByteArray *bytes, uint32_t value, int length)
{
    for (int i = 0; i < length; i++) {
        guint8 byte = (guint8) (value >> (8 * i));

        g_byte_array_append(bytes, &byte, 1);
    }
}

/* Each directory is the next of itself; a probe that follows would never end. */
static void put_entry(GByteArray *tiff, unsigned tag, unsigned count, unsigned value)
{
    enum { LONG = 4 };

    put_le(tiff, tag, 2);
    put_le(tiff, LONG, 2);
    put_le(tiff, count, 4);
    put_le(tiff, value, 4);
}

/* A directory with the place and the length of one strip, and of a tag with `count` values. */
static void lacks(unsigned strip, unsigned count, unsigned next, const char *missing)
{
    enum { STRIP_OFFSETS = 273, STRIP_BYTES = 279, ARTIST = 315 };
    g_autoptr(GByteArray) tiff = g_byte_array_new();

    sample_text(tiff, "II*");
    put_le(tiff, 0, 1);
    put_le(tiff, 8, 4);
    put_le(tiff, 3, 2);
    put_entry(tiff, STRIP_OFFSETS, 1, strip);
    put_entry(tiff, STRIP_BYTES, 1, 4);
    put_entry(tiff, ARTIST, count, 8);
    put_le(tiff, next, 4);
    assert_string_equal(probe_array(tiff).missing, missing);
}

static void what_a_tiff_lacks_is_named(void **state)
{
    (void) state;
    lacks(8, 1, 5000, "a directory of it");
    lacks(5000, 1, 0, "a part of its pixels");
    lacks(8, 5000, 0, "a value in its directory");
    assert_string_equal(PROBE("II*\0\0\0\0\0").missing, "its directory");
}

static void a_tiff_that_leads_in_a_circle_ends(void **state)
{
    g_autoptr(GByteArray) tiff = g_byte_array_new();

    (void) state;
    sample_text(tiff, "II*");
    put_le(tiff, 0, 1);
    put_le(tiff, 8, 4);
    put_le(tiff, 1, 2);
    put_le(tiff, 330, 2);
    put_le(tiff, 4, 2);
    put_le(tiff, 1, 4);
    put_le(tiff, 8, 4);
    put_le(tiff, 8, 4);
    assert_int_equal(probe_array(tiff).complete, COMPLETE_UNKNOWN);
}

static void counts_that_overflow_are_outside_of_the_file(void **state)
{
    g_autoptr(GByteArray) tiff = sample_tiff(&(SampleTiff){ .big = true, .data_last = true });

    (void) state;
    memset(tiff->data + 16 + 8 + 4, 0xff, 8); /* the count of the first entry */
    assert_int_equal(probe_array(tiff).complete, COMPLETE_NO);
    memset(tiff->data + 8, 0xff, 8); /* the offset of the directory */
    assert_int_equal(probe_array(tiff).complete, COMPLETE_NO);
}

static void a_small_picture_inside_the_meta_box_is_complete(void **state)
{
    static const char file[] = "\0\0\0\x14"
                               "ftypavif\0\0\0\0avif"
                               "\0\0\0\x1c"
                               "meta\0\0\0\0\0\0\0\x10"
                               "idatpicture.";

    (void) state;
    assert_int_equal(PROBE(file).complete, COMPLETE_YES);
}

static void an_extension_of_the_file_name_plays_no_part(void **state)
{
    /* There is none: the probe sees a descriptor only. What it sees must not depend on its offset.
     */
    g_autoptr(GByteArray) png = sample_png();
    Probe found;
    int fd = memfd_create("photo.jpg", MFD_CLOEXEC);

    (void) state;
    assert_int_equal(write(fd, png->data, png->len), png->len);
    assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
    assert_true(probe_file(fd, &found));
    assert_int_equal(found.format, FORMAT_PNG);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
    close(fd);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    Probe found;
    g_autofree char *path = g_strdup("/tmp/probe-XXXXXX");
    int fd = g_mkstemp(path);

    (void) state;
    assert_int_equal(write(fd, "text", 4), 4);
    close(fd);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_false(probe_file(fd, &found));
    assert_int_equal(errno, EBADF);
    close(fd);
    assert_false(probe_file(fd, &found));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_recognised_by_its_bytes_and_complete),
        cmocka_unit_test(a_picture_cut_anywhere_is_incomplete),
        cmocka_unit_test(a_picture_whose_rest_is_still_zeros_is_not_complete),
        cmocka_unit_test(data_behind_the_end_of_a_picture_is_allowed),
        cmocka_unit_test(a_jpeg_with_a_film_behind_it_is_complete),
        cmocka_unit_test(a_jpeg_with_a_second_one_behind_it_is_complete_even_if_that_is_cut),
        cmocka_unit_test(a_large_jpeg_without_its_end_is_incomplete),
        cmocka_unit_test(a_broken_inside_is_for_the_decoder_to_judge),
        cmocka_unit_test(camera_raw_is_never_taken_for_a_tiff),
        cmocka_unit_test(a_tiff_that_only_resembles_a_raw_is_a_tiff),
        cmocka_unit_test(the_first_pixels_of_a_tiff_are_no_mark_of_a_camera),
        cmocka_unit_test(what_is_no_picture_has_a_word_for_people),
        cmocka_unit_test(a_sidecar_a_sound_and_a_film_show_whether_they_are_complete),
        cmocka_unit_test(an_svg_is_recognised_by_its_first_element),
        cmocka_unit_test(a_picture_without_an_end_is_not_known_to_be_complete),
        cmocka_unit_test(a_bmp_without_its_last_padding_is_not_known_to_be_complete),
        cmocka_unit_test(a_refusal_says_what_would_let_it_in),
        cmocka_unit_test(a_name_that_contradicts_its_content_is_noticed),
        cmocka_unit_test(what_a_tiff_lacks_is_named),
        cmocka_unit_test(a_tiff_that_leads_in_a_circle_ends),
        cmocka_unit_test(counts_that_overflow_are_outside_of_the_file),
        cmocka_unit_test(a_small_picture_inside_the_meta_box_is_complete),
        cmocka_unit_test(an_extension_of_the_file_name_plays_no_part),
        cmocka_unit_test(what_cannot_be_read_is_an_error),
    };

    return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
