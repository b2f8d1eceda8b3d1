/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The packet is not parsed as XML: its properties are found and moved as they are written. */
#include "actions/xmp_packet.h"

#include <string.h>

#include "actions/xml_tags.h"

#define NOTE "xmpNote:HasExtendedXMP"

/* One property, written as an attribute of its description or as an element in it. */
typedef struct Property {
    unsigned description;
    bool element;
    bool moves; /* to the extended packet */
    Span text, name;
} Property;

typedef struct Packet {
    Span text;
    const char *outer;    /* where x:xmpmeta begins, or RDF without it */
    Span rdf;             /* the opening tag of RDF */
    const char *end;      /* where its closing tag begins */
    GArray *descriptions; /* Span of their names */
    GArray *properties;   /* Property; also xmlns and rdf:about, which every part gets */
} Packet;

static void packet_clear(Packet *packet)
{
    g_clear_pointer(&packet->descriptions, g_array_unref);
    g_clear_pointer(&packet->properties, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Packet, packet_clear)

/* ---- reading ---- */

static void add_attributes(Packet *packet, const Tag *tag)
{
    Span rest = { tag->name.end, tag->whole.end };
    Property property = { .description = packet->descriptions->len - 1 };

    while (xml_next_attribute(&rest, &property.name, &property.text))
        g_array_append_val(packet->properties, property);
}

static void add_element(Packet *packet, Span name, Span text)
{
    const Property property = {
        .description = packet->descriptions->len - 1, .element = true, .text = text, .name = name
    };

    g_array_append_val(packet->properties, property);
}

/* Reads the descriptions in RDF and their properties; false where a tag is not closed. */
static bool read_descriptions(Packet *packet, Span rest)
{
    Tag tag, property = { 0 };

    for (int depth = 0; xml_next_tag(&rest, &tag);) {
        if (tag.kind == TAG_CLOSE && --depth < 0) {
            packet->end = tag.whole.start;
            return span_is(tag.name, "rdf:RDF");
        }
        if (tag.kind != TAG_CLOSE && depth == 0) {
            g_array_append_val(packet->descriptions, tag.name);
            add_attributes(packet, &tag);
        }
        if (tag.kind == TAG_OPEN && depth == 1)
            property = tag;
        if (tag.kind == TAG_EMPTY && depth == 1)
            add_element(packet, tag.name, tag.whole);
        if (tag.kind == TAG_CLOSE && depth == 1)
            add_element(packet, property.name, (Span){ property.whole.start, tag.whole.end });
        depth += tag.kind == TAG_OPEN;
    }
    return false;
}

static bool read_packet(Packet *packet, GBytes *xmp)
{
    size_t size = 0;
    const char *bytes = g_bytes_get_data(xmp, &size);
    Tag tag;

    *packet = (Packet){ .text = { bytes, bytes + size },
                        .descriptions = g_array_new(FALSE, FALSE, sizeof(Span)),
                        .properties = g_array_new(FALSE, FALSE, sizeof(Property)) };
    Span rest = packet->text;
    while (xml_next_tag(&rest, &tag) && tag.kind == TAG_OPEN) {
        if (!packet->outer)
            packet->outer = tag.whole.start;
        packet->rdf = tag.whole;
        if (span_is(tag.name, "rdf:RDF"))
            return read_descriptions(packet, rest);
    }
    return false;
}

/* ---- writing ---- */

static void add(GString *to, Span span)
{
    g_string_append_len(to, span.start, (gssize) span_length(span));
}

/* Whether a property belongs to every part: it says how to read the others. */
static bool is_for_all(const Property *property)
{
    return !property->element &&
           (span_begins(property->name, "xmlns") || span_begins(property->name, "rdf:"));
}

static bool is_written(const Property *property, unsigned description, bool moved)
{
    return property->description == description && !span_is(property->name, NOTE) &&
           (is_for_all(property) || property->moves == moved);
}

/* Appends the properties of a description that have moved, or those that have not. */
static void add_description(GString *to, const Packet *packet, unsigned number, bool moved)
{
    const Property *properties = (const Property *) (void *) packet->properties->data;
    Span name = g_array_index(packet->descriptions, Span, number);

    g_string_append_c(to, '<');
    add(to, name);
    for (unsigned i = 0; i < packet->properties->len; i++)
        if (is_written(&properties[i], number, moved) && !properties[i].element) {
            g_string_append_c(to, ' ');
            add(to, properties[i].text);
        }
    g_string_append_c(to, '>');
    for (unsigned i = 0; i < packet->properties->len; i++)
        if (is_written(&properties[i], number, moved) && properties[i].element)
            add(to, properties[i].text);
    g_string_append(to, "</");
    add(to, name);
    g_string_append_c(to, '>');
}

static bool has_any(const Packet *packet, unsigned description, bool moved)
{
    const Property *properties = (const Property *) (void *) packet->properties->data;

    for (unsigned i = 0; i < packet->properties->len; i++)
        if (is_written(&properties[i], description, moved) && !is_for_all(&properties[i]))
            return true;
    return false;
}

static void add_descriptions(GString *to, const Packet *packet, bool moved)
{
    for (unsigned i = 0; i < packet->descriptions->len; i++)
        if (has_any(packet, i, moved))
            add_description(to, packet, i, moved);
}

/* What follows RDF, without the blanks that leave room for changes. */
static void add_rest(GString *to, const Packet *packet)
{
    for (const char *p = packet->end; p < packet->text.end; p++)
        if (!xml_is_space(*p) || !xml_is_space(p[-1]))
            g_string_append_c(to, *p);
}

static GBytes *bytes_of(GString *text)
{
    return g_string_free_to_bytes(text);
}

/* ---- dividing ---- */

static int larger_first(const void *a, const void *b)
{
    const Property *const *left = a, *const *right = b;
    size_t l = span_length((*left)->text), r = span_length((*right)->text);

    return l < r ? 1 : l > r ? -1 : 0;
}

/* Moves the largest properties, until at most `most` bytes are left; false where that is not
 * enough. */
static bool move_largest(Packet *packet, size_t most)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    size_t left = span_length(packet->text);

    for (unsigned i = 0; i < packet->properties->len; i++) {
        Property *property = &g_array_index(packet->properties, Property, i);
        if (!is_for_all(property))
            g_ptr_array_add(sorted, property);
    }
    g_ptr_array_sort(sorted, larger_first);
    for (unsigned i = 0; i < sorted->len && left > most; i++) {
        Property *property = sorted->pdata[i];
        property->moves = true;
        left -= span_length(property->text);
    }
    return left <= most;
}

