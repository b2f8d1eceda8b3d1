/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* template_tokens.h - what each {token} of a name is filled with. */
#pragma once

#include "actions/image.h"

#define TEMPLATE_DATE_FORMAT "%Y-%m-%d" /* where none is given */

/* For what the name stays the same. */
typedef enum TemplateScope {
    TEMPLATE_SAME_FOR_PROFILE, /* for every picture of a folder */
    TEMPLATE_SAME_FOR_PICTURE, /* for every output of a picture */
    TEMPLATE_SAME_FOR_OUTPUT,  /* not even that: it has a size or a time */
} TemplateScope;

typedef struct TemplateToken TemplateToken;

typedef struct Filling {
    Image *image;
    const SourceNames *names;
    GString *name;
    bool is_text;               /* not a path: slashes are not special */
    size_t stem_max;            /* bytes that the picture's stem may take */
    const TemplateToken *token; /* being filled in */
    const char *otherwise;      /* what stands behind its |, or NULL */
} Filling;

typedef enum Argument { ARGUMENT_NONE, ARGUMENT_FORMAT, ARGUMENT_DIGITS } Argument;

/* One {token}; `argument` is what follows its colon, or NULL. */
struct TemplateToken {
    const char *word;
    Argument takes;
    bool extension;      /* ends in what may be an extension */
    bool may_be_missing; /* a picture may have no such value: it takes a | */
    TemplateScope scope;
    bool (*fill)(Filling *filling, const char *argument, Error **err);
};

extern const TemplateToken template_tokens[]; /* one without a word ends it */

/* Where the extension of a name begins, with its dot; its end where it has none. */
const char *template_extension_of(const char *name);
