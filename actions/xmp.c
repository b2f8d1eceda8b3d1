/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/xmp.h"

#include <string.h>

#include "actions/xmp_tree.h"

struct Xmp {
    XmpNode *root; /* what the packet has at its top */
};

Xmp *xmp_new(GBytes *packet)
{
    XmpNode *root = xmp_tree_read(packet);
    Xmp *xmp = root ? g_new0(Xmp, 1) : NULL;

    if (xmp)
        xmp->root = root;
    return xmp;
}

void xmp_free(Xmp *xmp)
{
    if (!xmp)
        return;
    xmp_tree_free(xmp->root);
    g_free(xmp);
}

XmpNode *xmp_root(const Xmp *xmp)
{
    return xmp->root;
}

static XmpAttribute *attribute_of(const XmpNode *node, const char *uri, const char *name)
{
    for (guint i = 0; i < node->attributes->len; i++) {
        XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i);
        if (a->uri && xmp_tree_is_named(a->uri, a->name, uri, name))
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
            each_description(child, xmp_tree_is(child, XMP_RDF, "RDF"), call, user);
    }
}

static bool is_property(const XmpAttribute *attribute)
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
        const XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i - 1);
        if (!is_property(a) || filter->keep(filter->user, a->uri, xmp_tree_local(a->name)))
            continue;
        g_array_remove_index(node->attributes, i - 1);
        filter->removed = true;
    }
    for (guint i = node->children->len; i > 0; i--) {
        const XmpNode *child = node->children->pdata[i - 1];
        if (!child->name || filter->keep(filter->user, child->uri, xmp_tree_local(child->name)))
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
        XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i - 1);
        if (a->uri && xmp_tree_is_named(a->uri, a->name, XMP_RDF, "about"))
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
    bool holds = xmp_tree_is(node, XMP_RDF, "RDF");

    for (guint i = 0; node->name && !holds && i < node->children->len; i++)
        holds = holds_rdf(node->children->pdata[i]);
    return holds;
}

bool xmp_has_rdf(const Xmp *xmp)
{
    bool has = false;

    for (guint i = 0; !has && i < xmp->root->children->len; i++)
        has = holds_rdf(xmp->root->children->pdata[i]);
    return has;
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
            if (g_array_index(child->attributes, XmpAttribute, a - 1).uri)
                g_array_remove_index(child->attributes, a - 1);
        if (xmp_tree_is(child, XMP_RDF, "RDF"))
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
        *count += is_property(&g_array_index(node->attributes, XmpAttribute, i));
    for (guint i = 0; i < node->children->len; i++)
        *count += ((const XmpNode *) node->children->pdata[i])->name != NULL;
}

bool xmp_is_empty(const Xmp *xmp)
{
    guint count = 0;

    each_description(xmp->root, false, count_properties, &count);
    return count == 0;
}

/* ---- as parts of another packet ---- */

static bool declares(const XmpNode *node, const char *name)
{
    for (guint i = 0; i < node->attributes->len; i++)
        if (!strcmp(g_array_index(node->attributes, XmpAttribute, i).name, name))
            return true;
    return false;
}

/* The declarations of `around` that `node` does not have itself. */
static void take_declarations(XmpNode *node, const XmpNode *around)
{
    for (guint i = 0; i < around->attributes->len; i++) {
        const XmpAttribute *a = &g_array_index(around->attributes, XmpAttribute, i);
        XmpAttribute copy = { NULL, g_strdup(a->name), g_strdup(a->value) };
        if (!a->uri && !declares(node, a->name)) {
            g_array_append_val(node->attributes, copy);
            continue;
        }
        g_free(copy.name);
        g_free(copy.value);
    }
}

/* From the outside in, each element passes on the declarations that it has been given. */
static void add_descriptions(GString *to, XmpNode *around, bool in_rdf)
{
    for (guint i = 0; i < around->children->len; i++) {
        XmpNode *child = around->children->pdata[i];
        if (!child->name)
            continue;
        take_declarations(child, around);
        if (in_rdf)
            xmp_tree_write_node(to, child);
        else
            add_descriptions(to, child, xmp_tree_is(child, XMP_RDF, "RDF"));
    }
}

char *xmp_descriptions(Xmp *xmp)
{
    GString *text = g_string_new(NULL);

    add_descriptions(text, xmp->root, false);
    return g_string_free(text, FALSE);
}

GBytes *xmp_packet(const Xmp *xmp)
{
    return xmp_tree_write(xmp->root);
}

/* ---- one property, or one field of a structure ---- */

/* The child itself, or that of an rdf:Description that holds a structure's fields. */
XmpNode *xmp_node_child(XmpNode *node, const char *uri, const char *name)
{
    for (guint i = 0; i < node->children->len; i++) {
        XmpNode *child = node->children->pdata[i], *inner = NULL;
        if (xmp_tree_is(child, uri, name))
            return child;
        if (xmp_tree_is(child, XMP_RDF, "Description") &&
            (inner = xmp_node_child(child, uri, name)))
            return inner;
    }
    return NULL;
}

static XmpAttribute *field_attribute(XmpNode *node, const char *uri, const char *name)
{
    XmpNode *description = xmp_node_child(node, XMP_RDF, "Description");
    XmpAttribute *own = attribute_of(node, uri, name);

    return own || !description ? own : attribute_of(description, uri, name);
}

/* The text of an element without children of its own. */
static char *text_of(const XmpNode *node)
{
    return g_strstrip(xmp_tree_content(node));
}

static void set_text_of(XmpNode *node, const char *text)
{
    g_ptr_array_set_size(node->children, 0);
    g_ptr_array_add(node->children, xmp_tree_text(g_markup_escape_text(text, -1)));
}

char *xmp_node_text(const XmpNode *node, const char *uri, const char *name)
{
    XmpNode *looked_at = (XmpNode *) (guintptr) node;
    const XmpAttribute *attribute = field_attribute(looked_at, uri, name);
    const XmpNode *child = attribute ? NULL : xmp_node_child(looked_at, uri, name);

    return attribute ? g_strdup(attribute->value) : child ? text_of(child) : NULL;
}

void xmp_node_set_text(XmpNode *node, const char *uri, const char *name, const char *text)
{
    XmpAttribute *attribute = field_attribute(node, uri, name);
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
        if (xmp_tree_is(child, uri, name) && !each(user, child))
            i -= remove_child(node, i - 1);
        else
            xmp_node_each(child, uri, name, each, user);
    }
}

void xmp_each(Xmp *xmp, const char *uri, const char *name, XmpEach each, void *user)
{
    xmp_node_each(xmp->root, uri, name, each, user);
}
