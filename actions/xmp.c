/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/xmp.h"

#include <string.h>

enum {
    DEPTH_MAX = 100,
    PIECES_MAX = 250000, /* elements, attributes and texts, of some 200 bytes each */
};

typedef struct Attribute {
    const char *uri; /* that of a declaration; "" for none, NULL for a declaration itself */
    char *name;
    char *value;
} Attribute;

/* An element; or, where it has no name, text or a processing instruction. */
struct XmpNode {
    const char *uri; /* that of a declaration here or around, which stays as long */
    char *name;      /* as it is written, with its prefix */
    char *text;      /* of a node without a name, escaped as it is written */
    GArray *attributes;
    GPtrArray *children; /* NULL as the attributes where there is a text */
};

struct Xmp {
    XmpNode *root; /* what the packet has at its top */
};

/* ---- nodes ---- */

static void attribute_clear(void *attribute)
{
    Attribute *a = attribute;

    g_free(a->name);
    g_free(a->value);
}

static void node_free(void *freed)
{
    XmpNode *node = freed;

    g_free(node->name);
    g_free(node->text);
    g_clear_pointer(&node->attributes, g_array_unref);
    g_clear_pointer(&node->children, g_ptr_array_unref);
    g_free(node);
}

static XmpNode *node_new(const char *name)
{
    XmpNode *node = g_new0(XmpNode, 1);

    node->name = g_strdup(name);
    node->attributes = g_array_new(FALSE, TRUE, sizeof(Attribute));
    g_array_set_clear_func(node->attributes, attribute_clear);
    node->children = g_ptr_array_new_with_free_func(node_free);
    return node;
}

/* Takes over `escaped`. */
static XmpNode *text_new(char *escaped)
{
    XmpNode *node = g_new0(XmpNode, 1);

    node->text = escaped;
    return node;
}

static const char *local(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

static bool is_named(const char *own_uri, const char *own_name, const char *uri, const char *name)
{
    return !g_strcmp0(own_uri, uri) && !strcmp(local(own_name), name);
}

static bool is_element(const XmpNode *node, const char *uri, const char *name)
{
    return node->name && is_named(node->uri, node->name, uri, name);
}

/* ---- reading ---- */

typedef struct Reading {
    GPtrArray *open; /* of XmpNode, borrowed: the elements around, from the outermost */
    guint pieces;
} Reading;

static XmpNode *innermost(const Reading *reading)
{
    return reading->open->pdata[reading->open->len - 1];
}

/* The namespace of a prefix, by the declarations of the elements around; "" for none. */
static const char *uri_of(const Reading *reading, const char *name)
{
    const char *colon = strchr(name, ':');
    g_autofree char *prefix = g_strndup(name, colon ? (gsize) (colon - name) : 0);
    g_autofree char *declared = g_strdup_printf("xmlns%s%s", colon ? ":" : "", prefix);

    for (guint i = reading->open->len; i > 0; i--) {
        const XmpNode *node = reading->open->pdata[i - 1];
        for (guint a = 0; a < node->attributes->len; a++) {
            const Attribute *attribute = &g_array_index(node->attributes, Attribute, a);
            if (!strcmp(attribute->name, declared))
                return attribute->value;
        }
    }
    return "";
}

static bool is_declaration(const char *name)
{
    return !strcmp(name, "xmlns") || g_str_has_prefix(name, "xmlns:");
}

static void add_attributes(XmpNode *node, const char **names, const char **values)
{
    for (; *names; names++, values++) {
        Attribute attribute = { NULL, g_strdup(*names), g_strdup(*values) };
        g_array_append_val(node->attributes, attribute);
    }
}

/* The element's own declarations count for it and for its attributes. */
static void resolve(const Reading *reading, XmpNode *node)
{
    node->uri = uri_of(reading, node->name);
    for (guint i = 0; i < node->attributes->len; i++) {
        Attribute *attribute = &g_array_index(node->attributes, Attribute, i);
        if (!is_declaration(attribute->name))
            attribute->uri = strchr(attribute->name, ':') ? uri_of(reading, attribute->name) : "";
    }
}

/* Counts the pieces; false where they are too many: a small file can hold millions of them. */
static bool count_pieces(Reading *reading, guint more, GError **error)
{
    reading->pieces += more;
    if (reading->pieces <= PIECES_MAX)
        return true;
    g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "too many");
    return false;
}

