/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/xmp_fill.h"

#include <string.h>

#include "actions/blocks_png.h"
#include "actions/iptc.h"
#include "actions/xmp.h"
#include "actions/xmp_packet.h"
#include "actions/xmp_tree.h"

/* How a property holds its values. */
typedef enum Form { FORM_TEXT, FORM_ALT, FORM_BAG, FORM_SEQ, FORM_DATE } Form;

typedef struct Row {
    unsigned dataset; /* of IPTC's record 2 */
    Form form;
    const char *text; /* keyword of PNG, or NULL */
    const char *property;
    size_t most; /* bytes of the dataset where a longer text is cut off; 0: it has one length */
} Row;

static const Row rows[] = {
    { 5, FORM_ALT, "Title", "dc:title", 64 },
    { 10, FORM_TEXT, NULL, "photoshop:Urgency", 0 },
    { 25, FORM_BAG, NULL, "dc:subject", 64 },
    { 40, FORM_TEXT, NULL, "photoshop:Instructions", 256 },
    { 55, FORM_DATE, NULL, "photoshop:DateCreated", 0 },
    { 80, FORM_SEQ, "Author", "dc:creator", 32 },
    { 85, FORM_TEXT, NULL, "photoshop:AuthorsPosition", 32 },
    { 90, FORM_TEXT, NULL, "photoshop:City", 32 },
    { 92, FORM_TEXT, NULL, "Iptc4xmpCore:Location", 32 },
    { 95, FORM_TEXT, NULL, "photoshop:State", 32 },
    { 100, FORM_TEXT, NULL, "Iptc4xmpCore:CountryCode", 0 },
    { 101, FORM_TEXT, NULL, "photoshop:Country", 64 },
    { 103, FORM_TEXT, NULL, "photoshop:TransmissionReference", 32 },
    { 105, FORM_TEXT, NULL, "photoshop:Headline", 256 },
    { 110, FORM_TEXT, NULL, "photoshop:Credit", 32 },
    { 115, FORM_TEXT, NULL, "photoshop:Source", 32 },
    { 116, FORM_ALT, "Copyright", "dc:rights", 128 },
    { 120, FORM_ALT, "Description", "dc:description", 2000 },
    { 122, FORM_TEXT, NULL, "photoshop:CaptionWriter", 32 },
};

#define DC        "http://purl.org/dc/elements/1.1/"
#define PHOTOSHOP "http://ns.adobe.com/photoshop/1.0/"
#define IPTC_CORE "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"

#define NAMESPACES                                                                                 \
    "xmlns:dc=\"" DC "\" xmlns:photoshop=\"" PHOTOSHOP "\" xmlns:Iptc4xmpCore=\"" IPTC_CORE "\""

/* ---- values ---- */

/* "20200102" as "2020-01-02"; NULL where it is no whole date. */
static char *date_of(const char *text)
{
    enum { LENGTH = 8 };

    if (strlen(text) != LENGTH || strspn(text, "0123456789") != LENGTH ||
        g_str_has_suffix(text, "00"))
        return NULL;
    return g_strdup_printf("%.4s-%.2s-%.2s", text, text + 4, text + 6);
}

/* Some cameras fill a caption with blanks. */
static bool is_blank(const char *text)
{
    while (*text && (unsigned char) *text <= ' ')
        text++;
    return !*text;
}

/* All values of a row in IPTC. */
static GPtrArray *iptc_values(GBytes *iptc, const Row *row)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) texts = iptc_texts(iptc, IPTC_DATASET(2, row->dataset));

    for (char **text = texts; text && *text; text++)
        if (!is_blank(*text))
            g_ptr_array_add(values, g_strdup(*text));
    return values;
}

/* ---- properties ---- */

static void add_escaped(GString *to, const char *text)
{
    g_autofree char *clean = xmp_tree_allowed(text);
    g_autofree char *escaped = g_markup_escape_text(clean, -1);

    g_string_append(to, escaped);
}

static void add_items(GString *to, const char *list, const char *item, const GPtrArray *values)
{
    g_string_append_printf(to, "<rdf:%s>", list);
    for (unsigned i = 0; i < values->len; i++) {
        g_string_append_printf(to, "<rdf:li%s>", item);
        add_escaped(to, values->pdata[i]);
        g_string_append(to, "</rdf:li>");
    }
    g_string_append_printf(to, "</rdf:%s>", list);
}

