/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of magic bytes, and the kinds of files that are not pictures. Whether a picture is
 * complete, probe_picture.c, probe_bmp.c, probe_tiff.c (with camera RAW) and probe_rare.c find out.
 */
#include "formats/probe.h"

#include <errno.h>
#include <string.h>

#include "base/reasons.h"
#include "formats/bmp.h"
#include "formats/jpeg.h"
#include "formats/probe_internal.h"
#include "formats/tiff.h"

enum {
    BUDGET = 64 * 1024 * 1024, /* bytes; a JPEG without its end marker is read up to here */
    FORMAT_BUDGET = 128 * 1024
};

typedef struct Magic {
    size_t at;
    const char *bytes;
    size_t length;
    Format format;
    const char *kind;
    void (*check_end)(Bytes *bytes, Probe *probe); /* NULL: its end is unknown */
} Magic;

#define MAGIC(at, bytes, format, kind, check_end)                                                  \
    {                                                                                              \
        at, bytes, sizeof(bytes) - 1, format, kind, check_end                                      \
    }

/* The first match counts: a dialect stands before the format whose magic it shares. */
static const Magic magics[] = {
    MAGIC(0, JPEG_MAGIC, FORMAT_JPEG, "JPEG", probe_jpeg),
    MAGIC(0, "\x89PNG\r\n\x1a\n", FORMAT_PNG, "PNG", probe_png),
    MAGIC(0, "GIF87a", FORMAT_GIF, "GIF", probe_gif),
    MAGIC(0, "GIF89a", FORMAT_GIF, "GIF", probe_gif),
    MAGIC(8, "WEBP", FORMAT_WEBP, "WebP", probe_webp), /* and RIFF before it, see riff_kind() */
    MAGIC(0, TIFF_MAGIC_LITTLE, FORMAT_TIFF, "TIFF", probe_tiff),
    MAGIC(0, TIFF_MAGIC_BIG, FORMAT_TIFF, "TIFF", probe_tiff),
    MAGIC(0, BIGTIFF_MAGIC_LITTLE, FORMAT_TIFF, "TIFF", probe_tiff),
    MAGIC(0, BIGTIFF_MAGIC_BIG, FORMAT_TIFF, "TIFF", probe_tiff),
    MAGIC(4, "ftyp", FORMAT_NONE, "video", probe_isobmff),
    MAGIC(0, "\xff\x0a", FORMAT_JXL, "JPEG XL", NULL),
    MAGIC(0, "\0\0\0\x0cJXL \r\n\x87\n", FORMAT_JXL, "JPEG XL", probe_jxl),
    MAGIC(0, "\0\0\0\x0cjP  \r\n\x87\n", FORMAT_JP2, "JPEG 2000", probe_jp2),
    MAGIC(0, "\xff\x4f\xff\x51", FORMAT_JP2, "JPEG 2000", probe_jp2),
    MAGIC(0, "%PDF-", FORMAT_PDF, "PDF", probe_pdf),
    /* cameras with a magic of their own */
    MAGIC(0, "FUJIFILMCCD-RAW", FORMAT_RAW, "camera RAW", NULL),
    MAGIC(0, "IIRO", FORMAT_RAW, "camera RAW", NULL), /* Olympus ORF */
    MAGIC(0, "IIRS", FORMAT_RAW, "camera RAW", NULL),
    MAGIC(0, "MMOR", FORMAT_RAW, "camera RAW", NULL),
    MAGIC(0, "IIU\0", FORMAT_RAW, "camera RAW", NULL),    /* Panasonic RW2, Leica RWL */
    MAGIC(6, "HEAPCCDR", FORMAT_RAW, "camera RAW", NULL), /* Canon CRW */
    MAGIC(0, "FOVb", FORMAT_RAW, "camera RAW", NULL),     /* Sigma X3F */
    MAGIC(0, "\0MRM", FORMAT_RAW, "camera RAW", NULL),    /* Minolta MRW */
    MAGIC(0, "ARRI\x12\x34\x56\x78", FORMAT_RAW, "camera RAW", NULL),
    /* pictures that we do not read */
    MAGIC(0, "8BPS\0\1", FORMAT_NONE, "PSD", NULL),
    MAGIC(0, "8BPS\0\2", FORMAT_NONE, "PSD", NULL),
    MAGIC(0, "gimp xcf ", FORMAT_NONE, "GIMP picture", NULL),
    MAGIC(0, "v/1\1", FORMAT_NONE, "OpenEXR", NULL),
    MAGIC(0, "\0\0\1\0", FORMAT_NONE, "icon", NULL),
    MAGIC(0, "BPG\xfb", FORMAT_NONE, "BPG", NULL),
    /* other files found in picture folders */
    MAGIC(0, "%!PS", FORMAT_NONE, "PostScript", NULL),
    MAGIC(0, "\xc5\xd0\xd3\xc6", FORMAT_NONE, "PostScript", NULL),
    MAGIC(0, "\x1a\x45\xdf\xa3", FORMAT_NONE, "video", NULL), /* Matroska, WebM */
    MAGIC(0, "\0\0\1\xba", FORMAT_NONE, "video", NULL),       /* MPEG */
    MAGIC(0, "\0\0\1\xb3", FORMAT_NONE, "video", NULL),
    MAGIC(0, "FLV\1", FORMAT_NONE, "video", NULL),
    MAGIC(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", FORMAT_NONE, "video", NULL), /* ASF, WMV */
    MAGIC(4, "moov", FORMAT_NONE, "video", NULL), /* QuickTime of old has no ftyp */
    MAGIC(4, "mdat", FORMAT_NONE, "video", NULL),
    MAGIC(4, "wide", FORMAT_NONE, "video", NULL),
    MAGIC(0, "ID3", FORMAT_NONE, "audio", NULL),
    MAGIC(0, "\xff\xfb", FORMAT_NONE, "audio", NULL),
    MAGIC(0, "\xff\xf1", FORMAT_NONE, "audio", NULL),
    MAGIC(0, "fLaC", FORMAT_NONE, "audio", NULL),
    MAGIC(0, "OggS", FORMAT_NONE, "audio", NULL),
    MAGIC(0, "MThd", FORMAT_NONE, "audio", NULL),
    MAGIC(0, "PK\3\4", FORMAT_NONE, "archive", NULL),
    MAGIC(0, "PK\5\6", FORMAT_NONE, "archive", NULL),
    MAGIC(0, "\x1f\x8b", FORMAT_NONE, "archive", NULL),
    MAGIC(0, "BZh", FORMAT_NONE, "archive", NULL),
    MAGIC(0,
          "\xfd"
          "7zXZ",
          FORMAT_NONE, "archive", NULL),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", FORMAT_NONE, "archive", NULL),
    MAGIC(0, "Rar!\x1a\x07", FORMAT_NONE, "archive", NULL),
    MAGIC(0, "\x28\xb5\x2f\xfd", FORMAT_NONE, "archive", NULL),
    MAGIC(257, "ustar", FORMAT_NONE, "archive", NULL),
    MAGIC(0, "SQLite format 3", FORMAT_NONE, "database", NULL),
    MAGIC(0,
          "\x7f"
          "ELF",
          FORMAT_NONE, "program", NULL),
};

static const Magic *find_magic(const unsigned char *head, size_t count)
{
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
        const Magic *magic = &magics[i];

        if (magic->at + magic->length <= count &&
            memcmp(head + magic->at, magic->bytes, magic->length) == 0)
            return magic;
    }
    return NULL;
}

