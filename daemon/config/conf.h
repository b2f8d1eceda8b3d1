/* conf.h - configuration text as a tree of statements, checked against a schema.
 *
 * libConfuse reads the values, and only conf.c knows it. It stops at its first complaint, counts
 * lines wrongly after comments, and takes in silence what nobody meant: a setting given twice, a
 * file cut off inside a section, an unquoted `*`. So conf_grammar.c goes over the text first. It
 * reports every such mistake with its own line and blanks the statement, and libConfuse then reads
 * what is right.
 *
 * The language, a little narrower than libConfuse's:
 *   - a setting is `name = value`, and a list `name = { value, value }`; `+=` adds to a list;
 *   - a section is `name { ... }` or `name "title" { ... }`, a call is `name("argument")`;
 *   - a value without quotes is made of letters, digits and _ - . / : %; everything else is quoted,
 *     and a text in quotes ends on its line;
 *   - "..." knows \\ \" \' \$ \n \t \r and \xNN, '...' only \\ and \'.
 *
 * The environment is never looked at: a file says the same to the daemon and to the person who
 * checks it. */
#pragma once

#include "config/conf_errors.h"
#include "config/conf_node.h"

/* Reads a file of text. What isn't text, or larger than a configuration can be, is an error. */
bool conf_load(const char *file, char **text, Error **err);

/* Reads `text` as the content of `file`. Every mistake is appended to mistakes (of Error, where set
 * to FILE:LINE). Returns the file as a node that has what is right; newly allocated. `stated` is
 * NULL, or a table (text to text, owning both) that several files share, so that what may be
 * said once is said once in all of them. */
ConfNode *conf_read(const ConfSection *file_schema, const char *file, const char *text,
                    GHashTable *stated, GPtrArray *mistakes);
