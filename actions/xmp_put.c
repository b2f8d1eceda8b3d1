/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/xmp_put.h"

#include <string.h>

#include "actions/xmp_packet.h"
#include "actions/xmp_tree.h"

#define DEFAULT_LANGUAGE "x-default"

Xmp *xmp_new_empty(void)
{
    g_autoptr(GBytes) packet = xmp_packet_add(NULL, "");

    return xmp_new(packet);
}

/* ---- nodes ---- */

static void set_text(XmpNode *node, const char *text)
{
    g_autofree char *clean = xmp_tree_allowed(text);

    g_ptr_array_set_size(node->children, 0);
    g_ptr_array_add(node->children, xmp_tree_text(g_markup_escape_text(clean, -1)));
}

/* The text of an element, unescaped. */
static char *text_of(const XmpNode *node)
{
    return xmp_tree_unescaped(xmp_tree_content(node));
}

static XmpNode *child_of(const XmpNode *node, const char *uri, const char *name)
{
    for (guint i = 0; i < node->children->len; i++)
        if (xmp_tree_is(node->children->pdata[i], uri, name))
            return node->children->pdata[i];
    return NULL;
}

static const char *attribute_of(const XmpNode *node, const char *name)
{
    for (guint i = 0; i < node->attributes->len; i++) {
        const XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i);
        if (!strcmp(a->name, name))
            return a->value;
    }
    return NULL;
}

/* The element rdf:RDF; NULL where the packet has none. */
static XmpNode *rdf_in(XmpNode *node)
{
    XmpNode *found = NULL;

    if (xmp_tree_is(node, XMP_RDF, "RDF"))
        return node;
    for (guint i = 0; !found && i < node->children->len; i++) {
        XmpNode *child = node->children->pdata[i];
        found = child->name ? rdf_in(child) : NULL;
    }
    return found;
}

/* "rdf:li" with the prefix that the packet has for it. */
static char *named_as(const XmpNode *rdf, const char *name)
{
    const char *colon = strchr(rdf->name, ':');

    return colon ? g_strdup_printf("%.*s:%s", (int) (colon - rdf->name), rdf->name, name)
                 : g_strdup(name);
}

static XmpNode *add_rdf(const XmpNode *rdf, XmpNode *to, const char *name)
{
    g_autofree char *whole = named_as(rdf, name);

    return xmp_tree_add(to, rdf->uri, whole);
}

/* The first description, which gets what is new. */
static XmpNode *description_in(XmpNode *rdf)
{
    XmpNode *description = child_of(rdf, XMP_RDF, "Description");
    g_autofree char *about = named_as(rdf, "about");

    if (description)
        return description;
    description = add_rdf(rdf, rdf, "Description");
    xmp_tree_set_attribute(description, rdf->uri, about, "");
    return description;
}

/* A new element of that namespace, which it declares where `to` does not. */
static XmpNode *add_named(XmpNode *to, const char *prefix, const char *uri, const char *name)
{
    g_autofree char *declaration = g_strconcat("xmlns:", prefix, NULL);
    g_autofree char *whole = g_strconcat(prefix, ":", name, NULL);
    const char *declared = attribute_of(to, declaration);
    XmpNode *node = xmp_tree_add(to, declared, whole);

    if (g_strcmp0(declared, uri) != 0)
        node->uri = xmp_tree_set_attribute(node, NULL, declaration, uri);
    return node;
}

/* ---- properties ---- */

typedef struct Wanted {
    const char *uri, *name;
} Wanted;

static bool is_another(void *user, const char *uri, const char *name)
{
    const Wanted *wanted = user;

    return strcmp(wanted->uri, uri) != 0 || strcmp(wanted->name, name) != 0;
}

static bool remove_property(Xmp *xmp, const XmpProperty *property)
{
    Wanted wanted = { property->uri, property->name };

    return xmp_filter(xmp, is_another, &wanted);
}

/* The element of the property; NULL where there is none, or it is an attribute. */
static XmpNode *element_of(const XmpNode *rdf, const XmpProperty *property)
{
    XmpNode *found = NULL;

    for (guint i = 0; !found && i < rdf->children->len; i++) {
        const XmpNode *description = rdf->children->pdata[i];
        if (description->name)
            found = child_of(description, property->uri, property->name);
    }
    return found;
}

static XmpNode *new_element(Xmp *xmp, XmpNode *rdf, const XmpProperty *property)
{
    remove_property(xmp, property);
    return add_named(description_in(rdf), property->prefix, property->uri, property->name);
}

