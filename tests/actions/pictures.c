/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/actions/pictures.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/actions/check.h"

#define CHECK(failed)                                                                              \
    do {                                                                                           \
        if (failed)                                                                                \
            fail_msg("%s", vips_error_buffer());                                                   \
    } while (0)

static VipsImage *from_memory(const unsigned char *values, int width, int height, int bands)
{
    VipsImage *image = NULL;
    g_autoptr(VipsImage) raw = vips_image_new_from_memory_copy(
        values, (size_t) width * height * bands, width, height, bands, VIPS_FORMAT_UCHAR);

    CHECK(!raw || vips_copy(raw, &image, "interpretation", VIPS_INTERPRETATION_sRGB, NULL));
    return image;
}

static unsigned char byte(double value)
{
    return (unsigned char) CLAMP(value, 0, 255);
}

VipsImage *picture_photo(int width, int height)
{
    g_autofree unsigned char *values = g_malloc((size_t) width * height * 3);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned char *p = values + ((size_t) y * width + x) * 3;
            double across = (double) x / width;
            double down = (double) y / height;
            double wave = 12 * sin(x * 0.7) * cos(y * 0.9);
            bool sun = hypot((across - 0.7) * width / height, down - 0.3) < 0.15;
            bool house = across > 0.15 && across < 0.4 && down > 0.45 && down < 0.85;
            p[0] = byte(sun ? 250 : house ? 160 + wave : 60 + 120 * across + wave);
            p[1] = byte(sun ? 220 : house ? 50 + wave : 120 + 60 * down + wave);
            p[2] = byte(sun ? 60 : house ? 40 : 220 - 170 * down + wave / 2);
        }
    return from_memory(values, width, height, 3);
}

VipsImage *picture_drawing(int width, int height)
{
    g_autofree unsigned char *values = g_malloc0((size_t) width * height * 4);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned char *p = values + ((size_t) y * width + x) * 4;
            double from_centre = hypot(x - width / 2.0, y - height / 2.0) / MIN(width, height);
            p[0] = byte(255.0 * x / width);
            p[1] = 80;
            p[2] = byte(255.0 * y / height);
            p[3] = from_centre < 0.25 ? 255 : from_centre < 0.4 ? 128 : 0;
        }
    return from_memory(values, width, height, 4);
}

VipsImage *picture_plain(int width, int height, int bands, const double *colour)
{
    g_autofree unsigned char *values = g_malloc((size_t) width * height * bands);

    for (size_t i = 0; i < (size_t) width * height * bands; i++)
        values[i] = byte(colour[i % bands]);
    return from_memory(values, width, height, bands);
}

VipsImage *picture_with_metadata(VipsImage *in, int orientation)
{
    static const char xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>beach</a></x:xmpmeta>";
    VipsImage *out = NULL;
    g_autoptr(VipsImage) copy = NULL;
    VipsBlob *profile = NULL;
    size_t size = 0;

    CHECK(vips_copy(in, &copy, NULL) || vips_profile_load("p3", &profile, NULL));
    const void *bytes = vips_blob_get(profile, &size);
    vips_image_set_blob_copy(copy, VIPS_META_ICC_NAME, bytes, size);
    vips_area_unref(VIPS_AREA(profile));
    vips_image_set_blob_copy(copy, VIPS_META_XMP_NAME, xmp, strlen(xmp));
    vips_image_set_string(copy, "exif-ifd0-Make", "Acme (Acme, ASCII, 5 components, 5 bytes)");
    vips_image_set_string(copy, "exif-ifd2-DateTimeOriginal",
                          "2024:05:01 12:30:59 (2024:05:01 12:30:59, ASCII, 20 components, 20 "
                          "bytes)");
    vips_image_set_string(copy, "exif-ifd3-GPSLatitude",
                          "52/1 30/1 0/1 (52, 30, 0, Rational, 3 components, 24 bytes)");
    vips_image_set_int(copy, VIPS_META_ORIENTATION, orientation);
    out = vips_image_copy_memory(copy);
    CHECK(!out);
    return out;
}

VipsImage *picture_described(VipsImage *in)
{
    static const char xmp[] =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'"
        " xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'>"
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Boats at Sea</rdf:li></rdf:Alt></dc:title>"
        "<dc:creator><rdf:Seq><rdf:li>Jo Doe</rdf:li></rdf:Seq></dc:creator>"
        "<dc:subject><rdf:Bag><rdf:li>Web</rdf:li><rdf:li>boat</rdf:li></rdf:Bag></dc:subject>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>";
    VipsImage *out = picture_with_metadata(in, 1);

    vips_image_set_blob_copy(out, VIPS_META_XMP_NAME, xmp, strlen(xmp));
    vips_image_set_string(out, "exif-ifd3-GPSLatitudeRef", "N (N, ASCII, 2 components, 2 bytes)");
    vips_image_set_string(out, "exif-ifd0-Model", "X 100 (X 100, ASCII, 6 components, 6 bytes)");
    vips_image_set_string(out, "exif-ifd2-LensModel",
                          "35mm F2 (35mm F2, ASCII, 8 components, 8 bytes)");
    vips_image_set_string(out, "exif-ifd2-FNumber",
                          "28/10 (f/2.8, Rational, 1 components, 8 bytes)");
    vips_image_set_string(out, "exif-ifd2-ExposureTime",
                          "1/250 (1/250 sec., Rational, 1 components, 8 bytes)");
    vips_image_set_string(out, "exif-ifd2-ISOSpeedRatings",
                          "400 (400, Short, 1 components, 2 bytes)");
    return out;
}

