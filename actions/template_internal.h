/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* template_internal.h - what a template consists of; for template.c, which compiles it,
 * template_fill.c and import_name.c. */
#pragma once

#include "actions/formula.h"
#include "actions/template.h"
#include "actions/value_format.h"

typedef struct Part {
    char *text;          /* of the template; NULL: a value */
    Formula *formula;    /* of the value */
    ValueFormat *format; /* NULL: as it is commonly written */
    char *format_text;   /* as the template says it; NULL: it says none */
    Template *otherwise; /* where the value is missing or empty; NULL: it never is, or an error */
    bool guesses;        /* a picture that says no date gets the time of its file */
} Part;

struct Template {
    TemplateKind kind;
    char *row;     /* the setting; NULL behind a | */
    GArray *parts; /* of Part */
};

static inline const Part *template_part(const Template *template, guint i)
{
    return &g_array_index(template->parts, Part, i);
}