static void add_values(GString *to, Form form, GPtrArray *values)
{
    switch (form) {
    case FORM_ALT:
        g_ptr_array_set_size(values, 1);
        add_items(to, "Alt", " xml:lang=\"x-default\"", values);
        return;
    case FORM_BAG:
        add_items(to, "Bag", "", values);
        return;
    case FORM_SEQ:
        add_items(to, "Seq", "", values);
        return;
    case FORM_TEXT:
    case FORM_DATE:
        add_escaped(to, values->pdata[0]);
        return;
    }
    g_assert_not_reached();
}

static void add_property(GString *to, const Row *row, GPtrArray *values)
{
    if (row->form == FORM_DATE && values->len) {
        char *date = date_of(values->pdata[0]);
        g_ptr_array_set_size(values, 0);
        if (date)
            g_ptr_array_add(values, date);
    }
    if (!values->len)
        return;
    g_string_append_printf(to, "<%s>", row->property);
    add_values(to, row->form, values);
    g_string_append_printf(to, "</%s>", row->property);
}

/* What is said outside of XMP. */
static GPtrArray *values_of(const MetadataBlocks *blocks, bool iptc, bool texts, const Row *row)
{
    GPtrArray *values = iptc_values(iptc ? blocks->iptc : NULL, row);
    char *text =
        values->len || !texts || !row->text ? NULL : blocks_png_text(blocks->png_texts, row->text);

    if (text)
        g_ptr_array_add(values, text);
    return values;
}

/* ---- IPTC that is newer than XMP ---- */

static const Row *row_of(const char *uri, const char *name)
{
    static const struct {
        const char *prefix, *uri;
    } spaces[] = { { "dc", DC }, { "photoshop", PHOTOSHOP }, { "Iptc4xmpCore", IPTC_CORE } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *colon = strchr(rows[i].property, ':');
        for (size_t k = 0; k < G_N_ELEMENTS(spaces); k++)
            if (!strcmp(spaces[k].uri, uri) &&
                g_str_has_prefix(rows[i].property, spaces[k].prefix) && !strcmp(colon + 1, name))
                return &rows[i];
    }
    return NULL;
}

/* What IPTC may have cut off, and the time of a date, are in XMP only. */
static bool is_whole(const Row *row, const GPtrArray *values)
{
    for (unsigned i = 0; i < values->len; i++)
        if (row->form == FORM_DATE || (row->most && strlen(values->pdata[i]) >= row->most))
            return false;
    return values->len > 0;
}

static bool is_not_said_by(void *iptc, const char *uri, const char *name)
{
    const Row *row = row_of(uri, name);
    g_autoptr(GPtrArray) values = row ? iptc_values(iptc, row) : NULL;

    return !row || !is_whole(row, values);
}

/* Without what IPTC says, where that is newer; NULL where nothing is left. */
static GBytes *without_old(const MetadataBlocks *blocks)
{
    g_autoptr(Xmp) xmp = blocks->xmp ? xmp_new(blocks->xmp) : NULL;

    if (!xmp || !xmp_filter(xmp, is_not_said_by, blocks->iptc))
        return blocks->xmp ? g_bytes_ref(blocks->xmp) : NULL;
    return xmp_is_empty(xmp) ? NULL : xmp_packet(xmp);
}

/* ---- all of it ---- */

static GBytes *fill(const MetadataBlocks *blocks, GBytes *xmp, bool iptc, bool texts)
{
    g_autoptr(GHashTable) there = NULL; /* the packet may be large: most pictures need no look */
    g_autoptr(GString) more = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) values = values_of(blocks, iptc, texts, &rows[i]);
        if (values->len && xmp && !there)
            there = xmp_packet_names(xmp);
        if (!there || !g_hash_table_contains(there, rows[i].property))
            add_property(more, &rows[i], values);
    }
    if (!more->len)
        return xmp ? g_bytes_ref(xmp) : NULL;
    g_string_prepend(more, "<rdf:Description rdf:about=\"\" " NAMESPACES ">");
    g_string_append(more, "</rdf:Description>");
    return xmp_packet_add(xmp, more->str);
}

GBytes *xmp_fill(const MetadataBlocks *blocks, bool iptc, bool texts)
{
    bool newer = iptc && blocks->iptc && blocks->iptc_digest.differs;
    g_autoptr(GBytes) cleared = newer ? without_old(blocks) : NULL;

    return fill(blocks, newer ? cleared : blocks->xmp, iptc, texts);
}