static const char *list_name(XmpForm form)
{
    static const char *const names[] = { NULL, "Bag", "Seq", "Alt" };

    return names[form];
}

static void add_item(const XmpNode *rdf, XmpNode *list, const char *text)
{
    set_text(add_rdf(rdf, list, "li"), text);
}

/* ---- languages ---- */

static const char *language_of(const XmpProperty *property)
{
    return property->language ? property->language : DEFAULT_LANGUAGE;
}

static XmpNode *item_in(const XmpNode *list, const char *language)
{
    for (guint i = 0; i < list->children->len; i++) {
        XmpNode *item = list->children->pdata[i];
        const char *own = item->name ? attribute_of(item, "xml:lang") : NULL;
        if (own && !g_ascii_strcasecmp(own, language))
            return item;
    }
    return NULL;
}

/* The default one stands first. */
static void put_language(const XmpNode *rdf, XmpNode *list, const char *language, const char *text)
{
    XmpNode *item = item_in(list, language);

    if (!item) {
        item = add_rdf(rdf, list, "li");
        xmp_tree_set_attribute(item, "", "xml:lang", language);
        if (!strcmp(language, DEFAULT_LANGUAGE)) {
            g_ptr_array_steal_index(list->children, list->children->len - 1);
            g_ptr_array_insert(list->children, 0, item);
        }
    }
    set_text(item, text);
}

static void put_languages(Xmp *xmp, XmpNode *rdf, const XmpProperty *property, const char *text)
{
    XmpNode *element = element_of(rdf, property);
    XmpNode *list = element ? child_of(element, XMP_RDF, "Alt") : NULL;

    if (!list)
        list = add_rdf(rdf, new_element(xmp, rdf, property), "Alt");
    put_language(rdf, list, language_of(property), text);
}

static bool take_language(XmpNode *rdf, const XmpProperty *property)
{
    XmpNode *element = element_of(rdf, property);
    XmpNode *list = element ? child_of(element, XMP_RDF, "Alt") : NULL;
    XmpNode *item = list ? item_in(list, property->language) : NULL;

    return item && g_ptr_array_remove(list->children, item);
}

/* ---- structures ---- */

/* Where the fields of a structure lie, in either of RDF's forms; a new one has them within. */
static XmpNode *fields_of(Xmp *xmp, XmpNode *rdf, const XmpProperty *property)
{
    XmpNode *element = element_of(rdf, property);
    XmpNode *inner = element ? child_of(element, XMP_RDF, "Description") : NULL;
    g_autofree char *kind = named_as(rdf, "parseType");

    if (inner)
        return inner;
    if (element && g_strcmp0(attribute_of(element, kind), "Resource") == 0)
        return element;
    if (!element || element->attributes->len == 0)
        element = new_element(xmp, rdf, property);
    xmp_tree_set_attribute(element, rdf->uri, kind, "Resource");
    xmp_tree_attributes_within(element);
    return element;
}

static void put_field(Xmp *xmp, XmpNode *rdf, const XmpProperty *property, const char *text)
{
    XmpNode *fields = fields_of(xmp, rdf, property);
    g_autofree char *clean = xmp_tree_allowed(text);
    g_autofree char *old = xmp_node_text(fields, property->field_uri, property->field);

    if (old)
        xmp_node_set_text(fields, property->field_uri, property->field, clean);
    else
        set_text(add_named(fields, property->field_prefix, property->field_uri, property->field),
                 text);
}

/* Whether a structure says nothing: what is left of it are RDF's own names and blanks. */
static bool has_no_field(const XmpNode *node)
{
    for (guint i = 0; i < node->children->len; i++) {
        const XmpNode *child = node->children->pdata[i];
        if (child->name && !(xmp_tree_is(child, XMP_RDF, "Description") && has_no_field(child)))
            return false;
    }
    for (guint i = 0; i < node->attributes->len; i++) {
        const XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i);
        if (!g_str_has_prefix(a->name, "xmlns") && g_strcmp0(a->uri, XMP_RDF) != 0)
            return false;
    }
    return true;
}

static bool take_field(Xmp *xmp, XmpNode *rdf, const XmpProperty *property)
{
    XmpNode *element = element_of(rdf, property);

    if (!element || !xmp_tree_remove(element, property->field_uri, property->field))
        return false;
    if (has_no_field(element))
        remove_property(xmp, property);
    return true;
}

/* ---- all of it ---- */