static GBytes *extended_of(const Packet *packet)
{
    GString *text = g_string_new(NULL);

    add(text, (Span){ packet->outer, packet->rdf.end });
    add_descriptions(text, packet, true);
    g_string_append(text, "</rdf:RDF>");
    if (packet->outer != packet->rdf.start)
        g_string_append(text, "</x:xmpmeta>");
    return bytes_of(text);
}

static GBytes *standard_of(const Packet *packet, GBytes *extended)
{
    GString *text = g_string_new(NULL);
    g_autofree char *guid = xmp_packet_guid(extended);

    add(text, (Span){ packet->text.start, packet->rdf.end });
    add_descriptions(text, packet, false);
    g_string_append_printf(text,
                           "<rdf:Description rdf:about=\"\" "
                           "xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" " NOTE "=\"%s\"/>",
                           guid);
    add_rest(text, packet);
    return bytes_of(text);
}

/* Whether what surrounds RDF is at most x:xmpmeta, which we can close. */
static bool is_usual(const Packet *packet)
{
    return packet->outer == packet->rdf.start ||
           span_begins((Span){ packet->outer, packet->text.end }, "<x:xmpmeta");
}

bool xmp_packet_divide(GBytes *xmp, size_t most, GBytes **standard, GBytes **extended)
{
    enum { NOTE_SIZE = 256 };
    g_auto(Packet) packet = { 0 };

    if (!read_packet(&packet, xmp) || !is_usual(&packet) || most < NOTE_SIZE ||
        !move_largest(&packet, most - NOTE_SIZE))
        return false;
    *extended = extended_of(&packet);
    *standard = standard_of(&packet, *extended);
    return true;
}

/* ---- joining ---- */

char *xmp_packet_guid(GBytes *extended)
{
    g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_MD5, extended);

    return g_ascii_strup(digest, -1);
}