static void on_start(GMarkupParseContext *context G_GNUC_UNUSED, const char *name,
                     const char **names, const char **values, void *user, GError **error)
{
    Reading *reading = user;
    XmpNode *node = NULL;

    if (reading->open->len > DEPTH_MAX) {
        g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "too deep");
        return;
    }
    if (!count_pieces(reading, 1 + g_strv_length((GStrv) (guintptr) names), error))
        return;
    node = node_new(name);
    add_attributes(node, names, values);
    g_ptr_array_add(innermost(reading)->children, node);
    g_ptr_array_add(reading->open, node);
    resolve(reading, node);
}

static void on_end(GMarkupParseContext *context G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
                   void *user, GError **error G_GNUC_UNUSED)
{
    Reading *reading = user;

    g_ptr_array_set_size(reading->open, (int) reading->open->len - 1);
}

/* Takes over `escaped`. */
static void add_text(Reading *reading, char *escaped, GError **error)
{
    g_ptr_array_add(innermost(reading)->children, text_new(escaped));
    count_pieces(reading, 1, error);
}

static void on_text(GMarkupParseContext *context G_GNUC_UNUSED, const char *text, gsize length,
                    void *user, GError **error)
{
    if (length) /* GLib tells of none between two tags too */
        add_text(user, g_markup_escape_text(text, (gssize) length), error);
}

static void on_other(GMarkupParseContext *context G_GNUC_UNUSED, const char *text, gsize length,
                     void *user, GError **error)
{
    add_text(user, g_strndup(text, length), error);
}

static bool parse(Reading *reading, const char *text, gsize length)
{
    static const GMarkupParser parser = { on_start, on_end, on_text, on_other, NULL };
    GMarkupParseContext *context =
        g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, reading, NULL);
    bool ok = g_markup_parse_context_parse(context, text, (gssize) length, NULL) &&
              g_markup_parse_context_end_parse(context, NULL);

    g_markup_parse_context_free(context);
    return ok;
}

/* Without a byte order mark, and the zeros that some programs leave at the end. */
static void trim(const char **text, gsize *length)
{
    static const char mark[] = "\xef\xbb\xbf";

    while (*length && (*text)[*length - 1] == '\0')
        (*length)--;
    if (*length >= 3 && !memcmp(*text, mark, 3))
        *text += 3, *length -= 3;
}

static Xmp *read_text(const char *text, gsize length)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    g_autoptr(Xmp) xmp = g_new0(Xmp, 1);
    xmp->root = node_new(NULL);
    Reading reading = { .open = open };
    g_ptr_array_add(open, xmp->root);
    return parse(&reading, text, length) ? g_steal_pointer(&xmp) : NULL;
}

/* What follows the packet's last tag is no part of it: some programs leave the end of an older,
 * longer packet there. */
Xmp *xmp_new(GBytes *packet)
{
    static const char last[] = "</x:xmpmeta>", mark[] = "\xef\xbb\xbf";
    enum { FIRST_LINE = 64 };
    gsize length = 0;
    const char *text = g_bytes_get_data(packet, &length);

    trim(&text, &length);
    /* in the packet's first line the mark is right, but GLib does not read it there */
    g_autofree char *plain = g_strndup(text, length);
    char *inside = strstr(plain, mark);
    if (inside && inside - plain < FIRST_LINE)
        memmove(inside, inside + 3, strlen(inside + 3) + 1);
    Xmp *xmp = read_text(plain, strlen(plain));
    const char *end = xmp ? NULL : strstr(plain, last);
    return end ? read_text(plain, (gsize) (end - plain) + strlen(last)) : xmp;
}

void xmp_free(Xmp *xmp)
{
    if (!xmp)
        return;
    node_free(xmp->root);
    g_free(xmp);
}

/* ---- writing ---- */

static void write_node(GString *out, const XmpNode *node);

static void write_children(GString *out, const XmpNode *node)
{
    for (guint i = 0; i < node->children->len; i++)
        write_node(out, node->children->pdata[i]);
}

static void write_attribute(GString *out, const Attribute *attribute)
{
    g_autofree char *value = g_markup_escape_text(attribute->value, -1);

    g_string_append_printf(out, " %s=\"", attribute->name);
    g_string_append(out, value);
    g_string_append_c(out, '"');
}

static void write_node(GString *out, const XmpNode *node)
{
    if (!node->name) {
        g_string_append(out, node->text);
        return;
    }
    g_string_append_printf(out, "<%s", node->name);
    for (guint i = 0; i < node->attributes->len; i++)
        write_attribute(out, &g_array_index(node->attributes, Attribute, i));
    g_string_append(out, node->children->len ? ">" : "/>");
    if (!node->children->len)
        return;
    write_children(out, node);
    g_string_append_printf(out, "</%s>", node->name);
}

