/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers are numbers, and no words are given for them. A date is a text, as the tag has it. Of
 * XMP, any property of a namespace that exiv2 knows may be asked for, since programs add theirs;
 * but of a few namespaces exiv2 knows all. A namespace that it does not know is a mistake: it could
 * as well be mistyped. */
#include "actions/facts_raw.h"

#include <string.h>

#include "actions/exif_names.h"
#include "actions/facts_readers.h"
#include "actions/iptc_names.h"
#include "actions/value_format.h"
#include "actions/xmp_names.h"

typedef struct RawFact {
    Fact fact;        /* the first: a Fact of this file is one of these */
    char *key;        /* of exiv2; NULL: a dataset */
    unsigned dataset; /* of IPTC */
    ExifKind kind;    /* of EXIF */
    const ExifName *exif;
    const IptcName *iptc;
} RawFact;

/* ---- numbers and bytes in texts ---- */

/* "24/1 14/5" as "24 2.8"; what is no number stays. Takes over `text`. */
static char *with_decimals(char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (char **word = words; *word; word++) {
        double number = 0;
        if (!strchr(*word, '/') || strspn(*word, "-0123456789/") != strlen(*word) ||
            !fact_number_of(*word, &number))
            continue;
        g_free(*word);
        *word = value_number_text(number);
    }
    g_free(text);
    return g_strjoinv(" ", words);
}

/* The bytes that a text lists, "48 50 51 49"; NULL where it lists others. */
static GByteArray *bytes_of(const char *text)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (char **word = words; *word; word++) {
        guint64 number = 0;
        if (!g_ascii_string_to_unsigned(*word, 10, 0, UINT8_MAX, &number, NULL))
            return NULL;
        const guint8 byte = (guint8) number;
        g_byte_array_append(bytes, &byte, 1);
    }
    return g_steal_pointer(&bytes);
}

/* The text that bytes are: 0231 of ExifVersion; where they are none, the numbers stay. Takes over
 * `text`. */
static char *from_bytes(char *text)
{
    g_autoptr(GByteArray) bytes = bytes_of(text);
    guint length = bytes ? bytes->len : 0;

    while (length && !bytes->data[length - 1])
        length--;
    for (guint i = 0; i < length; i++)
        if (!g_ascii_isprint(bytes->data[i]))
            length = 0;
    if (!length)
        return with_decimals(text);
    g_free(text);
    return g_strndup((const char *) bytes->data, length);
}

/* Little-endian, whatever the order of the other values is. Takes over `text`. */
static char *from_utf16(char *text)
{
    g_autoptr(GByteArray) bytes = bytes_of(text);
    glong units = bytes ? bytes->len / 2 : 0;
    g_autofree gunichar2 *utf16 = g_new0(gunichar2, units + 1);

    g_free(text);
    for (glong i = 0; i < units; i++)
        utf16[i] = (gunichar2) (bytes->data[2 * i] | bytes->data[2 * i + 1] << 8);
    return g_utf16_to_utf8(utf16, -1, NULL, NULL, NULL);
}

/* Comments begin with their character set, also those that say nothing. Takes over `text`; NULL
 * where nothing is left. */
static char *without_charset(char *text)
{
    g_autofree char *own = text;

    if (!g_str_has_prefix(text, "charset="))
        return g_steal_pointer(&own);
    text += strcspn(text, " ");
    text += *text == ' ';
    return text[strspn(text, " ")] ? g_strdup(text) : NULL;
}

/* ---- reading ---- */

static bool set_exif(const RawFact *raw, Value *value, char *text)
{
    double number = 0;

    switch (raw->kind) {
    case EXIF_NUMBER:
    case EXIF_FRACTION:
        value->fraction = raw->kind == EXIF_FRACTION;
        if (fact_number_of(text, &number))
            fact_set_number(value, number);
        g_free(text);
        return true;
    case EXIF_NUMBERS:
        return fact_set_text(value, with_decimals(text));
    case EXIF_BYTES:
        return fact_set_text(value, from_bytes(text));
    case EXIF_UTF16:
        return fact_set_text(value, from_utf16(text));
    case EXIF_TEXT:
        break;
    }
    return fact_set_text(value, without_charset(text));
}

