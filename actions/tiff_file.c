/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tiff_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/damage.h"
#include "formats/tiff.h"

static int descriptor(const TiffFile *file)
{
    return VIPS_CONNECTION(file->source)->descriptor;
}

static tmsize_t read_bytes(void *data, void *to, tmsize_t size)
{
    TiffFile *file = data;
    tmsize_t done = 0;

    while (done < size) {
        ssize_t some =
            pread(descriptor(file), (char *) to + done, (size_t) (size - done), file->at);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0)
            vips_error_system(errno, "tiff", "cannot read the file");
        if (some <= 0)
            break;
        done += some;
        file->at += some;
    }
    return done;
}

/* To libtiff the page that is opened is the first one: to any other it would walk through all
 * before it, and through all behind it, each time. */
static bool find_link(TiffFile *file)
{
    unsigned char header[TIFF_HEADER];

    if (pread(descriptor(file), header, sizeof(header), 0) != (ssize_t) sizeof(header))
        return false;
    const TiffLayout layout = tiff_layout(header);
    file->first.at = file->first.size = layout.word;
    for (unsigned i = 0; i < layout.word; i++) {
        unsigned shift = 8 * (layout.big_endian ? layout.word - 1 - i : i);
        file->first.bytes[i] = (unsigned char) (file->directory >> shift);
    }
    return true;
}

/* Puts the link over `count` bytes that were read from `from` on. */
static void put_link(const TiffFile *file, unsigned char *bytes, off_t from, tmsize_t count)
{
    for (unsigned i = 0; i < file->first.size; i++) {
        off_t at = (off_t) file->first.at + i - from;
        if (at >= 0 && at < count)
            bytes[at] = file->first.bytes[i];
    }
}

static tmsize_t read_linked(void *data, void *to, tmsize_t size)
{
    TiffFile *file = data;
    const off_t from = file->at;
    const tmsize_t done = read_bytes(data, to, size);

    put_link(file, to, from, done);
    return done;
}

static tmsize_t write_bytes(void *data G_GNUC_UNUSED, void *from G_GNUC_UNUSED,
                            tmsize_t size G_GNUC_UNUSED)
{
    return 0;
}

static toff_t file_size(void *data)
{
    struct stat status;

    return fstat(descriptor(data), &status) ? 0 : (toff_t) status.st_size;
}

static toff_t seek(void *data, toff_t offset, int whence)
{
    TiffFile *file = data;
    toff_t base = whence == SEEK_CUR ? (toff_t) file->at : whence == SEEK_END ? file_size(data) : 0;

    file->at = (off_t) (base + offset);
    return (toff_t) file->at;
}

static int close_nothing(void *data G_GNUC_UNUSED)
{
    return 0;
}

/* The codes of fax go on after an error, and the call succeeds. */
G_GNUC_PRINTF(4, 0)
static int on_error(TIFF *tiff G_GNUC_UNUSED, void *user, const char *module G_GNUC_UNUSED,
                    const char *format, va_list arguments)
{
    TiffFile *file = user;

    vips_verror("tiff", format, arguments);
    file->complained = true;
    return 1;
}

/* Most warnings are of unknown tags. Those of the JPEG decoder are of damaged data, which it makes
 * up; a few spare bytes before a marker do no harm; many are data that was not understood. */
G_GNUC_PRINTF(4, 0)
static int on_warning(TIFF *tiff G_GNUC_UNUSED, void *user, const char *module, const char *format,
                      va_list arguments)
{
    TiffFile *file = user;

    if (g_strcmp0(module, "JPEGLib") != 0)
        return 1;
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    unsigned spare = 0;
    if (sscanf(text, "Corrupt JPEG data: %u extraneous bytes", &spare) == 1 &&
        spare <= DAMAGE_SPARE_MAX)
        return 1;
    vips_error("tiff", "%s", text);
    file->complained = true;
    return 1;
}

bool tiff_file_open(TiffFile *file)
{
    if (file->directory && !find_link(file)) {
        vips_error_system(errno, "tiff", "cannot read the file");
        return false;
    }

    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return false;
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, file);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, file);
    file->tiff = TIFFClientOpenExt("picture", "rm", file, read_linked, write_bytes, seek,
                                   close_nothing, file_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return file->tiff;
}

void tiff_file_close(TiffFile *file)
{
    if (file->tiff)
        TIFFClose(file->tiff);
    g_clear_object(&file->source);
}
