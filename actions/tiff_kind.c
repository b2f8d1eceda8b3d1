/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tiff_kind.h"

#include <math.h>
#include <string.h>

#include "actions/damage.h"

static const char export_it[] = "export it as an RGB TIFF of 8 or 16 bits, or as JPEG";

G_GNUC_PRINTF(1, 2) static bool refuse(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *kind = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    damage_refuse(g_strdup_printf("it is a TIFF %s, which hotfolder does not read", kind),
                  export_it);
    g_free(kind);
    return false;
}

static unsigned tag(TIFF *tiff, uint32_t which, unsigned fallback)
{
    uint16_t value = 0;

    return TIFFGetField(tiff, which, &value) ? value : fallback;
}

/* ---- samples ---- */

static bool is_float_size(unsigned bits)
{
    return bits == 16 || bits == 24 || bits == 32 || bits == 64;
}

/* The range that the tags state; floats of which all lie between 0 and 1 do not fill it. */
static void read_range(TIFF *tiff, TiffKind *kind)
{
    double least = 0, most = 0;

    if (!TIFFGetField(tiff, TIFFTAG_SMAXSAMPLEVALUE, &most) || !isfinite(most) || most <= 0)
        return;
    if (!TIFFGetField(tiff, TIFFTAG_SMINSAMPLEVALUE, &least) || !isfinite(least))
        least = 0;
    kind->numbers.black = MIN(0, least);
    kind->numbers.white = kind->numbers.kind == SAMPLE_FLOAT ? MAX(1, most) : most;
    kind->unsure = false;
}

static bool read_numbers(TIFF *tiff, TiffKind *kind)
{
    static const SampleKind kinds[] = { [SAMPLEFORMAT_UINT] = SAMPLE_UNSIGNED,
                                        [SAMPLEFORMAT_INT] = SAMPLE_SIGNED,
                                        [SAMPLEFORMAT_IEEEFP] = SAMPLE_FLOAT,
                                        [SAMPLEFORMAT_VOID] = SAMPLE_UNSIGNED };
    unsigned bits = tag(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    unsigned format = tag(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);

    if (format >= G_N_ELEMENTS(kinds) || format == 0)
        return refuse("of complex numbers");
    kind->numbers = (Samples){ .kind = kinds[format], .bits = bits };
    if (kind->numbers.kind == SAMPLE_FLOAT ? !is_float_size(bits) : bits < 1 || bits > 32)
        return refuse("of samples of %u bits%s", bits,
                      kind->numbers.kind == SAMPLE_FLOAT ? " float" : "");
    kind->numbers.white = ldexp(1, (int) bits - (kind->numbers.kind == SAMPLE_SIGNED)) - 1;
    kind->unsure = kind->numbers.kind != SAMPLE_UNSIGNED || bits > 16;
    if (kind->unsure)
        read_range(tiff, kind);
    return true;
}

/* Only what the file calls alpha is transparency: a channel without a statement is a saved
 * selection or a spot colour. */
static void read_extra(TIFF *tiff, TiffKind *kind)
{
    uint16_t count = 0;
    uint16_t *types = NULL;

    kind->alpha = -1;
    TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &types);
    for (unsigned i = 0; i < count && kind->alpha < 0; i++) {
        if (types[i] != EXTRASAMPLE_ASSOCALPHA && types[i] != EXTRASAMPLE_UNASSALPHA)
            continue;
        unsigned at = kind->samples - MIN(count, kind->samples) + i;
        if (at >= kind->colours)
            kind->alpha = (int) at;
        kind->premultiplied = types[i] == EXTRASAMPLE_ASSOCALPHA;
    }
}

/* ---- colours ---- */

static VipsInterpretation by_depth(const TiffKind *kind, VipsInterpretation eight,
                                   VipsInterpretation sixteen)
{
    return samples_format(&kind->numbers) == VIPS_FORMAT_UCHAR ? eight : sixteen;
}

static bool of_grey(TiffKind *kind, bool negative)
{
    double white = kind->numbers.white;

    kind->colours = 1;
    kind->type = by_depth(kind, VIPS_INTERPRETATION_B_W, VIPS_INTERPRETATION_GREY16);
    if (!negative)
        return true;
    if (kind->unsure && kind->numbers.kind == SAMPLE_FLOAT)
        return refuse("of floats in a negative");
    kind->numbers.white = kind->numbers.black;
    kind->numbers.black = white;
    return true;
}

