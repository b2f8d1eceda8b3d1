/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/xmp_tree.h"

#include <string.h>

enum {
    DEPTH_MAX = 100,
    PIECES_MAX = 250000, /* elements, attributes and texts, of some 200 bytes each */
};

/* ---- nodes ---- */

static void attribute_clear(void *attribute)
{
    XmpAttribute *a = attribute;

    g_free(a->name);
    g_free(a->value);
}

void xmp_tree_free(void *freed)
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
    node->attributes = g_array_new(FALSE, TRUE, sizeof(XmpAttribute));
    g_array_set_clear_func(node->attributes, attribute_clear);
    node->children = g_ptr_array_new_with_free_func(xmp_tree_free);
    return node;
}

XmpNode *xmp_tree_text(char *escaped)
{
    XmpNode *node = g_new0(XmpNode, 1);

    node->text = escaped;
    return node;
}

const char *xmp_tree_local(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

bool xmp_tree_is_named(const char *own_uri, const char *own_name, const char *uri, const char *name)
{
    return !g_strcmp0(own_uri, uri) && !strcmp(xmp_tree_local(own_name), name);
}

bool xmp_tree_is(const XmpNode *node, const char *uri, const char *name)
{
    return node->name && xmp_tree_is_named(node->uri, node->name, uri, name);
}

/* ---- changing ---- */

char *xmp_tree_allowed(const char *text)
{
    enum { LENGTH = 3 }; /* of each */
    static const char *const never[] = { "\uFFFE", "\uFFFF" };
    char *clean = g_strdup(text);

    for (char *c = clean; *c; c++)
        if (g_ascii_iscntrl(*c) && !strchr("\t\n\r", *c))
            *c = ' ';
    for (size_t i = 0; i < G_N_ELEMENTS(never); i++)
        for (char *c = clean; (c = strstr(c, never[i]));)
            memcpy(c, "\uFFFD", LENGTH);
    return clean;
}

char *xmp_tree_content(const XmpNode *node)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < node->children->len; i++) {
        const XmpNode *child = node->children->pdata[i];
        if (!child->name)
            g_string_append(text, child->text);
    }
    return g_string_free(text, FALSE);
}

/* GLib writes these five, and numbers. */
char *xmp_tree_unescaped(char *escaped)
{
    static const char *const names[] = { "&lt;", "&gt;", "&quot;", "&apos;", "&#39;", "&amp;" };
    static const char letters[] = "<>\"''&";
    char *to = escaped;

    for (const char *from = escaped; *from;) {
        size_t name = 0;
        while (name < G_N_ELEMENTS(names) && !g_str_has_prefix(from, names[name]))
            name++;
        *to++ = name < G_N_ELEMENTS(names) ? letters[name] : *from;
        from += name < G_N_ELEMENTS(names) ? strlen(names[name]) : 1;
    }
    *to = '\0';
    return escaped;
}

XmpNode *xmp_tree_add(XmpNode *to, const char *uri, const char *name)
{
    XmpNode *node = node_new(name);

    node->uri = uri;
    g_ptr_array_add(to->children, node);
    return node;
}

const char *xmp_tree_set_attribute(XmpNode *node, const char *uri, const char *name,
                                   const char *value)
{
    for (guint i = 0; i < node->attributes->len; i++) {
        XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i);
        if (strcmp(a->name, name) != 0)
            continue;
        g_free(a->value);
        a->value = g_strdup(value);
        return a->value;
    }
    XmpAttribute attribute = { uri, g_strdup(name), g_strdup(value) };
    g_array_append_val(node->attributes, attribute);
    return attribute.value;
}

static bool is_of_rdf(const char *uri)
{
    static const char rdf[] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

    return !strcmp(uri, rdf);
}

void xmp_tree_attributes_within(XmpNode *node)
{
    for (guint i = node->attributes->len; i > 0; i--) {
        const XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i - 1);
        if (!a->uri || !*a->uri || is_of_rdf(a->uri))
            continue;
        XmpNode *child = xmp_tree_add(node, a->uri, a->name);
        g_ptr_array_add(child->children, xmp_tree_text(g_markup_escape_text(a->value, -1)));
        g_array_remove_index(node->attributes, i - 1);
    }
}

