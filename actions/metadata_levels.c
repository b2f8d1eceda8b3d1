/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of what stays, and not of what goes: a place or a serial number has too many names. */
#include "actions/metadata_levels.h"

#include <string.h>

#include "actions/blocks_png.h"
#include "actions/exif.h"
#include "actions/image_resources.h"
#include "actions/iptc.h"
#include "actions/xmp.h"
#include "actions/xmp_packet.h"

/* ---- EXIF ---- */

/* Author and rights, and what EXIF demands of every picture: about its pixels, not about the photo.
 */
#define RIGHTS_TAGS                                                                                \
    { EXIF_IN_MAIN, 0x0112 },      /* Orientation */                                               \
        { EXIF_IN_MAIN, 0x011a },  /* XResolution */                                               \
        { EXIF_IN_MAIN, 0x011b },  /* YResolution */                                               \
        { EXIF_IN_MAIN, 0x0128 },  /* ResolutionUnit */                                            \
        { EXIF_IN_MAIN, 0x013b },  /* Artist */                                                    \
        { EXIF_IN_MAIN, 0x0213 },  /* YCbCrPositioning */                                          \
        { EXIF_IN_MAIN, 0x8298 },  /* Copyright */                                                 \
        { EXIF_IN_MAIN, 0x9c9d },  /* XPAuthor */                                                  \
        { EXIF_IN_PHOTO, 0x9000 }, /* ExifVersion */                                               \
        { EXIF_IN_PHOTO, 0x9101 }, /* ComponentsConfiguration */                                   \
        { EXIF_IN_PHOTO, 0xa000 }, /* FlashpixVersion */                                           \
        { EXIF_IN_PHOTO, 0xa001 }, /* ColorSpace */                                                \
        { EXIF_IN_PHOTO, 0xa002 }, /* PixelXDimension */                                           \
    {                                                                                              \
        EXIF_IN_PHOTO, 0xa003                                                                      \
    } /* PixelYDimension */

static const ExifTag copyright_tags[] = { RIGHTS_TAGS, { 0 } };

static const ExifTag sharing_tags[] = {
    RIGHTS_TAGS,
    { EXIF_IN_MAIN, 0x010e },  /* ImageDescription */
    { EXIF_IN_MAIN, 0x0132 },  /* DateTime */
    { EXIF_IN_MAIN, 0x9c9b },  /* XPTitle */
    { EXIF_IN_MAIN, 0x9c9c },  /* XPComment */
    { EXIF_IN_MAIN, 0x9c9e },  /* XPKeywords */
    { EXIF_IN_MAIN, 0x9c9f },  /* XPSubject */
    { EXIF_IN_PHOTO, 0x9003 }, /* DateTimeOriginal */
    { EXIF_IN_PHOTO, 0x9004 }, /* DateTimeDigitized */
    { EXIF_IN_PHOTO, 0x9010 }, /* OffsetTime, and of the other two */
    { EXIF_IN_PHOTO, 0x9011 },
    { EXIF_IN_PHOTO, 0x9012 },
    { EXIF_IN_PHOTO, 0x9290 }, /* SubSecTime, and of the other two */
    { EXIF_IN_PHOTO, 0x9291 },
    { EXIF_IN_PHOTO, 0x9292 },
    { 0 },
};

static GBytes *exif_of_level(GBytes *bytes, MetadataLevel level)
{
    g_autoptr(Exif) exif = exif_new(bytes);

    return exif ? exif_selected(exif, level == METADATA_COPYRIGHT ? copyright_tags : sharing_tags)
                : NULL;
}

/* ---- XMP ---- */

typedef struct Kept {
    const char *uri;
    const char *rights;  /* names of properties, with spaces around each; "*": all */
    const char *sharing; /* those that METADATA_SHARING has besides, or NULL */
} Kept;

static const Kept kept[] = {
    { "http://purl.org/dc/elements/1.1/", " creator rights source ",
      " title description subject date " },
    { "http://ns.adobe.com/photoshop/1.0/", " AuthorsPosition Credit Source Copyright ",
      " Headline DateCreated " },
    { "http://ns.adobe.com/xap/1.0/rights/", " Marked UsageTerms WebStatement ", NULL },
    { "http://ns.adobe.com/xap/1.0/", " ", " CreateDate " },
    { "http://ns.adobe.com/tiff/1.0/", " Artist Copyright Orientation ",
      " ImageDescription DateTime " },
    { "http://ns.adobe.com/exif/1.0/", " ColorSpace ", " DateTimeOriginal DateTimeDigitized " },
    { "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", " CreatorContactInfo ", NULL },
    { "http://ns.useplus.org/ldf/xmp/1.0/",
      " CopyrightOwner ImageCreator Licensor DataMining OtherConstraints "
      "CopyrightStatus CreditLineRequired ",
      NULL },
    { "http://creativecommons.org/ns#", "*", NULL },
};

