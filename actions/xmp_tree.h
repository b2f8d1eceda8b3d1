/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xmp_tree.h - the elements of an XMP packet: how they are read and written. xmp.h says what is
 * known of them as properties. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct XmpNode XmpNode;

typedef struct XmpAttribute {
    const char *uri; /* that of a declaration; "" for none, NULL for a declaration itself */
    char *name;
    char *value;
} XmpAttribute;

/* An element; or, where it has no name, text or a processing instruction. */
struct XmpNode {
    const char *uri; /* that of a declaration here or around, which stays as long */
    char *name;      /* as it is written, with its prefix */
    char *text;      /* of a node without a name, escaped as it is written */
    GArray *attributes;
    GPtrArray *children; /* NULL as the attributes where there is a text */
};

/* A node without a name, with what the packet has at its top; newly allocated. NULL as xmp_new().
 */
XmpNode *xmp_tree_read(GBytes *packet);

void xmp_tree_free(void *freed);

/* The packet; newly referenced. */
GBytes *xmp_tree_write(const XmpNode *root);

/* Appends an element, or a text, as it is written. */
void xmp_tree_write_node(GString *out, const XmpNode *node);

/* A text; takes over `escaped`. */
XmpNode *xmp_tree_text(char *escaped);

/* A name without its prefix. Borrowed. */
const char *xmp_tree_local(const char *name);

bool xmp_tree_is_named(const char *own_uri, const char *own_name, const char *uri,
                       const char *name);

/* Whether the node is an element of this name. */
bool xmp_tree_is(const XmpNode *node, const char *uri, const char *name);

/* `text`, UTF-8, without the characters that XML has not: blanks take the place of control
 * characters, U+FFFD that of U+FFFE and U+FFFF. Newly allocated. */
char *xmp_tree_allowed(const char *text);

/* The text that stands in an element between those in it, escaped; newly allocated. */
char *xmp_tree_content(const XmpNode *node);

/* What an escaped text says; takes it over. */
char *xmp_tree_unescaped(char *escaped);

/* A new element, the last in `to`. `uri` is that of a declaration. */
XmpNode *xmp_tree_add(XmpNode *to, const char *uri, const char *name);

/* Sets an attribute; `uri` as that of XmpAttribute. Returns its value, borrowed. */
const char *xmp_tree_set_attribute(XmpNode *node, const char *uri, const char *name,
                                   const char *value);

/* Makes elements in it of the attributes that are properties. */
void xmp_tree_attributes_within(XmpNode *node);

/* Removes attributes and elements of this name, in it and in the elements of it that have no
 * namespace but RDF's. Whether there was one. */
bool xmp_tree_remove(XmpNode *node, const char *uri, const char *name);
