/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/manual.h"

#include <string.h>

#include "base/text.h"

enum { WIDTH = 80 };

char *manual_values(const Param *param)
{
    g_autofree char *allowed = param_allowed_text(param);
    bool needed = param->type == PARAM_TEXT || (param->def && *param->def == '#');
    const char *quote = needed ? "\"" : "";

    if (!param->def)
        return g_strdup_printf("%s; required", allowed);
    if (!*param->def)
        return g_steal_pointer(&allowed);
    return g_strdup_printf("%s; default %s%s%s", allowed, quote, param->def, quote);
}

void manual_entry(GString *out, const char *word, const char *meaning, size_t indent, size_t column)
{
    g_autofree char *text = text_wrap(meaning, indent + column, WIDTH);
    size_t room = column > strlen(word) ? column - strlen(word) : 1;

    g_string_append_printf(out, "%*s%s%*s%s", (int) indent, "", word, (int) room, "",
                           text + indent + column);
}

static void add_choices(GString *out, const Choice *choices, size_t indent)
{
    size_t column = 0;

    for (const Choice *c = choices; c && c->word; c++)
        column = MAX(column, strlen(c->word) + 2);
    for (const Choice *c = choices; c && c->word; c++)
        if (c->help)
            manual_entry(out, c->word, c->help, indent, column);
}

static void add_param(GString *out, const Param *param, size_t indent, size_t column)
{
    g_autofree char *values = manual_values(param);
    g_autofree char *values_text = text_wrap(values, indent + column, WIDTH);

    manual_entry(out, param->name, param->help, indent, column);
    g_string_append(out, values_text);
    add_choices(out, param->choices, indent + column + 2);
    if (param->fixed) {
        g_autofree char *fixed = g_strdup_printf("no formula gives it: %s", param->fixed);
        g_autofree char *fixed_text = text_wrap(fixed, indent + column, WIDTH);
        g_string_append(out, fixed_text);
    }
    if (param->also)
        g_string_append_printf(out, "%*salso understood: %s\n", (int) (indent + column), "",
                               param->also);
}

char *manual_params(const Param *params, size_t indent)
{
    GString *out = g_string_new(NULL);
    size_t column = 0;

    for (const Param *p = params; p && p->type != PARAM_END; p++)
        column = MAX(column, strlen(p->name) + 2);
    for (const Param *p = params; p && p->type != PARAM_END; p++)
        add_param(out, p, indent, column);
    return g_string_free(out, FALSE);
}
