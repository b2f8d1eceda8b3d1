/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/sidecar.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "actions/metadata_edit.h"
#include "actions/metadata_taken.h"
#include "actions/xmp.h"
#include "actions/xmp_packet.h"
#include "base/units.h"

#define CRS "http://ns.adobe.com/camera-raw-settings/1.0/"

struct Sidecar {
    char *name;
    GHashTable *said; /* "URI name" of each property, as a set */
    char *descriptions;
    bool crops;
};

/* ---- what is not about the photo ---- */

typedef struct Left {
    const char *uri;
    const char *names; /* with spaces around each; NULL: all */
} Left;

/* The pixels of the file for which it was written, how programs develop it, and what they did. */
static const Left left[] = {
    { CRS, NULL },
    { "http://ns.adobe.com/camera-raw-saved-settings/1.0/", NULL },
    { "http://ns.adobe.com/xap/1.0/mm/", NULL },
    { "http://darktable.sf.net/", NULL },
    { "http://ns.adobe.com/xmp/note/", NULL },
    { "http://purl.org/dc/elements/1.1/", " format " },
    { "http://ns.adobe.com/xap/1.0/", " Thumbnails " },
    { "http://ns.adobe.com/photoshop/1.0/",
      " SidecarForExtension ColorMode ICCProfile LegacyIPTCDigest DocumentAncestors "
      "EmbeddedXMPDigest " },
    { XMP_TIFF, " Orientation ImageWidth ImageLength BitsPerSample Compression "
                "PhotometricInterpretation SamplesPerPixel PlanarConfiguration YCbCrSubSampling "
                "YCbCrPositioning YCbCrCoefficients XResolution YResolution ResolutionUnit "
                "TransferFunction WhitePoint PrimaryChromaticities ReferenceBlackWhite "
                "NativeDigest " },
    { "http://ns.adobe.com/exif/1.0/",
      " PixelXDimension PixelYDimension ColorSpace ComponentsConfiguration CompressedBitsPerPixel "
      "NativeDigest " },
};

bool sidecar_is_of_photo(const char *uri, const char *name)
{
    g_autofree char *word = g_strdup_printf(" %s ", name);

    for (size_t i = 0; i < G_N_ELEMENTS(left); i++)
        if (!strcmp(left[i].uri, uri))
            return left[i].names && !strstr(left[i].names, word);
    return *uri;
}

/* ---- reading ---- */

static char *key_of(const char *uri, const char *name)
{
    return g_strdup_printf("%s %s", uri, name);
}

/* An XmpKeep. */
static bool take_property(void *user, const char *uri, const char *name)
{
    GHashTable *said = user;

    if (!sidecar_is_of_photo(uri, name))
        return false;
    g_hash_table_add(said, key_of(uri, name));
    return true;
}

/* Lightroom writes True, others true; XMP's own word is True. */
static bool says_true(const Xmp *xmp, const char *name)
{
    g_autofree char *text = xmp_text(xmp, CRS, name);

    return text && !g_ascii_strcasecmp(text, "true");
}

/* The file as it is now: its sender may still add to it. NULL with *err. */
static GBytes *read_file(int fd, const char *name, int64_t most, Error **err)
{
    enum { PIECE = 64 * 1024 };
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_autofree guint8 *piece = g_malloc(PIECE);
    ssize_t got = 0;

    while ((got = pread(fd, piece, PIECE, all->len)) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0)
            g_byte_array_append(all, piece, (guint) got);
        if (all->len <= most)
            continue;
        g_autofree char *allowed = units_bytes_rounded(most);
        error_set(err, ERROR_PICTURE, "raise `max_metadata`",
                  "%s has more than %s, which max_metadata allows", name, allowed);
        return NULL;
    }
    if (got < 0)
        return error_errno(err, errno, "cannot read '%s'", name), NULL;
    return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

Sidecar *sidecar_read(int fd, const char *name, int64_t most, Error **err)
{
    int64_t limit = most ? MIN(most, BLOCK_MAX) : BLOCK_MAX;
    g_autoptr(GBytes) bytes = read_file(fd, name, limit, err);
    g_autoptr(Xmp) xmp = bytes && g_bytes_get_size(bytes) ? xmp_new(bytes) : NULL;

    if (!bytes)
        return NULL;
    if (!xmp || !xmp_has_rdf(xmp)) {
        error_set(err, ERROR_PICTURE, "write it again with the program that made it",
                  "%s is no XMP", name);
        return NULL;
    }
    Sidecar *sidecar = g_new0(Sidecar, 1);
    sidecar->name = g_strdup(name);
    sidecar->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    sidecar->crops = says_true(xmp, "HasCrop");
    xmp_filter(xmp, take_property, sidecar->said);
    xmp_keep_properties(xmp);
    sidecar->descriptions = xmp_descriptions(xmp);
    return sidecar;
}

