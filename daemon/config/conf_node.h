/* conf_node.h - the tree of statements that configuration text becomes, the schema it is checked
 * against, and what a reader asks of it. */
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

void conf_free(ConfNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfNode, conf_free)

/* Reads the settings of `section` into `settings`, over what is there. mistakes may be NULL. */
void conf_apply(const ConfNode *section, void *settings, GPtrArray *mistakes);

/* Reports each row without a default that neither section states; `above` may be NULL. */
void conf_demand(const ConfNode *section, const ConfNode *above, GPtrArray *mistakes);

/* The first setting or section of that name; NULL: none. */
const ConfNode *conf_find(const ConfNode *section, const char *name);
