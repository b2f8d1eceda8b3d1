/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xmp.h - an XMP packet as a tree of elements, which is written as it was read but for what was
 * changed in it: unknown namespaces and qualifiers stay.
 *
 * A property is an attribute or an element; both are found by the URI of their namespace, whatever
 * prefix the packet gives it. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define XMP_RDF  "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define XMP_TIFF "http://ns.adobe.com/tiff/1.0/"

typedef struct Xmp Xmp;
typedef struct XmpNode XmpNode;

/* NULL where the packet cannot be read, or has some 100,000 elements: they cost memory. */
Xmp *xmp_new(GBytes *packet);
void xmp_free(Xmp *xmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Xmp, xmp_free)

/* The node without a name that has what the packet has at its top. Borrowed. */
XmpNode *xmp_root(const Xmp *xmp);

/* The packet; newly referenced. */
GBytes *xmp_packet(const Xmp *xmp);

/* Whether it has an rdf:RDF, which every packet has. */
bool xmp_has_rdf(const Xmp *xmp);

/* The elements in rdf:RDF as they are written, each with the namespaces that are declared around
 * it: it can stand in another packet. Newly allocated. */
char *xmp_descriptions(Xmp *xmp);

/* Whether no property is in it. */
bool xmp_is_empty(const Xmp *xmp);

/* Decides about a property of the picture: false removes it. `uri` is "" where the packet declares
 * no namespace. */
typedef bool (*XmpKeep)(void *user, const char *uri, const char *name);

/* Removes properties; whether there was one to remove. */
bool xmp_filter(Xmp *xmp, XmpKeep keep, void *user);

/* Removes all that is no property, and nothing that a property needs: comments and instructions
 * with the packet's wrapper, text between properties, what rdf:about says of the document, and what
 * stands around rdf:RDF but for the declarations of namespaces. */
void xmp_keep_properties(Xmp *xmp);

/* A property's own text, as attribute or element; newly allocated, NULL where there is none. */
char *xmp_text(const Xmp *xmp, const char *uri, const char *name);

/* Changes a property that has a text, if it is there. */
void xmp_set_text(Xmp *xmp, const char *uri, const char *name, const char *text);

/* Calls `each` with every element at any depth that has this name; false from it removes it. */
typedef bool (*XmpEach)(void *user, XmpNode *node);
void xmp_each(Xmp *xmp, const char *uri, const char *name, XmpEach each, void *user);

/* The same within an element: a field of a structure, in any of RDF's forms. */
char *xmp_node_text(const XmpNode *node, const char *uri, const char *name);
void xmp_node_set_text(XmpNode *node, const char *uri, const char *name, const char *text);
void xmp_node_each(XmpNode *node, const char *uri, const char *name, XmpEach each, void *user);
XmpNode *xmp_node_child(XmpNode *node, const char *uri, const char *name);