void sidecar_free(Sidecar *sidecar)
{
    if (!sidecar)
        return;
    g_free(sidecar->name);
    g_hash_table_unref(sidecar->said);
    g_free(sidecar->descriptions);
    g_free(sidecar);
}

const char *sidecar_name(const Sidecar *sidecar)
{
    return sidecar->name;
}

bool sidecar_crops(const Sidecar *sidecar)
{
    return sidecar->crops;
}

/* ---- what it says goes before ---- */

/* An XmpKeep: of the picture's own. */
static bool is_unsaid(void *user, const char *uri, const char *name)
{
    g_autofree char *key = key_of(uri, name);

    return !g_hash_table_contains(user, key);
}

/* The picture's own packet without what the sidecar says; NULL where it has none that can be
 * read. */
static GBytes *rest_of(const Sidecar *sidecar, GBytes *own)
{
    g_autoptr(Xmp) xmp = own ? xmp_new(own) : NULL;

    if (!xmp || !xmp_has_rdf(xmp))
        return NULL;
    return xmp_filter(xmp, is_unsaid, sidecar->said) ? xmp_packet(xmp) : g_bytes_ref(own);
}

/* What it says by itself. */
static Metadata *alone(const Sidecar *sidecar)
{
    MetadataBlocks blocks = { .xmp = xmp_packet_add(NULL, sidecar->descriptions) };

    return metadata_new(&blocks);
}

/* What people write of a photo, not what a camera does. */
static bool is_description(const char *tag)
{
    static const char *const prefixes[] = { "Xmp.dc.", "Xmp.photoshop.", "Xmp.xmp.", "Xmp.iptc." };

    for (size_t i = 0; tag && i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(tag, prefixes[i]))
            return true;
    return false;
}

/* A value that EXIF cannot hold is said in XMP only. */
static void set(MetadataEdit *edit, const char *name, const char *const *texts)
{
    g_autoptr(Error) unfit = NULL;
    const MetadataTag *tag = metadata_tag_find(name, &unfit);

    if (tag)
        metadata_edit_set(edit, tag, texts, &unfit);
}

static void set_descriptions(Metadata *says, MetadataEdit *edit)
{
    for (const MetadataName *name = metadata_names; name->name; name++) {
        if (!is_description(name->sources[0].tag))
            continue;
        g_auto(GStrv) texts = metadata_texts(says, name->sources[0].tag);
        if (texts)
            set(edit, name->name, (const char *const *) texts);
    }
}

/* Of the moment when it was taken, with its time; NULL: it says none. */
static GDateTime *date_of(Metadata *says)
{
    static const char *const tags[] = { "Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated" };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autofree char *text = metadata_text(says, tags[i]);
        if (text && strchr(text, 'T'))
            return metadata_date(text);
    }
    return NULL;
}

/* A person has put the camera's clock right: EXIF's date is what programs read first. */
static void set_date(Metadata *says, Metadata *own, MetadataEdit *edit)
{
    static const char tag[] = "Exif.Photo.DateTimeOriginal";
    g_autofree char *old = metadata_text(own, tag);
    g_autoptr(GDateTime) was = old ? metadata_date(old) : NULL, is = date_of(says);

    if (!is || !was || ABS(g_date_time_difference(is, was)) < G_TIME_SPAN_SECOND)
        return;
    g_autofree char *text = g_date_time_format(is, "%Y:%m:%d %H:%M:%S");
    const char *const texts[] = { text, NULL };
    set(edit, tag, texts);
}

bool sidecar_says(const Sidecar *sidecar)
{
    return g_hash_table_size(sidecar->said);
}

Metadata *sidecar_apply(const void *applied, MetadataBlocks *blocks)
{
    const Sidecar *sidecar = applied;
    g_autoptr(GBytes) rest = rest_of(sidecar, blocks->xmp);
    g_autoptr(Error) too_large = NULL;

    if (!sidecar_says(sidecar))
        return metadata_new(blocks);
    blocks_replace(&blocks->xmp, xmp_packet_add(rest, sidecar->descriptions));
    g_autoptr(Metadata) own = metadata_new(blocks), says = alone(sidecar);
    g_autoptr(MetadataEdit) edit = metadata_edit_new(own);
    set_descriptions(says, edit);
    set_date(says, own, edit);
    Metadata *both = metadata_edit_end(edit, &too_large);
    return both ? both : g_steal_pointer(&own);
}
