/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xmp_put.h - writes properties of an XMP packet. What else is in it stays. One thread. */
#pragma once

#include "actions/xmp.h"

/* How a property holds its texts. */
typedef enum XmpForm { XMP_FORM_TEXT, XMP_FORM_BAG, XMP_FORM_SEQ, XMP_FORM_LANGUAGES } XmpForm;

typedef struct XmpProperty {
    const char *prefix, *uri, *name;
    /* The field of a structure; NULL: the property itself. */
    const char *field_prefix, *field_uri, *field;
    XmpForm form;
    const char *language; /* of XMP_FORM_LANGUAGES; NULL: the default one, the others stay */
} XmpProperty;

/* A new packet without properties. */
Xmp *xmp_new_empty(void);

/* Sets the texts (UTF-8, at least one) of a property. What XML does not allow in them becomes
 * blanks. False where the packet has no place for properties. */
bool xmp_put(Xmp *xmp, const XmpProperty *property, const char *const *texts);

/* Adds those that a list does not have yet. */
bool xmp_add(Xmp *xmp, const XmpProperty *property, const char *const *texts);

/* Removes it; of languages, the one that is named, or all. Whether there was one. */
bool xmp_take(Xmp *xmp, const XmpProperty *property);

/* Removes fields and properties at any depth that `keep` does not want; whether there was one. */
bool xmp_filter_fields(XmpNode *node, XmpKeep keep, void *user);

/* The text of one language; newly allocated, NULL: none. */
char *xmp_language_text(const Xmp *xmp, const XmpProperty *property);

/* Whether it says something of it; of languages, of the one that is named, or of any. */
bool xmp_has(Xmp *xmp, const XmpProperty *property);
