/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* formula_reader.h - the text of a formula as tokens, and mistakes with their columns; used by the
 * formula's files only. */
#pragma once

#include <stddef.h>

#include "actions/facts.h"
#include "base/error.h"

typedef enum TokenType { TOKEN_END, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_NAME, TOKEN_SIGN } TokenType;

typedef struct FormulaReader {
    FactsOf of;
    const char *text;
    unsigned column; /* of text */
    unsigned depth;
    /* The token that is looked at. */
    TokenType type;
    const char *start, *end;
    const char *word, *before; /* the start and the end of the one before it */
    const char *swallows;      /* the first text in quotes that has a } in it; NULL: none */
    Error **err;
} FormulaReader;

/* Sets *p->err, of kind CONFIG, with the column of `at` before the message. Returns false. */
bool formula_mistake(const FormulaReader *p, const char *at, const char *fix, const char *format,
                     ...) G_GNUC_PRINTF(4, 5);

/* A piece of a formula, and the token that is looked at, for a message; newly allocated. */
char *formula_quote(const char *text, size_t start, size_t end);
char *formula_token_text(const FormulaReader *p);

/* Looks at the next token. False with *p->err set where there is none of a formula. */
bool formula_next(FormulaReader *p);

/* Whether the token is this word or sign, in any case. */
bool formula_reads(const FormulaReader *p, const char *word);
