/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf_parser.h - what conf_grammar.c and conf_value.c share, and only they use: the position
 * among the tokens, names, reports of errors, and recovery after one. */
#pragma once

#include "config/conf_lexer.h"
#include "config/conf_text.h"

enum { SHOWN = 60 }; /* characters of the text that a message quotes */

/* A name that libConfuse reads as another. */
typedef struct Renamed {
    size_t start, end; /* in the text */
    const char *name;  /* static, as in the schema */
} Renamed;

typedef struct Parser {
    const ConfSection *schema; /* of the file */
    const char *source;        /* as written, before anything was blanked */
    ConfText *conftext;
    GArray *tokens;
    guint at;
    bool cut;            /* an unclosed comment hides the rest */
    int unexpected_line; /* of the last error about what is no statement */
    GArray *renamed;     /* of Renamed, in the order of the text */
    GPtrArray *errors;
} Parser;

/* The token that comes after `ahead` others; the next one, which is consumed; and the one consumed
 * last. */
const Token *parser_peek(const Parser *parser, guint ahead);
const Token *parser_advance(Parser *parser);
const Token *parser_previous(const Parser *parser);

/* The source's text of a range, and a token's text as a message quotes it. Newly allocated. */
char *parser_slice(const Parser *parser, size_t start, size_t end);
char *parser_quote(const Parser *parser, const Token *token);

/* Blanks the text from `first` up to what comes next. */
void parser_blank_statement(const Parser *parser, const Token *first);

/* Each reports an error: any, at a line of the text (fix may be NULL); one that begins with the
 * column of a token; a name that the schema does
 * not know (the name that is most likely meant is returned, static; NULL: none); a section without
 * its }. */
void parser_report(const Parser *parser, int line, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
void parser_report_at(const Parser *parser, const Token *token, const char *fix, const char *format,
                      ...) G_GNUC_PRINTF(4, 5);
const char *parser_report_unknown(const Parser *parser, const ConfSection *schema,
                                  const Token *token);
void parser_report_unclosed(const Parser *parser, const Token *opening);

/* Records in `set_at` where `key` is set. False, with the error reported, when it is set twice. */
bool parser_set_once(const Parser *parser, GHashTable *set_at, const Token *token, const char *key,
                     const char *fix);

/* A node that has its name from `token`, newly allocated. */
ConfNode *parser_new_node(const Parser *parser, const Token *token);

/* Gives the node the name that the schema has for what `token` says; and, when all is parsed, the
 * text those of its statements. */
void parser_rename(const Parser *parser, ConfNode *node, const Token *token, const char *name);
void parser_rename_text(const Parser *parser);

/* Whether a section of the file's top level begins here: then the } of the section that we are
 * inside is missing. */
bool parser_at_top_section(const Parser *parser, const ConfSection *inside);

/* Whether a statement begins `ahead` tokens from here: a name with = += ( or { after it. */
bool parser_at_statement(const Parser *parser, guint ahead);

/* Skips past the } that belongs to the { just consumed. False, with the error reported, when
 * there is none. */
bool parser_skip_body(Parser *parser, const ConfSection *inside, const Token *opening);

/* Skips everything that touches `end`, with pairs of { } in it: what is probably one value, as
 * in {dir}/{stem}.jpg. */
void parser_skip_value(Parser *parser, size_t end);

/* The section (also in American spelling) or call of that name in the schema; NULL: none. */
const ConfSection *schema_section(const ConfSection *schema, const char *name);
const char *schema_call(const ConfSection *schema, const char *name);

/* The name in the schema that `name` was most likely meant to be; NULL: none is near. */
const char *schema_meant_by(const ConfSection *schema, const char *name);