/* Where the pixel in column c and row r of the stored picture is seen. Rows and columns are what
 * EXIF's table says of the tag: "6: the 0th row is the right-hand side, the 0th column the top". */
static void seen_at(int orientation, int c, int r, int width, int height, int *x, int *y)
{
    bool sideways = orientation >= 5;
    bool rows_backward =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    bool columns_backward =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    int along_rows = sideways ? width : height;
    int along_columns = sideways ? height : width;
    int row = rows_backward ? along_rows - 1 - r : r;
    int column = columns_backward ? along_columns - 1 - c : c;

    *x = sideways ? row : column;
    *y = sideways ? column : row;
}

VipsImage *picture_turned(VipsImage *in, int orientation)
{
    int width = in->Xsize;
    int height = in->Ysize;
    int stored_width = orientation >= 5 ? height : width;
    int stored_height = orientation >= 5 ? width : height;
    g_autofree unsigned char *values = g_malloc((size_t) width * height * 3);
    g_autoptr(VipsImage) memory = vips_image_copy_memory(in);
    VipsImage *out = NULL;

    for (int r = 0; r < stored_height; r++)
        for (int c = 0; c < stored_width; c++) {
            int x = 0;
            int y = 0;
            seen_at(orientation, c, r, width, height, &x, &y);
            memcpy(values + ((size_t) r * stored_width + c) * 3, VIPS_IMAGE_ADDR(memory, x, y), 3);
        }
    out = from_memory(values, stored_width, stored_height, 3);
    vips_image_set_int(out, VIPS_META_ORIENTATION, orientation);
    return out;
}

int picture_bmp(VipsImage *in)
{
    enum { HEADERS = 54, BANDS = 3, PIXELS_AT = 10, SIZE_AT = 18 };
    static const guint8 head[HEADERS] = {
        'B', 'M', [PIXELS_AT] = HEADERS, [14] = HEADERS - 14, [26] = 1, [28] = 8 * BANDS
    };
    g_autoptr(VipsImage) memory = vips_image_copy_memory(in);
    g_autoptr(GByteArray) file = g_byte_array_new();
    const gint32 size[] = { GINT32_TO_LE(in->Xsize), GINT32_TO_LE(in->Ysize) };

    g_byte_array_append(file, head, HEADERS);
    memcpy(file->data + SIZE_AT, size, sizeof(size));
    for (int y = in->Ysize - 1; y >= 0; y--) {
        const guint8 *p = VIPS_IMAGE_ADDR(memory, 0, y);
        for (int x = 0; x < in->Xsize; x++, p += BANDS)
            g_byte_array_append(file, (const guint8[]){ p[2], p[1], p[0] }, BANDS);
        g_byte_array_append(file, (const guint8[BANDS]){ 0 }, (guint) in->Xsize % 4);
    }
    return picture_bytes(file->data, file->len);
}

int picture_bytes(const void *bytes, size_t size)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

int picture_file(VipsImage *in, const char *suffix)
{
    void *bytes = NULL;
    size_t size = 0;

    CHECK(vips_image_write_to_buffer(in, suffix, &bytes, &size, NULL));
    int fd = picture_bytes(bytes, size);
    g_free(bytes);
    return fd;
}

GBytes *picture_read(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *bytes = g_malloc((gsize) size + 1);

    assert_int_equal(pread(fd, bytes, (size_t) size, 0), size);
    return g_bytes_new_take(bytes, (gsize) size);
}

VipsImage *picture_load(int fd)
{
    g_autoptr(GBytes) bytes = picture_read(fd);
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autoptr(VipsSource) source = vips_source_new_from_memory(data, size);
    vips_block_untrusted_set(FALSE); /* it is an output of ours */
    g_autoptr(VipsImage) image = vips_image_new_from_source(source, "", NULL);
    vips_block_untrusted_set(TRUE);
    VipsImage *memory = image ? vips_image_copy_memory(image) : NULL;

    CHECK(!memory);
    return memory;
}

Distance picture_distance(VipsImage *a, VipsImage *b)
{
    const Distance apart = { 255, 255 };
    Distance distance = { 0 };
    g_autoptr(VipsImage) difference = NULL;
    g_autoptr(VipsImage) positive = NULL;

    if (a->Xsize != b->Xsize || a->Ysize != b->Ysize || a->Bands != b->Bands)
        return apart;
    CHECK(vips_subtract(a, b, &difference, NULL) || vips_abs(difference, &positive, NULL) ||
          vips_avg(positive, &distance.mean, NULL) || vips_max(positive, &distance.most, NULL));
    return distance;
}

int picture_at(VipsImage *image, int x, int y, int band)
{
    g_autofree double *values = NULL;
    int count = 0;

    CHECK(vips_getpoint(image, &values, &count, x, y, NULL));
    assert_true(band < count);
    return (int) values[band];
}