static Attribute *attribute_of(const XmpNode *node, const char *uri, const char *name)
{
    for (guint i = 0; i < node->attributes->len; i++) {
        Attribute *a = &g_array_index(node->attributes, Attribute, i);
        if (a->uri && is_named(a->uri, a->name, uri, name))
            return a;
    }
    return NULL;
}

/* ---- properties ---- */

typedef void (*OnDescription)(XmpNode *description, void *user);

/* Calls `call` for each element of rdf:RDF. */
static void each_description(XmpNode *node, bool in_rdf, OnDescription call, void *user)
{
    for (guint i = 0; i < node->children->len; i++) {
        XmpNode *child = node->children->pdata[i];
        if (!child->name)
            continue;
        if (in_rdf) /* a Description, or one that is named by its type */
            call(child, user);
        else
            each_description(child, is_element(child, XMP_RDF, "RDF"), call, user);
    }
}

static bool is_property(const Attribute *attribute)
{
    return attribute->uri && strcmp(attribute->uri, XMP_RDF) != 0 &&
           !g_str_has_prefix(attribute->name, "xml:");
}

typedef struct Filter {
    XmpKeep keep;
    void *user;
    bool removed;
} Filter;

/* With the white space before it; how many nodes of that were removed. */
static guint remove_child(XmpNode *node, guint at)
{
    const XmpNode *before = at ? node->children->pdata[at - 1] : NULL;
    bool blank = before && !before->name && !before->text[strspn(before->text, " \t\r\n")];

    g_ptr_array_remove_index(node->children, at);
    if (blank)
        g_ptr_array_remove_index(node->children, at - 1);
    return blank;
}

static void filter_description(XmpNode *node, void *user)
{
    Filter *filter = user;

    for (guint i = node->attributes->len; i > 0; i--) {
        const Attribute *a = &g_array_index(node->attributes, Attribute, i - 1);
        if (!is_property(a) || filter->keep(filter->user, a->uri, local(a->name)))
            continue;
        g_array_remove_index(node->attributes, i - 1);
        filter->removed = true;
    }
    for (guint i = node->children->len; i > 0; i--) {
        const XmpNode *child = node->children->pdata[i - 1];
        if (!child->name || filter->keep(filter->user, child->uri, local(child->name)))
            continue;
        i -= remove_child(node, i - 1);
        filter->removed = true;
    }
}

bool xmp_filter(Xmp *xmp, XmpKeep keep, void *user)
{
    Filter filter = { keep, user, false };

    each_description(xmp->root, false, filter_description, &filter);
    return filter.removed;
}

/* A comment, an instruction or a type of the document: text is escaped. */
static bool is_remark(const XmpNode *node)
{
    return !node->name && node->text[0] == '<';
}

static void remove_remarks(XmpNode *node)
{
    for (guint i = node->children->len; i > 0; i--) {
        XmpNode *child = node->children->pdata[i - 1];
        if (is_remark(child))
            g_ptr_array_remove_index(node->children, i - 1);
        else if (child->name)
            remove_remarks(child);
    }
}

static void remove_texts(XmpNode *node)
{
    for (guint i = node->children->len; i > 0; i--)
        if (!((const XmpNode *) node->children->pdata[i - 1])->name)
            g_ptr_array_remove_index(node->children, i - 1);
}

/* Attributes that say something; a name for the document is empty, not missing. */
static void remove_sayings(XmpNode *node)
{
    for (guint i = node->attributes->len; i > 0; i--) {
        Attribute *a = &g_array_index(node->attributes, Attribute, i - 1);
        if (a->uri && is_named(a->uri, a->name, XMP_RDF, "about"))
            a->value[0] = '\0';
        else if (a->uri && !is_property(a))
            g_array_remove_index(node->attributes, i - 1);
    }
}

static void keep_properties_of(XmpNode *description, void *user G_GNUC_UNUSED)
{
    remove_texts(description);
    remove_sayings(description);
}

static bool holds_rdf(const XmpNode *node)
{
    bool holds = is_element(node, XMP_RDF, "RDF");

    for (guint i = 0; node->name && !holds && i < node->children->len; i++)
        holds = holds_rdf(node->children->pdata[i]);
    return holds;
}

/* The elements around rdf:RDF lose all else. */
static void keep_rdf(XmpNode *node)
{
    for (guint i = node->children->len; i > 0; i--)
        if (!holds_rdf(node->children->pdata[i - 1]))
            g_ptr_array_remove_index(node->children, i - 1);
    for (guint i = 0; i < node->children->len; i++) {
        XmpNode *child = node->children->pdata[i];
        for (guint a = child->attributes->len; a > 0; a--)
            if (g_array_index(child->attributes, Attribute, a - 1).uri)
                g_array_remove_index(child->attributes, a - 1);
        if (is_element(child, XMP_RDF, "RDF"))
            remove_texts(child);
        else
            keep_rdf(child);
    }
}

