/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf_lexer.h - configuration text cut into tokens; used by conf_grammar.c and the parser. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum TokenType {
    TOKEN_END,
    TOKEN_WORD,    /* letters, digits and _ - . / : % */
    TOKEN_STRING,  /* in quotes, which are part of it */
    TOKEN_INVALID, /* a word with other characters, or a text without right quotes: see problem */
    TOKEN_PUNCTUATION, /* one of { } ( ) = , or the + of += */
} TokenType;

typedef struct Token {
    TokenType type;
    char mark;                     /* of TOKEN_PUNCTUATION; '+' for += */
    size_t start, end;             /* in the text */
    int line, column; /* from 1 */ /* from 1 */
    const char *problem;           /* of TOKEN_INVALID: what is wrong, static */
    const char *fix; /* of TOKEN_INVALID: its remedy, static; NULL: put it in quotes */
    bool cut;        /* of TOKEN_INVALID: its quote is not closed on its line */
} Token;

/* Cuts `text` into tokens, newly allocated, and blanks its comments in place. The last token is a
 * TOKEN_END. *open_comment is the line of a comment that is never closed, else 0. */
GArray *conflexer_run(char *text, int *open_comment);

bool token_is(const Token *token, char mark);

/* A word or a string. */
bool token_is_value(const Token *token);
