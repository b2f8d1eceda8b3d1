/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* formula.h - a value that is computed of a picture's facts: "min(width, 2048)", "title",
 * "landscape and width > 3000".
 *
 * Compiled once: names, types and constants are checked then. It has no loop, no assignment and no
 * state; a text of at most 4 KB, 32 levels deep, with results of at most 64 KB bounds its cost.
 *
 * formula_reader.c cuts it into tokens, formula.c parses it, formula_check.c checks each function,
 * and formula_node.c computes. One thread. */
#pragma once

#include "actions/facts.h"

typedef struct Formula Formula;

/* Compiles `text` up to the first sign that belongs to no formula (":", "|", "}" outside of a text
 * in quotes) or its end, and sets *end to it. At its end no text in quotes has a }: that would be
 * the one of the formula, and a quote is missing. `column` is that of the first byte of `text` in
 * the value of the setting, in characters from 1. NULL with *err of kind CONFIG, whose `what`
 * begins with the column of the mistake: "column 2: there is no value called widht". */
Formula *formula_new(const char *text, unsigned column, const char **end, Error **err);
/* The same for others than profiles. */
Formula *formula_new_of(FactsOf of, const char *text, unsigned column, const char **end,
                        Error **err);
void formula_free(Formula *formula);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Formula, formula_free)

ValueType formula_type(const Formula *formula);
FactScope formula_scope(const Formula *formula);

/* Whether it asks nothing of the picture: formula_evaluate() needs no source, and does not fail. */
bool formula_is_constant(const Formula *formula);

/* The only fact that it consists of; NULL: it computes something. */
const Fact *formula_fact(const Formula *formula);

/* Adds each fact that it asks for to `found`, unless it is there. */
void formula_facts(const Formula *formula, GPtrArray *found);

/* As it is written; borrowed. */
const char *formula_text(const Formula *formula);

/* Whether it may be missing: it is one fact that may be. In all else, a missing value is an error,
 * but for a list, which is empty, and for default(). */
bool formula_may_be_missing(const Formula *formula);

/* Whether it can only be what the picture says of itself, such as its title, or a text in quotes of
 * at most `most` bytes: nothing of the picture's file, of which every picture has another. */
bool formula_is_said(const Formula *formula, size_t most);

/* Sets *value. False with *err of kind PICTURE that shows the formula and the values that it was
 * computed of. */
bool formula_evaluate(const Formula *formula, const FactSource *source, Value *value, Error **err);

/* "width = 3000, iso = 200": what it asks for, as the picture has it; newly allocated, NULL where
 * it asks for nothing. */
char *formula_values(const Formula *formula, const FactSource *source);
