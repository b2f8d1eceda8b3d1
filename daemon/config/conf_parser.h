/* conf_parser.h - what conf_grammar.c and conf_value.c share, and only they use: the position
 * among the tokens, names, reports of errors, and recovery after one. */
#pragma once

#include "config/conf_lexer.h"
#include "config/conf_text.h"

enum { SHOWN = 60 }; /* characters of the text that a message quotes */

typedef struct Scanner {
    const ConfSection *schema; /* of the file */
    const char *source;        /* as written, before anything was blanked */
    ConfScan *scan;
    GArray *tokens;
    guint at;
    bool cut;            /* an unclosed comment hides the rest */
    int unexpected_line; /* of the last error about what is no statement */
    GPtrArray *errors;
} Scanner;

/* The token that comes after `ahead` others; the next one, which is consumed; and the one consumed
 * last. */
const Token *scanner_peek(const Scanner *parser, guint ahead);
const Token *scanner_take(Scanner *parser);
const Token *scanner_taken(const Scanner *parser);

/* The source's text of a range, and a token's text as a message quotes it. Newly allocated. */
char *scanner_slice(const Scanner *parser, size_t start, size_t end);
char *scanner_shown(const Scanner *parser, const Token *token);

/* Blanks the text from `first` up to what comes next. */
void scanner_blank_statement(const Scanner *parser, const Token *first);

/* Each reports an error: any, at a line of the text (fix may be NULL); a name that the schema does
 * not know; a section without its }. */
void scanner_mistake(const Scanner *parser, int line, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
void scanner_unknown(const Scanner *parser, const ConfSection *schema, const Token *token);
void scanner_unclosed(const Scanner *parser, const Token *opening);

/* Notes in `set_at` where `key` is set. False, with the error reported, when it was set before. */
bool scanner_state(const Scanner *parser, GHashTable *set_at, const Token *token, const char *key,
                   const char *fix);

/* A node that has its name from `token`, newly allocated. */
ConfNode *scanner_node(const Scanner *parser, const Token *token);

/* Whether a section of the file's top level begins here: then the } of the section that we are
 * inside is missing. */
bool scanner_starts_at_top(const Scanner *parser, const ConfSection *inside);

/* Whether a statement begins `ahead` tokens from here: a name with = += ( or { behind it. */
bool scanner_statement_ahead(const Scanner *parser, guint ahead);

/* Skips to behind the } that belongs to the { just consumed. False, with the error reported, when
 * there is none. */
bool scanner_skip_body(Scanner *parser, const ConfSection *inside, const Token *opening);

/* Skips everything that touches `end`, with pairs of { } in it: what was meant to be one value, as
 * in {dir}/{stem}.jpg. */
void scanner_skip_value(Scanner *parser, size_t end);

/* The section or call of that name in the schema; NULL: none. */
const ConfSection *schema_section(const ConfSection *schema, const char *name);
const char *schema_call(const ConfSection *schema, const char *name);