static bool remove_attribute(XmpNode *node, const char *uri, const char *name)
{
    for (guint i = 0; i < node->attributes->len; i++) {
        const XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i);
        if (!a->uri || !xmp_tree_is_named(a->uri, a->name, uri, name))
            continue;
        g_array_remove_index(node->attributes, i);
        return true;
    }
    return false;
}

bool xmp_tree_remove(XmpNode *node, const char *uri, const char *name)
{
    bool removed = remove_attribute(node, uri, name);

    for (guint i = node->children->len; i > 0; i--) {
        XmpNode *child = node->children->pdata[i - 1];
        if (!child->name)
            continue;
        if (xmp_tree_is(child, uri, name)) {
            g_ptr_array_remove_index(node->children, i - 1);
            removed = true;
        } else if (is_of_rdf(child->uri)) {
            removed = xmp_tree_remove(child, uri, name) || removed;
        }
    }
    return removed;
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
            const XmpAttribute *attribute = &g_array_index(node->attributes, XmpAttribute, a);
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
        XmpAttribute attribute = { NULL, g_strdup(*names), g_strdup(*values) };
        g_array_append_val(node->attributes, attribute);
    }
}

/* The element's own declarations count for it and for its attributes. */
static void resolve(const Reading *reading, XmpNode *node)
{
    node->uri = uri_of(reading, node->name);
    for (guint i = 0; i < node->attributes->len; i++) {
        XmpAttribute *attribute = &g_array_index(node->attributes, XmpAttribute, i);
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
    g_ptr_array_add(innermost(reading)->children, xmp_tree_text(escaped));
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

static XmpNode *read_text(const char *text, gsize length)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    XmpNode *root = node_new(NULL);
    Reading reading = { .open = open };

    g_ptr_array_add(open, root);
    if (parse(&reading, text, length))
        return root;
    xmp_tree_free(root);
    return NULL;
}

/* What follows the packet's last tag is no part of it: some programs leave the end of an older,
 * longer packet there. */
XmpNode *xmp_tree_read(GBytes *packet)
{
    static const char last[] = "</x:xmpmeta>", mark[] = "\xef\xbb\xbf";
    enum { FIRST_LINE = 64 };
    gsize length = 0;
    const char *text = g_bytes_get_data(packet, &length);

    trim(&text, &length);
    /* in the packet's first line the mark is right, but GLib does not read it there */
    g_autofree char *plain = g_strndup(text ? text : "", length); /* NULL: of an empty file */
    char *inside = strstr(plain, mark);
    if (inside && inside - plain < FIRST_LINE)
        memmove(inside, inside + 3, strlen(inside + 3) + 1);
    XmpNode *root = read_text(plain, strlen(plain));
    const char *end = root ? NULL : strstr(plain, last);
    return end ? read_text(plain, (gsize) (end - plain) + strlen(last)) : root;
}

/* ---- writing ---- */

static void write_children(GString *out, const XmpNode *node)
{
    for (guint i = 0; i < node->children->len; i++)
        xmp_tree_write_node(out, node->children->pdata[i]);
}

static void write_attribute(GString *out, const XmpAttribute *attribute)
{
    g_autofree char *value = g_markup_escape_text(attribute->value, -1);

    g_string_append_printf(out, " %s=\"", attribute->name);
    g_string_append(out, value);
    g_string_append_c(out, '"');
}

void xmp_tree_write_node(GString *out, const XmpNode *node)
{
    if (!node->name) {
        g_string_append(out, node->text);
        return;
    }
    g_string_append_printf(out, "<%s", node->name);
    for (guint i = 0; i < node->attributes->len; i++)
        write_attribute(out, &g_array_index(node->attributes, XmpAttribute, i));
    g_string_append(out, node->children->len ? ">" : "/>");
    if (!node->children->len)
        return;
    write_children(out, node);
    g_string_append_printf(out, "</%s>", node->name);
}

GBytes *xmp_tree_write(const XmpNode *root)
{
    GString *out = g_string_new(NULL);

    write_children(out, root);
    return g_string_free_to_bytes(out);
}