bool xmp_put(Xmp *xmp, const XmpProperty *property, const char *const *texts)
{
    XmpNode *rdf = rdf_in(xmp_root(xmp)), *list = NULL;

    if (!rdf)
        return false;
    if (property->field) {
        put_field(xmp, rdf, property, texts[0]);
    } else if (property->form == XMP_FORM_LANGUAGES) {
        put_languages(xmp, rdf, property, texts[0]);
    } else if (property->form == XMP_FORM_TEXT) {
        set_text(new_element(xmp, rdf, property), texts[0]);
    } else {
        list = add_rdf(rdf, new_element(xmp, rdf, property), list_name(property->form));
        for (; *texts; texts++)
            add_item(rdf, list, *texts);
    }
    return true;
}

static bool has_item(const XmpNode *list, const char *text)
{
    for (guint i = 0; i < list->children->len; i++) {
        const XmpNode *item = list->children->pdata[i];
        g_autofree char *own = item->name ? text_of(item) : NULL;
        if (own && !strcmp(own, text))
            return true;
    }
    return false;
}

/* Programs confuse bags and sequences. */
static XmpNode *list_of(const XmpNode *element)
{
    XmpNode *list = NULL;

    for (XmpForm form = XMP_FORM_BAG; element && !list && form <= XMP_FORM_LANGUAGES; form++)
        list = child_of(element, XMP_RDF, list_name(form));
    return list;
}

bool xmp_add(Xmp *xmp, const XmpProperty *property, const char *const *texts)
{
    bool is_list = property->form == XMP_FORM_BAG || property->form == XMP_FORM_SEQ;
    XmpNode *rdf = rdf_in(xmp_root(xmp));
    XmpNode *list = rdf && is_list ? list_of(element_of(rdf, property)) : NULL;

    if (!list && rdf && is_list && !property->field) {
        g_autofree char *one = xmp_text(xmp, property->uri, property->name);
        list = add_rdf(rdf, new_element(xmp, rdf, property), list_name(property->form));
        if (one)
            add_item(rdf, list, one);
    }
    if (!list)
        return xmp_put(xmp, property, texts);
    for (; *texts; texts++) {
        g_autofree char *clean = xmp_tree_allowed(*texts);
        if (!has_item(list, clean))
            add_item(rdf, list, clean);
    }
    return true;
}

bool xmp_take(Xmp *xmp, const XmpProperty *property)
{
    XmpNode *rdf = rdf_in(xmp_root(xmp));

    if (rdf && property->field)
        return take_field(xmp, rdf, property);
    if (rdf && property->language)
        return take_language(rdf, property);
    return rdf && remove_property(xmp, property);
}

typedef struct Search {
    Wanted wanted;
    bool found;
} Search;

static bool look_at(void *user, const char *uri, const char *name)
{
    Search *search = user;

    search->found |= !is_another(&search->wanted, uri, name);
    return true;
}

bool xmp_has(Xmp *xmp, const XmpProperty *property)
{
    Search search = { { property->uri, property->name }, false };
    XmpNode *rdf = rdf_in(xmp_root(xmp));
    XmpNode *element = rdf ? element_of(rdf, property) : NULL;
    XmpNode *list = element ? child_of(element, XMP_RDF, "Alt") : NULL;

    if (property->field) {
        g_autofree char *text =
            element ? xmp_node_text(element, property->field_uri, property->field) : NULL;
        return text;
    }
    if (property->language)
        return list && item_in(list, property->language);
    xmp_filter(xmp, look_at, &search);
    return search.found;
}

char *xmp_language_text(const Xmp *xmp, const XmpProperty *property)
{
    XmpNode *rdf = rdf_in(xmp_root(xmp));
    XmpNode *element = rdf ? element_of(rdf, property) : NULL;
    XmpNode *list = element ? child_of(element, XMP_RDF, "Alt") : NULL;
    XmpNode *item = list ? item_in(list, language_of(property)) : NULL;

    return item ? text_of(item) : NULL;
}

bool xmp_filter_fields(XmpNode *node, XmpKeep keep, void *user)
{
    bool removed = false;

    for (guint i = node->children->len; i > 0; i--) {
        XmpNode *child = node->children->pdata[i - 1];
        if (child->name && !keep(user, child->uri, xmp_tree_local(child->name))) {
            g_ptr_array_remove_index(node->children, i - 1);
            removed = true;
        } else if (child->name) {
            removed |= xmp_filter_fields(child, keep, user);
        }
    }
    for (guint i = node->attributes->len; i > 0; i--) {
        const XmpAttribute *a = &g_array_index(node->attributes, XmpAttribute, i - 1);
        if (!a->uri || keep(user, a->uri, xmp_tree_local(a->name)))
            continue;
        g_array_remove_index(node->attributes, i - 1);
        removed = true;
    }
    return removed;
}