/* The value of the note, written as an attribute or as an element. */
static Span note_value(const Property *property)
{
    Span value = property->text;

    if (property->element) {
        const char *end = xml_tag_end(value);
        value.start = end ? end : value.end;
    } else {
        value.start = span_behind(value, property->text.end[-1] == '"' ? "\"" : "'");
    }
    value.start = span_skip_spaces(value);
    return value;
}

char *xmp_packet_extended_guid(GBytes *standard)
{
    g_auto(Packet) packet = { 0 };

    if (!read_packet(&packet, standard))
        return NULL;
    for (unsigned i = 0; i < packet.properties->len; i++) {
        const Property *property = &g_array_index(packet.properties, Property, i);
        Span value = span_is(property->name, NOTE) ? note_value(property) : (Span){ 0 };
        if (value.start && span_length(value) > XMP_GUID)
            return g_strndup(value.start, XMP_GUID);
    }
    return NULL;
}

/* The attributes of the tags around the descriptions of `other` that `packet` lacks there. */
static void add_names(GString *to, const Packet *packet, const Packet *other)
{
    Span tags = { other->outer, other->rdf.end };
    g_autofree char *own = g_strndup(packet->outer, (size_t) (packet->rdf.end - packet->outer));
    Span name, whole;
    Tag tag;

    while (xml_next_tag(&tags, &tag)) {
        Span rest = { tag.name.end, tag.whole.end };
        while (xml_next_attribute(&rest, &name, &whole)) {
            g_autofree char *start = g_strdup_printf("%.*s=", (int) span_length(name), name.start);
            if (span_begins(name, "xmlns:") && !strstr(own, start)) {
                g_string_append_c(to, ' ');
                add(to, whole);
            }
        }
    }
}

GBytes *xmp_packet_join(GBytes *standard, GBytes *extended)
{
    g_auto(Packet) packet = { 0 };
    g_auto(Packet) other = { 0 };

    if (!read_packet(&packet, standard) || !read_packet(&other, extended))
        return g_bytes_ref(standard);
    GString *text = g_string_new(NULL);
    add(text, (Span){ packet.text.start, packet.rdf.end - 1 });
    add_names(text, &packet, &other);
    g_string_append_c(text, '>');
    add_descriptions(text, &packet, false);
    add_descriptions(text, &other, false);
    add_rest(text, &packet);
    return bytes_of(text);
}

/* ---- adding ---- */

GHashTable *xmp_packet_names(GBytes *xmp)
{
    g_auto(Packet) packet = { 0 };
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bool read = read_packet(&packet, xmp);

    for (unsigned i = 0; read && i < packet.properties->len; i++) {
        Span name = g_array_index(packet.properties, Property, i).name;
        g_hash_table_add(names, g_strndup(name.start, span_length(name)));
    }
    return names;
}

#define WRAPPER_BEGIN "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
#define WRAPPER_END   "<?xpacket end=\"w\"?>"

GBytes *xmp_packet_add(GBytes *xmp, const char *description)
{
    static const char begin[] =
        WRAPPER_BEGIN "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
                      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">";
    g_auto(Packet) packet = { 0 };

    if (xmp && !read_packet(&packet, xmp))
        return g_bytes_ref(xmp);
    GString *text = g_string_new(xmp ? NULL : begin);
    if (xmp)
        add(text, (Span){ packet.text.start, packet.end });
    g_string_append(text, description);
    if (xmp)
        add_rest(text, &packet);
    else
        g_string_append(text, "</rdf:RDF></x:xmpmeta>" WRAPPER_END);
    return bytes_of(text);
}

GBytes *xmp_packet_wrapped(GBytes *xmp)
{
    g_auto(Packet) packet = { 0 };

    if (!read_packet(&packet, xmp) ||
        g_strstr_len(packet.text.start, packet.outer - packet.text.start, "<?xpacket"))
        return g_bytes_ref(xmp);
    GString *text = g_string_new(WRAPPER_BEGIN);
    add(text, (Span){ packet.outer, packet.text.end });
    while (text->len && (xml_is_space(text->str[text->len - 1]) || !text->str[text->len - 1]))
        g_string_truncate(text, text->len - 1);
    g_string_append(text, WRAPPER_END);
    return bytes_of(text);
}