static bool of_rgb(TiffKind *kind)
{
    kind->colours = 3;
    kind->type = by_depth(kind, VIPS_INTERPRETATION_sRGB, VIPS_INTERPRETATION_RGB16);
    return true;
}

static bool of_palette(TiffKind *kind)
{
    if (kind->numbers.kind != SAMPLE_UNSIGNED || kind->numbers.bits > 16)
        return refuse("of a palette with numbers of %u bits", kind->numbers.bits);
    kind->way = TIFF_PALETTE;
    kind->colours = 1;
    kind->type = VIPS_INTERPRETATION_sRGB;
    return true;
}

static bool of_inks(TIFF *tiff, TiffKind *kind)
{
    unsigned inks = tag(tiff, TIFFTAG_NUMBEROFINKS, 4);

    if (tag(tiff, TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK && inks != 4)
        return refuse("of %u inks other than cyan, magenta, yellow and black", inks);
    if (kind->numbers.kind == SAMPLE_FLOAT)
        return refuse("of CMYK in floats");
    kind->colours = 4;
    kind->type = VIPS_INTERPRETATION_CMYK;
    return true;
}

static bool of_lab(TiffKind *kind, bool offset)
{
    bool floats = kind->numbers.kind == SAMPLE_FLOAT;

    if (!floats && kind->numbers.bits != 8 && kind->numbers.bits != 16)
        return refuse("of Lab colours of %u bits", kind->numbers.bits);
    kind->way = TIFF_LAB;
    kind->colours = kind->samples < 3 ? 1 : 3;
    kind->offset_ab = offset;
    if (!floats)
        kind->numbers = (Samples){ SAMPLE_UNSIGNED, kind->numbers.bits, 0,
                                   kind->numbers.bits == 8 ? 255 : 65535 };
    kind->unsure = false;
    kind->type = VIPS_INTERPRETATION_RGB16;
    return true;
}

/* The JPEG decoder converts its own YCbCr, all other is libtiff's. */
static bool of_ycbcr(TIFF *tiff, TiffKind *kind, unsigned compression)
{
    uint16_t across = 1, down = 1;
    char why[1024] = "";

    if (compression == COMPRESSION_JPEG && !kind->apart && kind->samples == 3) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        return of_rgb(kind);
    }
    TIFFGetFieldDefaulted(tiff, TIFFTAG_YCBCRSUBSAMPLING, &across, &down);
    if (kind->apart && (across > 1 || down > 1))
        return refuse("of subsampled YCbCr in separate planes");
    if (!TIFFRGBAImageOK(tiff, why))
        return refuse("of YCbCr colours of this kind (%s)", why);
    kind->way = TIFF_BY_LIBTIFF;
    kind->numbers = (Samples){ .bits = 8, .white = 255 };
    kind->unsure = false;
    return of_rgb(kind);
}

/* Where the tag is missing: fax is black on white. */
static unsigned guessed_photometric(const TiffKind *kind, unsigned compression)
{
    if (compression >= COMPRESSION_CCITTRLE && compression <= COMPRESSION_CCITTFAX4)
        return PHOTOMETRIC_MINISWHITE;
    return kind->samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

static bool read_colours(TIFF *tiff, TiffKind *kind, unsigned compression)
{
    unsigned photometric = tag(tiff, TIFFTAG_PHOTOMETRIC, guessed_photometric(kind, compression));

    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
        return of_grey(kind, true);
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MASK:
        return of_grey(kind, false);
    case PHOTOMETRIC_RGB:
        return compression == COMPRESSION_OJPEG ? of_ycbcr(tiff, kind, compression) : of_rgb(kind);
    case PHOTOMETRIC_PALETTE:
        return of_palette(kind);
    case PHOTOMETRIC_SEPARATED:
        return of_inks(tiff, kind);
    case PHOTOMETRIC_YCBCR:
        return of_ycbcr(tiff, kind, compression);
    case PHOTOMETRIC_CIELAB:
        return of_lab(kind, false);
    case PHOTOMETRIC_ICCLAB:
        return of_lab(kind, true);
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
        return refuse("of absolute brightness (LogLuv)");
    case PHOTOMETRIC_ITULAB:
        return refuse("of colours for fax (ITULab)");
    default:
        return refuse("of colours of an unknown kind (photometric interpretation %u)", photometric);
    }
}