static bool read_exif(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    const RawFact *raw = (const RawFact *) fact;
    Metadata *metadata = image_metadata(source->image, err);
    char *text = metadata ? metadata_text(metadata, raw->key) : NULL;

    return text ? set_exif(raw, value, text) : metadata != NULL;
}

static bool set_texts(const Fact *fact, Value *value, GStrv texts)
{
    if (!texts || fact->type == VALUE_LIST)
        return !texts || fact_set_list(value, texts);
    fact_set_text(value, g_strjoinv(", ", texts));
    g_strfreev(texts);
    return true;
}

static bool read_iptc(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    const RawFact *raw = (const RawFact *) fact;
    Metadata *metadata = image_metadata(source->image, err);

    return metadata && set_texts(fact, value, metadata_dataset(metadata, raw->dataset));
}

/* EXIF's numbers in XMP are fractions. */
static bool has_fractions(const char *key)
{
    return g_str_has_prefix(key, "Xmp.exif") || g_str_has_prefix(key, "Xmp.tiff.") ||
           g_str_has_prefix(key, "Xmp.aux.");
}

static bool read_xmp(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    const RawFact *raw = (const RawFact *) fact;
    Metadata *metadata = image_metadata(source->image, err);
    GStrv texts = metadata ? metadata_texts(metadata, raw->key) : NULL;

    for (char **text = texts; text && *text && has_fractions(raw->key); text++)
        *text = with_decimals(*text);
    return metadata && set_texts(fact, value, texts);
}

/* ---- finding ---- */

static RawFact *new_raw(const char *name, ValueType type)
{
    RawFact *raw = g_new0(RawFact, 1);

    raw->fact = (Fact){ .name = g_strdup(name),
                        .type = type,
                        .scope = FACT_OF_PICTURE,
                        .flags = FACT_MAY_BE_MISSING,
                        .group = "tag",
                        .example = "",
                        .help = "what one tag says" };
    return raw;
}

static RawFact *new_exif(const char *name, const char *key, ExifKind kind)
{
    bool number = kind == EXIF_NUMBER || kind == EXIF_FRACTION;
    RawFact *raw = new_raw(name, number ? VALUE_NUMBER : VALUE_TEXT);

    raw->fact.read = read_exif;
    raw->key = g_strdup(key);
    raw->kind = kind;
    return raw;
}

/* A tag that has no name of ours, as exiv2 writes it: of maker notes, of RAW. */
static RawFact *find_exiv2(const char *name, const char *key)
{
    const char *type = metadata_tag_type(key);
    bool text = type && (!strcmp(type, "Ascii") || !strcmp(type, "Comment"));

    return type ? new_exif(name, key, text ? EXIF_TEXT : EXIF_BYTES) : NULL;
}

static const char *last_part(const char *key)
{
    return strrchr(key, '.') + 1;
}

static bool same(const char *a, const char *b)
{
    return !g_ascii_strcasecmp(a, b);
}

/* "LensModel"; or with exiv2's group, "Photo.LensModel". */
static RawFact *find_exif(const char *name, const char *rest)
{
    g_autofree char *whole = g_strconcat("Exif.", rest, NULL);
    g_autofree char *of_image = g_strconcat("Exif.Image.", rest, NULL);
    const ExifName *row = exif_names;

    while (row->name && !same(row->name, rest))
        row++;
    for (size_t i = 0; !row->name && exif_names[i].name; i++)
        if (same(last_part(exif_names[i].key), rest) || same(exif_names[i].key, whole))
            row = &exif_names[i];
    if (row->name) {
        RawFact *raw = new_exif(name, row->key, row->kind);
        raw->exif = row;
        return raw;
    }
    return find_exiv2(name, strchr(rest, '.') ? whole : of_image);
}

static const char *without(const char *prefix, const char *text)
{
    size_t length = strlen(prefix);

    return g_ascii_strncasecmp(text, prefix, length) != 0 ? text : text + length;
}

