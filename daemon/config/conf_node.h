/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf_node.h - the tree of statements that a configuration file becomes, the schema that it is
 * checked against, and what its readers ask. */
#pragma once

#include "config/param.h"

/* What a section allows, or the file itself. */
typedef struct ConfSection ConfSection;
struct ConfSection {
    const char *name;     /* NULL ends a list of sections */
    const char *aliases;  /* words of other programs for it: an error names it; may be NULL */
    const char *member;   /* what messages call its parts: "setting", "action" */
    bool titled;          /* name "title" { ... } */
    bool many;            /* may be repeated; a titled one only with another title */
    bool verbatim;        /* kept as text; its parts are not parsed */
    bool line_directives; /* of the file: `#line N "FILE"` says where the next line is from */
    const Param *params;  /* settings; NULL: none */
    const ConfSection *sections; /* NULL: none */
    const char *const *calls;    /* NULL: none; NULL ends it */
};

typedef struct ConfNode {
    char *name;         /* as the schema has it */
    char *title;        /* of a section; NULL: it has none */
    char *file;         /* that it is in */
    int line;           /* from 1 */
    int column;         /* of its name in the line, from 1 */
    bool append;        /* += */
    int count;          /* of values */
    bool invalid;       /* of a section: it had an error */
    char *text;         /* of a verbatim section, from its name to its }, comments blanked */
    const Param *param; /* of a setting, else NULL */
    const ConfSection *section; /* of a section, else NULL */
    GPtrArray *values;          /* of char *: of a setting or call */
    GPtrArray *nodes;           /* of ConfNode: of a section, in the order written */
    GHashTable *set_at;         /* of a section: names set in it, valid or not -> FILE:LINE */
    GHashTable *meant;          /* of a section: names that unknown ones are most likely to mean */
} ConfNode;

void conf_free(ConfNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfNode, conf_free)

/* Reads the settings of `section` into `settings`, over what is there. Errors in values are
 * appended; errors may be NULL. */
void conf_apply(const ConfNode *section, void *settings, GPtrArray *errors);

/* Takes over a value in which param_has_formula() finds one, of a row that takes it. False with
 * *err of kind CONFIG. */
typedef bool (*ConfFormula)(void *user, const Param *param, const char *value, Error **err);

/* The same of a section that takes formulas: they go to `take`, in place of `settings`. */
void conf_apply_formulas(const ConfNode *section, void *settings, ConfFormula take, void *user,
                         GPtrArray *errors);

/* Reports each row without a default that neither section sets; `above` may be NULL. Of one that is
 * only misspelt, the unknown name was reported already. */
void conf_require(const ConfNode *section, const ConfNode *above, GPtrArray *errors);

/* The first setting or section of that name; NULL: none. */
const ConfNode *conf_find(const ConfNode *section, const char *name);