void xmp_keep_properties(Xmp *xmp)
{
    remove_remarks(xmp->root);
    keep_rdf(xmp->root);
    each_description(xmp->root, false, keep_properties_of, NULL);
}

static void count_properties(XmpNode *node, void *user)
{
    guint *count = user;

    for (guint i = 0; i < node->attributes->len; i++)
        *count += is_property(&g_array_index(node->attributes, Attribute, i));
    for (guint i = 0; i < node->children->len; i++)
        *count += ((const XmpNode *) node->children->pdata[i])->name != NULL;
}

bool xmp_is_empty(const Xmp *xmp)
{
    guint count = 0;

    each_description(xmp->root, false, count_properties, &count);
    return count == 0;
}

GBytes *xmp_packet(const Xmp *xmp)
{
    GString *out = g_string_new(NULL);
    write_children(out, xmp->root);
    return g_string_free_to_bytes(out);
}

/* ---- one property, or one field of a structure ---- */

/* The child itself, or that of an rdf:Description that holds a structure's fields. */
XmpNode *xmp_node_child(XmpNode *node, const char *uri, const char *name)
{
    for (guint i = 0; i < node->children->len; i++) {
        XmpNode *child = node->children->pdata[i], *inner = NULL;
        if (is_element(child, uri, name))
            return child;
        if (is_element(child, XMP_RDF, "Description") && (inner = xmp_node_child(child, uri, name)))
            return inner;
    }
    return NULL;
}

static Attribute *field_attribute(XmpNode *node, const char *uri, const char *name)
{
    XmpNode *description = xmp_node_child(node, XMP_RDF, "Description");
    Attribute *own = attribute_of(node, uri, name);

    return own || !description ? own : attribute_of(description, uri, name);
}

/* The text of an element without children of its own. */
static char *text_of(const XmpNode *node)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < node->children->len; i++) {
        const XmpNode *child = node->children->pdata[i];
        if (!child->name)
            g_string_append(text, child->text);
    }
    return g_strstrip(g_string_free(text, FALSE));
}

static void set_text_of(XmpNode *node, const char *text)
{
    g_ptr_array_set_size(node->children, 0);
    g_ptr_array_add(node->children, text_new(g_markup_escape_text(text, -1)));
}

char *xmp_node_text(const XmpNode *node, const char *uri, const char *name)
{
    XmpNode *looked_at = (XmpNode *) (guintptr) node;
    const Attribute *attribute = field_attribute(looked_at, uri, name);
    const XmpNode *child = attribute ? NULL : xmp_node_child(looked_at, uri, name);

    return attribute ? g_strdup(attribute->value) : child ? text_of(child) : NULL;
}

void xmp_node_set_text(XmpNode *node, const char *uri, const char *name, const char *text)
{
    Attribute *attribute = field_attribute(node, uri, name);
    XmpNode *child = attribute ? NULL : xmp_node_child(node, uri, name);

    if (attribute) {
        g_free(attribute->value);
        attribute->value = g_strdup(text);
    } else if (child) {
        set_text_of(child, text);
    }
}

typedef struct Property {
    const char *uri, *name;
    const char *set; /* NULL: read it */
    char *text;
} Property;

static void on_property(XmpNode *description, void *user)
{
    Property *p = user;

    if (p->set)
        xmp_node_set_text(description, p->uri, p->name, p->set);
    else if (!p->text)
        p->text = xmp_node_text(description, p->uri, p->name);
}

char *xmp_text(const Xmp *xmp, const char *uri, const char *name)
{
    Property p = { .uri = uri, .name = name };

    each_description(xmp->root, false, on_property, &p);
    return p.text;
}

void xmp_set_text(Xmp *xmp, const char *uri, const char *name, const char *text)
{
    Property p = { .uri = uri, .name = name, .set = text };

    each_description(xmp->root, false, on_property, &p);
}

/* ---- elements at any depth ---- */

void xmp_node_each(XmpNode *node, const char *uri, const char *name, XmpEach each, void *user)
{
    for (guint i = node->children->len; i > 0; i--) {
        XmpNode *child = node->children->pdata[i - 1];
        if (!child->name)
            continue;
        if (is_element(child, uri, name) && !each(user, child))
            i -= remove_child(node, i - 1);
        else
            xmp_node_each(child, uri, name, each, user);
    }
}

void xmp_each(Xmp *xmp, const char *uri, const char *name, XmpEach each, void *user)
{
    xmp_node_each(xmp->root, uri, name, each, user);
}
