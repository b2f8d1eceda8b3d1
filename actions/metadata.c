/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata.h"

#include <gexiv2/gexiv2.h>
#include <string.h>

#include "actions/iptc.h"
#include "actions/metadata_edits.h"
#include "actions/metadata_names.h"
#include "actions/xmp.h"
#include "base/text.h"

enum {
    RESOURCE_EXIF = 1058, /* of Photoshop */
    RESOURCE_XMP = 1060,
};

/* Read when the first of them is asked for. */
typedef struct Values {
    GExiv2Metadata *opened; /* NULL where the block cannot be read */
    bool read;
} Values;

struct Metadata {
    MetadataBlocks blocks;
    Values exif, xmp;
    MetadataEdits *edits; /* NULL: none */
    unsigned references;
    GHashTable *said; /* of metadata_values(): name -> GStrv, NULL where nothing says it */
};

/* ---- a container for gexiv2 ---- */

/* gexiv2 reads files, no blocks. A JPEG would hold 64 KB of each; the image resources of a PSD hold
 * 4 GB. */

static void append_be(GByteArray *out, unsigned length, size_t number)
{
    for (unsigned i = length; i > 0; i--) {
        unsigned char byte = (unsigned char) (number >> (8 * (i - 1)));
        g_byte_array_append(out, &byte, 1);
    }
}

static void append_resource(GByteArray *out, unsigned id, GBytes *block)
{
    gsize size = 0;
    const guint8 *data = block ? g_bytes_get_data(block, &size) : NULL;

    if (!data)
        return;
    g_byte_array_append(out, (const guint8 *) "8BIM", 4);
    append_be(out, 2, id);
    append_be(out, 2, 0); /* it has no name */
    append_be(out, 4, size);
    g_byte_array_append(out, data, (guint) size);
    append_be(out, size & 1, 0);
}

static GByteArray *container_of(unsigned id, GBytes *block)
{
    enum { VERSION = 1, BITS = 8, RGB = 3, SIDE = 4 };
    static const guint8 pixels[3 * SIDE * SIDE];
    g_autoptr(GByteArray) resources = g_byte_array_new();
    GByteArray *out = g_byte_array_new();

    append_resource(resources, id, block);
    g_byte_array_append(out, (const guint8 *) "8BPS", 4);
    append_be(out, 2, VERSION);
    append_be(out, 4, 0), append_be(out, 2, 0);
    append_be(out, 2, 3); /* channels */
    append_be(out, 4, SIDE), append_be(out, 4, SIDE);
    append_be(out, 2, BITS);
    append_be(out, 2, RGB);
    append_be(out, 4, 0); /* no palette */
    append_be(out, 4, resources->len);
    g_byte_array_append(out, resources->data, resources->len);
    append_be(out, 4, 0); /* no layers */
    append_be(out, 2, 0); /* not compressed */
    /* the pixels: exiv2 takes a shorter file for none */
    g_byte_array_append(out, pixels, sizeof(pixels));
    return out;
}

/* NULL where gexiv2 reads nothing. */
static GExiv2Metadata *open_block(unsigned id, GBytes *block)
{
    g_autoptr(GByteArray) container = container_of(id, block);
    g_autoptr(GExiv2Metadata) opened = gexiv2_metadata_new();

    if (!gexiv2_metadata_open_buf(opened, container->data, container->len, NULL) ||
        !(gexiv2_metadata_has_exif(opened) || gexiv2_metadata_has_xmp(opened)))
        return NULL;
    return g_steal_pointer(&opened);
}

/* The values of one block: a damaged one says nothing, and spoils no other. XMP that exiv2 refuses
 * is tried as we would write it. */
static void read_block(Values *values, unsigned id, GBytes *block)
{
    if (values->read || !block)
        return;
    values->read = true;
    values->opened = open_block(id, block);
    g_autoptr(Xmp) xmp = values->opened || id != RESOURCE_XMP ? NULL : xmp_new(block);
    g_autoptr(GBytes) packet = xmp ? xmp_packet(xmp) : NULL;
    if (packet)
        values->opened = open_block(id, packet);
}

/* Those of the block that has tags of this kind; NULL where it has none. */
static GExiv2Metadata *values_for(Metadata *metadata, const char *tag)
{
    bool xmp = g_str_has_prefix(tag, "Xmp.");
    Values *values = xmp ? &metadata->xmp : &metadata->exif;

    read_block(values, xmp ? RESOURCE_XMP : RESOURCE_EXIF,
               xmp ? metadata->blocks.xmp : metadata->blocks.exif);
    return values->opened;
}

/* ---- in and out ---- */

