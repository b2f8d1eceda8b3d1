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

#include "config/param.h"

/* What may stand in a section, or in the file itself. */
typedef struct ConfSection ConfSection;
struct ConfSection {
    const char *name;    /* NULL ends a list of sections */
    const char *member;  /* what its parts are called: "setting", "action" */
    bool titled;         /* name "title" { ... } */
    bool many;           /* may be repeated; a titled one with other titles */
    bool verbatim;       /* cut out as text; its parts are not looked at */
    bool placed;         /* the file itself: `#line N "FILE"` says where the next line is from */
    const Param *params; /* settings; NULL: none */
    const ConfSection *sections; /* NULL: none */
    const char *const *calls;    /* NULL: none; NULL ends it */
};

typedef struct ConfNode {
    char *name;
    char *title;        /* of a section; NULL: it has none */
    char *file;         /* where it was said */
    int line;           /* from 1 */
    bool append;        /* += */
    int count;          /* of values */
    bool flawed;        /* of a section: there was a mistake in it */
    char *text;         /* of a verbatim section, from its name to its }, comments blanked */
    const Param *param; /* of a setting, else NULL */
    const ConfSection *section; /* of a section, else NULL */
    GPtrArray *values;          /* of char *: of a setting or call */
    GPtrArray *nodes;           /* of ConfNode: of a section, in the order written */
    GHashTable *stated;         /* names that were said in a section, rightly or not -> FILE:LINE */
} ConfNode;

/* Reads a file of text. What isn't text, or larger than a configuration can be, is an error. */
bool conf_load(const char *file, char **text, Error **err);

/* Reads `text` as the content of `file`. Every mistake is appended to mistakes (of Error, where set
 * to FILE:LINE). Returns the file as a node that has what is right; newly allocated. `stated` is
 * NULL, or a table (text to text, owning both) that several files share, so that what may be
 * said once is said once in all of them. */
ConfNode *conf_read(const ConfSection *file_schema, const char *file, const char *text,
                    GHashTable *stated, GPtrArray *mistakes);
void conf_free(ConfNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfNode, conf_free)

/* Reads the settings of `section` into `settings`, over what is there. mistakes may be NULL. */
void conf_apply(const ConfNode *section, void *settings, GPtrArray *mistakes);

/* Reports each row without a default that neither section states; `above` may be NULL. */
void conf_demand(const ConfNode *section, const ConfNode *above, GPtrArray *mistakes);

/* The first setting or section of that name; NULL: none. */
const ConfNode *conf_find(const ConfNode *section, const char *name);

/* Appends a mistake. fix may be NULL. */
void conf_mistake(GPtrArray *mistakes, const char *file, int line, const char *fix,
                  const char *format, ...) G_GNUC_PRINTF(5, 6);

/* `#line N "FILE"` with its newline, newly allocated: see ConfSection.placed. */
char *conf_line(const char *file, int line);

/* Puts mistakes in the order of `files` (of char *), then of lines. */
void conf_sort(GPtrArray *mistakes, const GPtrArray *files);
