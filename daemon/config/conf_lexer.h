/* conf_lexer.h - configuration text cut into tokens; used by conf_grammar.c only. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum TokenType {
    TOKEN_END,
    TOKEN_WORD,   /* letters, digits and _ - . / : % */
    TOKEN_STRING, /* in quotes, which are part of it */
    TOKEN_ODD,    /* a word with other characters in it, or a broken string: see wrong */
    TOKEN_MARK,   /* one of { } ( ) = , or the + of += */
} TokenType;

typedef struct Token {
    TokenType type;
    char mark;         /* of TOKEN_MARK; '+' for += */
    size_t start, end; /* in the text */
    int line;          /* from 1 */
    const char *wrong; /* of TOKEN_ODD: what, static */
    const char *fix;   /* likewise; NULL: put it in quotes */
} Token;

/* Cuts `text`, whose comments are blanked in place. The last token is a TOKEN_END. *open_comment
 * is the line where a comment begins that never ends, else 0. */
GArray *conflex_run(char *text, int *open_comment);

bool token_is(const Token *token, char mark);

/* A word or a string. */
bool token_is_value(const Token *token);