/* XMP's toolkit starts with the first packet. */
bool metadata_start(Error **err)
{
    static const char packet[] =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
        "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Label='a'/></rdf:RDF></x:xmpmeta>";
    MetadataBlocks blocks = { .xmp = g_bytes_new_static(packet, sizeof(packet) - 1) };

    if (!gexiv2_initialize())
        return error_set(err, ERROR_INTERNAL, "install libgexiv2 again", "cannot start gexiv2");
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    g_autoptr(Metadata) first = metadata_new(&blocks);
    g_autofree char *label = metadata_text(first, "Xmp.xmp.Label");
    return !g_strcmp0(label, "a") ||
           error_set(err, ERROR_INTERNAL, "install libgexiv2 again", "gexiv2 reads no XMP");
}

Metadata *metadata_new(MetadataBlocks *blocks)
{
    Metadata *metadata = g_new0(Metadata, 1);

    metadata->references = 1;
    metadata->blocks = *blocks;
    metadata->said =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_strfreev);
    *blocks = (MetadataBlocks){ 0 };
    return metadata;
}

Metadata *metadata_new_edited(MetadataBlocks *blocks, MetadataEdits *edits)
{
    Metadata *metadata = metadata_new(blocks);

    metadata->edits = edits;
    return metadata;
}

const MetadataEdits *metadata_edits(const Metadata *metadata)
{
    return metadata->edits;
}

Metadata *metadata_ref(Metadata *metadata)
{
    metadata->references++;
    return metadata;
}

void metadata_free(Metadata *metadata)
{
    if (!metadata || --metadata->references)
        return;
    metadata_edits_free(metadata->edits);
    g_clear_object(&metadata->exif.opened);
    g_clear_object(&metadata->xmp.opened);
    g_hash_table_unref(metadata->said);
    metadata_blocks_clear(&metadata->blocks);
    g_free(metadata);
}

const MetadataBlocks *metadata_blocks(const Metadata *metadata)
{
    return &metadata->blocks;
}

/* ---- values ---- */

/* Those that say something, trimmed; NULL where none does. Takes over `texts`. */
static GStrv without_blanks(GStrv texts)
{
    guint kept = 0;

    for (char **text = texts; texts && *text; text++) {
        bool utf8 = g_utf8_validate(*text, -1, NULL);
        g_autofree char *one = utf8 ? g_strdup(*text) : text_from_latin1(*text, strlen(*text));
        g_free(*text);
        if (*g_strstrip(one))
            texts[kept++] = g_steal_pointer(&one);
    }
    if (texts)
        texts[kept] = NULL;
    if (kept)
        return texts;
    g_free(texts);
    return NULL;
}

/* exiv2 gives a text in many languages as `lang="x-default" The title`, the default one first. */
static void strip_language(char *text)
{
    const char *end = g_str_has_prefix(text, "lang=\"") ? strstr(text + 6, "\" ") : NULL;

    if (end)
        memmove(text, end + 2, strlen(end + 2) + 1);
}

static GStrv xmp_texts(GExiv2Metadata *values, const char *tag)
{
    GStrv texts = gexiv2_metadata_try_get_tag_multiple(values, tag, NULL);
    bool languages = texts && texts[0] && g_str_has_prefix(texts[0], "lang=\"");

    for (guint i = 0; languages && texts[i]; i++) {
        strip_language(texts[i]);
        if (i)
            g_clear_pointer(&texts[i], g_free);
    }
    return texts;
}

/* A comment with characters of two units of UTF-16, which exiv2 does not decode; NULL: it is none.
 */
static char *comment_of(GExiv2Metadata *values, const char *tag, bool big_endian)
{
    static const char unicode[] = "UNICODE";
    g_autoptr(GBytes) raw = gexiv2_metadata_try_get_tag_raw(values, tag, NULL);
    gsize size = 0;
    const unsigned char *bytes = raw ? g_bytes_get_data(raw, &size) : NULL;
    size_t units = size > sizeof(unicode) ? (size - sizeof(unicode)) / 2 : 0;

    if (!units || memcmp(bytes, unicode, sizeof(unicode)) != 0)
        return NULL;
    g_autofree gunichar2 *text = g_new(gunichar2, units);
    bool pairs = false;
    for (size_t i = 0; i < units; i++) {
        const unsigned char *unit = bytes + sizeof(unicode) + 2 * i;
        text[i] = (gunichar2) (unit[!big_endian] << 8 | unit[big_endian]);
        pairs |= text[i] >= 0xd800 && text[i] < 0xe000;
    }
    g_autofree char *utf8 = !pairs ? NULL : g_utf16_to_utf8(text, (glong) units, NULL, NULL, NULL);
    return utf8 ? g_strconcat("charset=Unicode ", utf8, NULL) : NULL;
}

static bool is_big_endian(const Metadata *metadata)
{
    const char *exif = metadata->blocks.exif ? g_bytes_get_data(metadata->blocks.exif, NULL) : "";

    return *exif == 'M';
}