static RawFact *find_iptc(const char *name, const char *rest)
{
    const char *last = without("Application2.", without("Envelope.", rest));

    for (const IptcName *row = iptc_names; row->name; row++)
        if (same(row->name, last) || (row->exiv2 && same(row->exiv2, last))) {
            RawFact *raw = new_raw(name, row->many ? VALUE_LIST : VALUE_TEXT);
            raw->fact.read = read_iptc;
            raw->dataset = row->dataset;
            raw->iptc = row;
            return raw;
        }
    return NULL;
}

/* What exiv2 calls it: NULL where `names` lacks it. */
static const char *exiv2_name(const XmpName *names, const char *name)
{
    for (; names->name; names++)
        if (same(names->name, name))
            return names->exiv2 ? names->exiv2 : names->name;
    return NULL;
}

/* In the case that exiv2 knows, which is mostly the one or the other of its first letter. */
static char *property_key(const char *space, const char *property)
{
    g_autofree char *plain = g_strconcat(space, ".", property, NULL);
    const char *other = exiv2_name(xmp_properties, plain);
    char *key = g_strconcat("Xmp.", other ? other : plain, NULL);
    char *first = strchr(key + strlen("Xmp."), '.') + 1;
    const char as_written = *first;

    if (other)
        return key;
    *first = g_ascii_tolower(as_written);
    if (metadata_knows_property(key))
        return key;
    *first = g_ascii_toupper(as_written);
    if (!metadata_knows_property(key))
        *first = as_written;
    return key;
}

static RawFact *find_xmp(const char *name, const char *rest)
{
    g_auto(GStrv) parts = g_strsplit(rest, ".", 2);
    const char *space = parts[0] && parts[1] ? exiv2_name(xmp_namespaces, parts[0]) : NULL;

    if (!space || !*parts[1] || strchr(parts[1], '.'))
        return NULL;
    g_autofree char *key = property_key(space, parts[1]);
    const char *type = metadata_tag_type(key);
    bool structure = strchr(key, '/');
    if (!type ||
        (g_strv_contains(xmp_closed, space) && !structure && !metadata_knows_property(key)))
        return NULL;
    bool many = !structure && (!strcmp(type, "XmpBag") || !strcmp(type, "XmpSeq"));
    RawFact *raw = new_raw(name, many ? VALUE_LIST : VALUE_TEXT);
    raw->fact.read = read_xmp;
    raw->key = g_steal_pointer(&key);
    return raw;
}

static const struct {
    const char *prefix;
    RawFact *(*find)(const char *name, const char *rest);
} blocks[] = { { "exif.", find_exif }, { "iptc.", find_iptc }, { "xmp.", find_xmp } };

bool fact_is_raw(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (!g_ascii_strncasecmp(name, blocks[i].prefix, strlen(blocks[i].prefix)))
            return true;
    return false;
}

/* Newly allocated; NULL where there is none. */
static RawFact *find_raw(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (!g_ascii_strncasecmp(name, blocks[i].prefix, strlen(blocks[i].prefix)))
            return blocks[i].find(name, name + strlen(blocks[i].prefix));
    return NULL;
}

const Fact *fact_raw(const char *name)
{
    static GHashTable *found; /* name -> RawFact; never freed: formulas hold them */

    if (!found)
        found = g_hash_table_new(g_str_hash, g_str_equal);
    RawFact *raw = g_hash_table_lookup(found, name);
    if (!raw && (raw = find_raw(name)))
        g_hash_table_insert(found, (char *) (guintptr) raw->fact.name, raw);
    return raw ? &raw->fact : NULL;
}

RawTag fact_raw_tag(const Fact *fact)
{
    const RawFact *raw = (const RawFact *) fact;

    return (RawTag){ raw->key, raw->exif, raw->iptc };
}

void fact_raw_names(GPtrArray *names)
{
    for (const ExifName *row = exif_names; row->name; row++)
        g_ptr_array_add(names, g_strconcat("exif.", row->name, NULL));
    for (const IptcName *row = iptc_names; row->name; row++)
        g_ptr_array_add(names, g_strconcat("iptc.", row->name, NULL));
    for (const char *const *row = xmp_common; *row; row++)
        g_ptr_array_add(names, g_strdup(*row));
}
