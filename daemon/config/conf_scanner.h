/* conf_scanner.h - what the parts of the scan share: the tokens ahead, names, complaints, and ways
 * to get over what is wrong; used by conf_grammar.c and conf_value.c only. */
#pragma once

#include "config/conf_lexer.h"
#include "config/conf_text.h"

enum { SHOWN = 60 }; /* characters of the text that a message repeats */

typedef struct Scanner {
    const ConfSection *schema; /* of the file */
    const char *source;        /* as it was written */
    ConfScan *scan;
    GArray *tokens;
    guint at;
    bool cut;       /* a comment that never ends hides the rest */
    int stray_line; /* of the last complaint about something that is no statement */
    GPtrArray *mistakes;
} Scanner;

/* The token that comes after `ahead` others, and the one taken last. */
const Token *scanner_peek(const Scanner *scanner, guint ahead);
const Token *scanner_take(Scanner *scanner);
const Token *scanner_taken(const Scanner *scanner);

/* The source's text of a range, and a token's as a message shows it. Newly allocated. */
char *scanner_slice(const Scanner *scanner, size_t start, size_t end);
char *scanner_shown(const Scanner *scanner, const Token *token);

/* Blanks the text from `first` up to what comes next. */
void scanner_blank_statement(const Scanner *scanner, const Token *first);

/* Reports a mistake; `line` is the text's. fix may be NULL. */
void scanner_mistake(const Scanner *scanner, int line, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
void scanner_unknown(const Scanner *scanner, const ConfSection *schema, const Token *token);
void scanner_unclosed(const Scanner *scanner, const Token *opening);

/* Notes in `stated` that `key` was said. False, with the mistake reported, when it was before. */
bool scanner_state(const Scanner *scanner, GHashTable *stated, const Token *token, const char *key,
                   const char *fix);

/* A node named by `token`, newly allocated. */
ConfNode *scanner_node(const Scanner *scanner, const Token *token);

/* Whether a section of the file's own level begins here: inside another one, that one's } is
 * missing. */
bool scanner_starts_at_top(const Scanner *scanner, const ConfSection *inside);

/* Whether a statement begins at the token so far ahead: a name with = += ( or { behind it. */
bool scanner_statement_ahead(const Scanner *scanner, guint ahead);

/* Goes behind the } that belongs to the { just taken. False, with the mistake reported, when there
 * is none. */
bool scanner_skip_body(Scanner *scanner, const ConfSection *inside, const Token *opening);

/* Goes behind everything that touches `end`, and over pairs of { } in it: what was meant to be one
 * value, as in {dir}/{stem}.jpg. */
void scanner_skip_value(Scanner *scanner, size_t end);

/* What a schema knows by that name; NULL: nothing. */
const ConfSection *schema_section(const ConfSection *schema, const char *name);
const char *schema_call(const ConfSection *schema, const char *name);
