/* template.h - the name of an output: "{dir}/{stem}-{width}.jpg", compiled once, filled for each
 * picture.
 *
 * What comes out is bytes and always a path inside the output directory: relative, without empty
 * components, "." or "..". Names of the source are kept byte for byte; everything else that is not
 * in the template itself is cleaned of slashes and control characters. */
#pragma once

#include "actions/image.h"

typedef struct Template Template;

/* NULL with *err of kind SETUP where text is no template. */
Template *template_new(const char *text, Error **err);
void template_free(Template *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Template, template_free)

/* Newly allocated; NULL with *err set. */
char *template_expand(const Template *template, const Image *image, Error **err);

/* Whether what stands behind the last dot of a name is meant as its extension: when the template
 * itself, {ext} or {name} ends it. The dot in a {stem} is only part of a name. */
bool template_has_extension(const Template *template);

/* The text that ends the template, borrowed; "" where a token does. */
const char *template_tail(const Template *template);

/* Whether a file system takes `name`: no component longer than 255 bytes. */
bool template_fits(const char *name, Error **err);
