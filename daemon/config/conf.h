/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf.h - configuration text as a tree of statements, checked against a schema.
 *
 * libConfuse reads the values, and only conf.c knows it. It stops at its first error, counts lines
 * wrongly after comments, and accepts silently what is never meant: a setting given twice, a file
 * cut off inside a section, an unquoted `*`. Therefore conf_grammar.c parses the text first. It
 * reports every such error with its own line and blanks the statement; libConfuse then reads the
 * valid rest.
 *
 * The language, a little narrower than libConfuse's:
 *   - a setting is `name = value`, and a list `name = { value, value }`; `+=` adds to a list;
 *   - a section is `name { ... }` or `name "title" { ... }`, a call is `name("argument")`;
 *   - a value without quotes is made of letters, digits and _ - . / : %; everything else is quoted,
 *     and a text in quotes ends on its line;
 *   - "..." knows \\ \" \' \$ \n \t \r and \xNN, '...' only \\ and \'.
 *
 * The environment is never read: a file means the same to the daemon and to the person who checks
 * it. Any thread may call these functions; one reads at a time. */
#pragma once

#include "config/conf_errors.h"
#include "config/conf_node.h"

/* Reads a text file; *text is newly allocated. What is not text, or too large for a configuration,
 * is an error. */
bool conf_load(const char *file, char **text, Error **err);

/* Parses `text` as the content of `file` and appends every error. Returns the file as a node that
 * has the valid statements; newly allocated. `set_at` is NULL, or a table (text to text, owning
 * both) that several files share: what may be set only once may then be set once in all of them. */
ConfNode *conf_read(const ConfSection *file_schema, const char *file, const char *text,
                    GHashTable *set_at, GPtrArray *errors);
