/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* template.h - the name of an output, "{dir}/{stem}-{width}.jpg", or a text, "(c) {author|me}":
 * compiled once, filled in for each picture.
 *
 * Between braces stands a formula; behind a colon, how its value is written; behind a |, a template
 * for where the value is missing or empty. Doubled braces are the signs themselves.
 *
 * A name is bytes and always a path inside the output directory: relative, without empty
 * components, "." or "..", and none that begins like our temporary files: where a value gives such
 * a one, its dots become _. The names of the source, {stem} {ext} {name} {dir}, stay byte for byte,
 * and a date as its format says; in all else that is filled in, slashes and control characters are
 * replaced. A text is UTF-8. One thread. */
#pragma once

#include "actions/facts.h"

typedef struct Template Template;

typedef enum TemplateKind { TEMPLATE_PATH, TEMPLATE_TEXT } TemplateKind;

/* Newly allocated; NULL with *err of kind CONFIG if text, the value of the setting `row`, is not a
 * valid template. */
Template *template_new(TemplateKind kind, const char *row, const char *text, Error **err);
/* The same for others than profiles; see import_name.h. */
Template *template_new_of(FactsOf of, TemplateKind kind, const char *row, const char *text,
                          Error **err);
void template_free(Template *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Template, template_free)

/* What the name is the same for. */
FactScope template_scope(const Template *template);

/* A text, newly allocated; NULL with *err set. With `markup` the signs of Pango's markup are
 * escaped in all values that are filled in. */
char *template_text(const Template *template, Image *image, bool markup, Error **err);

/* A name, newly allocated; NULL with *err set. Where a component of the path, with `room` bytes
 * that are added to the last one later, is longer than a file system takes, {stem} and {name} are
 * shortened, and formulas that may come to one of them; of an imported file, where that is not
 * enough, the component itself. */
char *template_expand(const Template *template, Image *image, size_t room, Error **err);

/* Adds each fact that it asks for to `found`, unless it is there. */
void template_facts(const Template *template, GPtrArray *found);

/* Whether a picture without a date gets the time of its file: a name has a {taken} without a |. */
bool template_guesses_date(const Template *template);

/* The name as it could be for a picture called x: what the picture decides is x, and dates are some
 * date. Newly allocated. */
char *template_sample(const Template *template);

/* The same for two names that differ only in what changes nothing: blanks and capitals in a
 * formula, and doubled slashes. Newly allocated. */
char *template_key(const Template *template);

/* Whether what follows the last dot of a name is meant as its extension: if the name ends with text
 * of the template, {ext} or {name}. A dot in {stem} is only part of the name. */
bool template_has_extension(const Template *template);

/* The text that ends the template, borrowed; "" where a value does. */
const char *template_last_text(const Template *template);

/* Whether a file system accepts `name`: no component longer than 255 bytes. The error is of kind
 * PICTURE. */
bool template_check_length(const char *name, Error **err);