/* RIFF holds pictures, videos and sound; NULL when it is not RIFF. */
static const char *riff_kind(const unsigned char *head, size_t count)
{
    if (count < 12 || memcmp(head, "RIFF", 4) != 0)
        return NULL;
    if (memcmp(head + 8, "AVI ", 4) == 0)
        return "video";
    if (memcmp(head + 8, "WAVE", 4) == 0)
        return "audio";
    return REASON_UNKNOWN;
}

/* UTF-8, or mostly ASCII (older 8-bit texts), without the control characters of binaries. */
static bool is_text(const unsigned char *head, size_t count)
{
    const char *end = NULL;
    size_t high = 0;

    if (count >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
        return true; /* the byte order mark of UTF-16 */
    for (size_t i = 0; i < count; i++) {
        if ((head[i] < ' ' && !strchr("\t\n\v\f\r\x1b", head[i])) || head[i] == 0)
            return false;
        high += head[i] >= 0x80;
    }
    if (g_utf8_validate((const char *) head, (gssize) count, &end))
        return true;
    /* our own limit may cut the last character */
    return (size_t) (end - (const char *) head) + 4 > count ? high * 2 < count : high * 8 < count;
}

static const char *kind_without_magic(const unsigned char *head, size_t count)
{
    const char *riff = riff_kind(head, count);

    if (riff)
        return riff;
    return is_text(head, count) ? "text" : REASON_UNKNOWN;
}

static void probe_bytes(Bytes *bytes, Probe *probe)
{
    size_t count = 0;
    const unsigned char *head = bytes_from(bytes, 0, &count);
    const Magic *magic = head ? find_magic(head, count) : NULL;
    static const Magic bmp = { 0, "BM", 2, FORMAT_BMP, "BMP", probe_bmp };

    if (!head) /* it was truncated meanwhile, or a read failed */
        return;
    if (magic && magic->check_end == probe_webp && memcmp(head, "RIFF", 4) != 0)
        magic = NULL;
    if (!magic && bmp_begins(head, count)) /* two letters alone could begin a text */
        magic = &bmp;
    if (!magic) {
        probe->kind = kind_without_magic(head, count);
        if (strcmp(probe->kind, "text") == 0)
            probe_xml(bytes, probe);
        else if (riff_kind(head, count))
            probe_webp(bytes, probe); /* a film or a sound has its size there, too */
        return;
    }
    probe->format = magic->format;
    probe->kind = magic->kind;
    if (magic->check_end)
        magic->check_end(bytes, probe);
}

static bool probe_within(int fd, uint64_t budget, Probe *probe)
{
    Bytes bytes;

    *probe = (Probe){ FORMAT_NONE, COMPLETE_UNKNOWN, REASON_EMPTY, NULL };
    if (!bytes_begin(&bytes, fd, budget))
        return false;
    if (bytes.size == 0)
        return true;
    probe->kind = REASON_UNKNOWN;
    probe_bytes(&bytes, probe);
    if (probe->complete != COMPLETE_NO)
        probe->missing = NULL;
    errno = bytes.error;
    return bytes.error == 0;
}

bool probe_file(int fd, Probe *probe)
{
    return probe_within(fd, BUDGET, probe);
}

bool probe_format(int fd, Probe *probe)
{
    return probe_within(fd, FORMAT_BUDGET, probe);
}

bool probe_breaks_promise(const Probe *probe, Format promised, unsigned accept)
{
    return probe->format == FORMAT_NONE && promised != FORMAT_NONE &&
           (accept & FORMAT_BIT(promised));
}

static bool refuse_broken_promise(const Probe *probe, const char *extension, Error **err)
{
    if (!strcmp(probe->kind, REASON_UNKNOWN))
        return error_set(err, ERROR_PICTURE, "copy it again from where it came",
                         "the picture is damaged: its name ends in %s, and it does not begin as a "
                         "picture does",
                         extension);
    return error_set(err, ERROR_PICTURE, "copy the picture again, or rename the file",
                     "this is not a picture: its name ends in %s, and its content is %s", extension,
                     probe->kind);
}

bool probe_refusal(const Probe *probe, const char *path, unsigned accept, Error **err)
{
    const char *extension = NULL;
    Format promised = path ? format_promised(path, &extension) : FORMAT_NONE;

    if (!strcmp(probe->kind, REASON_EMPTY))
        return error_set(err, ERROR_PICTURE, "copy it again from where it came",
                         "the file is empty");
    if (probe_breaks_promise(probe, promised, accept))
        return refuse_broken_promise(probe, extension, err);
    if (probe->format != FORMAT_NONE) {
        g_autofree char *fix =
            g_strdup_printf("write `defaults { accept += { %s } }` into the configuration",
                            format_word(probe->format));
        return error_set(err, ERROR_PICTURE, fix, "this is %s, which is not accepted",
                         format_name(probe->format));
    }
    return error_set(err, ERROR_PICTURE,
                     "give a JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF or BMP picture",
                     "this is not a picture that hotfolder reads: %s", probe->kind);
}