/* ---- the whole ---- */

static bool check_compression(const TiffKind *kind, unsigned compression)
{
    const TIFFCodec *codec = TIFFFindCODEC((uint16_t) compression);

    if (!codec)
        return refuse("that is compressed in an unknown way (%u)", compression);
    if (!TIFFIsCODECConfigured((uint16_t) compression))
        return refuse("compressed as %s", codec->name);
    if (compression == COMPRESSION_JPEG && kind->numbers.bits != 8)
        return refuse("of JPEG data of %u bits a sample", kind->numbers.bits);
    return true;
}

bool tiff_kind(TIFF *tiff, TiffKind *kind)
{
    unsigned compression = tag(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    uint32_t depth = 1;

    *kind = (TiffKind){ .alpha = -1, .samples = tag(tiff, TIFFTAG_SAMPLESPERPIXEL, 1) };
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &kind->width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &kind->height);
    if (TIFFGetField(tiff, TIFFTAG_IMAGEDEPTH, &depth) && depth > 1)
        return refuse("of a body of %u layers", depth);
    kind->apart = tag(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE &&
                  kind->samples > 1;
    if (!read_numbers(tiff, kind) || !check_compression(kind, compression) ||
        !read_colours(tiff, kind, compression))
        return false;
    if (kind->samples < kind->colours)
        return refuse("of %u colours, where its kind has %u", kind->samples, kind->colours);
    if (kind->way == TIFF_PLAIN)
        read_extra(tiff, kind);
    return true;
}

void tiff_refuse_unread(TIFF *tiff)
{
    unsigned compression = tag(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);

    if (compression == COMPRESSION_OJPEG)
        refuse("of old-style JPEG that libtiff cannot decode");
    else if (strstr(vips_error_buffer(), "Unsupported JPEG process"))
        refuse("of JPEG data that is neither baseline nor progressive");
}

/* ---- what is white ---- */

static const char *kind_word(const Samples *numbers)
{
    static const char *const words[] = {
        [SAMPLE_UNSIGNED] = "unsigned", [SAMPLE_SIGNED] = "signed", [SAMPLE_FLOAT] = "float"
    };

    return words[numbers->kind];
}

static bool refuse_range(const TiffKind *kind, const TiffExtent *extent, const char *so)
{
    damage_refuse(g_strdup_printf("it is a TIFF of %u bits %s, whose numbers reach from %.6g to "
                                  "%.6g%s",
                                  kind->numbers.bits, kind_word(&kind->numbers), extent->least,
                                  extent->most, so),
                  export_it);
    return false;
}

/* Highlights of a render or of a sum of exposures are above 1; a filter leaves a few below 0. */
enum {
    HIGHLIGHTS = 50, /* one in so many */
    BLACK = 32,      /* the share of white up to which all is nearly black */
};

static double white_of_floats(const TiffExtent *extent)
{
    if (extent->most <= 1 || extent->above * HIGHLIGHTS <= extent->count)
        return 1;
    return extent->most <= 255 ? 255 : extent->most <= 65535 ? 65535 : 0;
}

bool tiff_set_white(TiffKind *kind, const TiffExtent *extent)
{
    bool negative = kind->numbers.white < kind->numbers.black;
    double white = kind->numbers.kind == SAMPLE_FLOAT
                       ? white_of_floats(extent)
                       : MAX(kind->numbers.black, kind->numbers.white);

    if (extent->below * HIGHLIGHTS > extent->count ||
        (kind->numbers.kind != SAMPLE_FLOAT && extent->below > 0))
        return refuse_range(kind, extent, ": below 0 there is no colour");
    if (white == 0)
        return refuse_range(kind, extent, ", and do not say which is white");
    if (extent->most > 0 && extent->most < white / BLACK)
        return refuse_range(kind, extent, ": all of it would be black");
    if (!negative)
        kind->numbers.white = white;
    kind->unsure = false;
    return true;
}