static GStrv exif_texts(const Metadata *metadata, GExiv2Metadata *values, const char *tag)
{
    g_autofree char *text = gexiv2_metadata_try_get_tag_string(values, tag, NULL);
    char *whole = text && g_str_has_prefix(text, "charset=Unicode")
                      ? comment_of(values, tag, is_big_endian(metadata))
                      : NULL;

    if (whole) {
        g_free(text);
        text = whole;
    }
    char **texts = text ? g_new0(char *, 2) : NULL;

    if (texts)
        texts[0] = g_steal_pointer(&text);
    return texts;
}

static GStrv texts_of_tag(Metadata *metadata, const char *tag)
{
    GExiv2Metadata *values = values_for(metadata, tag);

    if (!values || !gexiv2_metadata_try_has_tag(values, tag, NULL))
        return NULL;
    return without_blanks(gexiv2_metadata_is_xmp_tag(tag) ? xmp_texts(values, tag)
                                                          : exif_texts(metadata, values, tag));
}

char *metadata_text(Metadata *metadata, const char *tag)
{
    g_auto(GStrv) texts = texts_of_tag(metadata, tag);

    return texts ? g_strdup(texts[0]) : NULL;
}

/* The tag of XMP that is called so in another case; newly allocated, NULL where there is none. */
static char *same_tag(GExiv2Metadata *values, const char *tag)
{
    g_auto(GStrv) tags = gexiv2_metadata_get_xmp_tags(values);

    for (char **other = tags; other && *other; other++)
        if (!g_ascii_strcasecmp(*other, tag))
            return g_strdup(*other);
    return NULL;
}

GStrv metadata_texts(Metadata *metadata, const char *tag)
{
    GStrv texts = texts_of_tag(metadata, tag);

    if (texts || !g_str_has_prefix(tag, "Xmp.") || !metadata->xmp.opened)
        return texts;
    g_autofree char *same = same_tag(metadata->xmp.opened, tag);
    return same ? texts_of_tag(metadata, same) : NULL;
}

GStrv metadata_dataset(Metadata *metadata, unsigned dataset)
{
    return without_blanks(iptc_texts(metadata->blocks.iptc, dataset));
}

const char *metadata_tag_type(const char *tag)
{
    return gexiv2_metadata_try_get_tag_type(tag, NULL);
}

const char *metadata_namespace(const char *prefix)
{
    return gexiv2_metadata_try_get_xmp_namespace_for_tag(prefix, NULL);
}

bool metadata_knows_property(const char *tag)
{
    return gexiv2_metadata_try_get_tag_label(tag, NULL);
}

/* ---- what names call it ---- */

static GStrv texts_of(Metadata *metadata, const MetadataSource *source)
{
    return source->tag ? texts_of_tag(metadata, source->tag)
                       : metadata_dataset(metadata, source->dataset);
}

/* The texts of IPTC, but where one was cut off, perhaps within a character, the whole one of XMP.
 */
static GStrv completed(GStrv iptc, GStrv xmp, size_t most)
{
    for (guint i = 0; iptc[i] && xmp[i]; i++)
        if (strlen(iptc[i]) + 3 >= most && g_str_has_prefix(xmp[i], iptc[i])) {
            g_free(iptc[i]);
            iptc[i] = g_strdup(xmp[i]);
        }
    return iptc;
}

/* A program that knows no XMP may have changed IPTC since both said the same. */
static GStrv newest_texts_of(Metadata *metadata, const MetadataSource *source)
{
    g_auto(GStrv) texts = texts_of(metadata, source);
    bool may_be_old = source->tag && g_str_has_prefix(source->tag, "Xmp.") && source[1].dataset;
    GStrv newer = texts && may_be_old && metadata->blocks.iptc_digest.differs
                      ? texts_of(metadata, source + 1)
                      : NULL;

    return newer ? completed(newer, texts, source[1].most) : g_steal_pointer(&texts);
}

static GStrv first_of(Metadata *metadata, const MetadataSource *sources)
{
    GStrv texts = NULL;

    for (const MetadataSource *source = sources; !texts && (source->tag || source->dataset);
         source++)
        texts = newest_texts_of(metadata, source);
    return texts;
}

/* What the blocks say: a formula may ask for one value a hundred times. */
static GStrv read_values(Metadata *metadata, const char *name)
{
    const MetadataName *row = metadata_name_find(name);
    GStrv texts = row ? first_of(metadata, row->sources) : NULL;

    if (row)
        g_hash_table_insert(metadata->said, (char *) (guintptr) row->name, texts);
    return texts;
}

GStrv metadata_values(Metadata *metadata, const char *name)
{
    void *texts = NULL;

    if (!g_hash_table_lookup_extended(metadata->said, name, NULL, &texts))
        texts = read_values(metadata, name);
    return g_strdupv(texts);
}

char *metadata_value(Metadata *metadata, const char *name)
{
    g_auto(GStrv) texts = metadata_values(metadata, name);

    return texts ? g_strjoinv(", ", texts) : NULL;
}