static bool is_listed(const char *names, const char *name)
{
    g_autofree char *word = g_strdup_printf(" %s ", name);

    return names && (!strcmp(names, "*") || strstr(names, word));
}

static bool is_of_level(void *user, const char *uri, const char *name)
{
    const MetadataLevel *level = user;

    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        if (!strcmp(kept[i].uri, uri))
            return is_listed(kept[i].rights, name) ||
                   (*level == METADATA_SHARING && is_listed(kept[i].sharing, name));
    return false;
}

static GBytes *xmp_of_level(GBytes *packet, MetadataLevel level)
{
    g_autoptr(Xmp) xmp = xmp_new(packet);

    if (!xmp)
        return NULL;
    xmp_filter(xmp, is_of_level, &level);
    xmp_keep_properties(xmp);
    if (xmp_is_empty(xmp))
        return NULL;
    g_autoptr(GBytes) bare = xmp_packet(xmp);
    return xmp_packet_wrapped(bare);
}

/* ---- IPTC and Photoshop's block ---- */

/* The version and the character set, and bylines, credit, source, copyright, contact. */
static bool dataset_is_rights(unsigned dataset)
{
    static const unsigned sets[] = { IPTC_DATASET(1, 0),   IPTC_DATASET(1, 90),
                                     IPTC_DATASET(2, 0),   IPTC_DATASET(2, 80),
                                     IPTC_DATASET(2, 85),  IPTC_DATASET(2, 110),
                                     IPTC_DATASET(2, 115), IPTC_DATASET(2, 116),
                                     IPTC_DATASET(2, 118) };

    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++)
        if (sets[i] == dataset)
            return true;
    return false;
}

/* Title, keywords, dates and times, headline, caption too. */
static bool dataset_is_sharing(unsigned dataset)
{
    static const unsigned sets[] = { IPTC_DATASET(2, 5),   IPTC_DATASET(2, 25), IPTC_DATASET(2, 55),
                                     IPTC_DATASET(2, 60),  IPTC_DATASET(2, 62), IPTC_DATASET(2, 63),
                                     IPTC_DATASET(2, 105), IPTC_DATASET(2, 120) };

    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++)
        if (sets[i] == dataset)
            return true;
    return dataset_is_rights(dataset);
}

static bool resource_is_rights(unsigned id)
{
    enum { COPYRIGHT_FLAG = 1034, ADDRESS = 1035 };

    return id == COPYRIGHT_FLAG || id == ADDRESS;
}

/* ---- texts of a PNG ---- */

static bool text_is_rights(const char *keyword)
{
    return !strcmp(keyword, "Author") || !strcmp(keyword, "Copyright");
}

static bool text_is_sharing(const char *keyword)
{
    return text_is_rights(keyword) || !strcmp(keyword, "Title") ||
           !strcmp(keyword, "Description") || !strcmp(keyword, "Creation Time");
}

/* ---- all of it ---- */

void metadata_level_apply(MetadataBlocks *blocks, MetadataLevel level)
{
    Density density = blocks->density;

    if (level == METADATA_ALL)
        return;
    g_clear_pointer(&blocks->comment, g_free);
    if (level == METADATA_NONE) {
        metadata_blocks_clear(blocks);
        blocks->density = density;
        return;
    }
    if (blocks->exif)
        blocks_replace(&blocks->exif, exif_of_level(blocks->exif, level));
    if (blocks->xmp)
        blocks_replace(&blocks->xmp, xmp_of_level(blocks->xmp, level));
    if (blocks->iptc)
        blocks_replace(&blocks->iptc,
                       iptc_filter(blocks->iptc, level == METADATA_SHARING ? dataset_is_sharing
                                                                           : dataset_is_rights));
    if (blocks->photoshop)
        blocks_replace(&blocks->photoshop,
                       image_resources_filter(blocks->photoshop, resource_is_rights));
    if (blocks->png_texts)
        blocks_replace(&blocks->png_texts,
                       blocks_png_filter(blocks->png_texts, level == METADATA_SHARING
                                                                ? text_is_sharing
                                                                : text_is_rights));
}

void metadata_keep_orientation(MetadataBlocks *blocks)
{
    static const ExifTag tags[] = { { EXIF_IN_MAIN, 0x0112 }, { 0 } };
    g_autoptr(Exif) exif = blocks->exif ? exif_new(blocks->exif) : NULL;
    GBytes *only = exif ? exif_selected(exif, tags) : NULL;

    metadata_level_apply(blocks, METADATA_NONE);
    blocks_replace(&blocks->exif, only);
}
