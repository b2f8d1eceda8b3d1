/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf_node.h"

#include <string.h>

#include "base/text.h"
#include "config/conf_errors.h"

enum { SHOWN = 60 }; /* characters of a value that a message quotes */

void conf_free(ConfNode *node)
{
    if (!node)
        return;
    g_free(node->name);
    g_free(node->title);
    g_free(node->file);
    g_free(node->text);
    g_ptr_array_unref(node->values);
    g_ptr_array_unref(node->nodes);
    g_hash_table_unref(node->set_at);
    g_hash_table_unref(node->meant);
    g_free(node);
}

const ConfNode *conf_find(const ConfNode *section, const char *name)
{
    for (guint i = 0; i < section->nodes->len; i++) {
        const ConfNode *node = section->nodes->pdata[i];
        if (!strcmp(node->name, name))
            return node;
    }
    return NULL;
}

/* Where the values of a section go. */
typedef struct Target {
    void *settings;
    ConfFormula take; /* NULL: it takes no formulas */
    void *user;
} Target;

/* Whether a value that is wrong has signs that only formulas have. */
static bool is_bare_formula(const char *value)
{
    return strpbrk(value, "<>=*/") || strstr(value, " and ") || strstr(value, " or ") ||
           g_str_has_prefix(value, "not ");
}

/* In place of the error that is there. */
static void refuse_bare_formula(const ConfNode *node, const char *value, Error **err)
{
    g_autofree char *shown = text_value(value, SHOWN);
    g_autofree char *formula = g_strdelimit(g_strdup(shown), "\"", '\'');
    g_autofree char *fix = g_strdup_printf("write %s = \"{%s}\"", node->name, formula);

    g_clear_pointer(err, error_free);
    error_set(err, ERROR_CONFIG, fix, "column %d: %s = %s: a formula stands between { and }",
              node->column, node->name, shown);
}

static bool apply_value(const ConfNode *node, const char *value, const Target *target, Error **err)
{
    const Param *param = node->param;
    bool computed = target->take && param_takes_formula(param);

    if (computed && param_has_formula(param, value))
        return target->take(target->user, param, value, err);
    if (param_read(param, value, target->settings, err))
        return true;
    if (computed && is_bare_formula(value))
        refuse_bare_formula(node, value, err);
    return false;
}

static void apply_setting(const ConfNode *node, const Target *target, GPtrArray *errors)
{
    if (param_is_list(node->param) && !node->append)
        param_clear_list(node->param, target->settings);
    for (guint i = 0; i < node->values->len; i++) {
        g_autoptr(Error) error = NULL;

        if (apply_value(node, node->values->pdata[i], target, &error) || !errors)
            continue;
        conf_add_error(errors, node->file, node->line, error->fix, "%s", error->what);
    }
}

void conf_apply_formulas(const ConfNode *section, void *settings, ConfFormula take, void *user,
                         GPtrArray *errors)
{
    const Target target = { settings, take, user };

    for (guint i = 0; i < section->nodes->len; i++) {
        const ConfNode *node = section->nodes->pdata[i];
        if (node->param)
            apply_setting(node, &target, errors);
    }
}

void conf_apply(const ConfNode *section, void *settings, GPtrArray *errors)
{
    conf_apply_formulas(section, settings, NULL, NULL, errors);
}

static bool is_named(const ConfNode *section, const char *name)
{
    return section && (g_hash_table_contains(section->set_at, name) ||
                       g_hash_table_contains(section->meant, name));
}

void conf_require(const ConfNode *section, const ConfNode *above, GPtrArray *errors)
{
    for (const Param *p = section->section->params; p && p->type != PARAM_END; p++) {
        g_autofree char *allowed = NULL;
        g_autofree char *fix = NULL;

        if (p->def || is_named(section, p->name) || is_named(above, p->name))
            continue;
        allowed = param_allowed_text(p);
        fix = g_strdup_printf("write %s = ...: %s (%s)", p->name, p->help, allowed);
        conf_add_error(errors, section->file, section->line, fix, "%s%s%s%s needs %s",
                       section->name, section->title ? " \"" : "",
                       section->title ? section->title : "", section->title ? "\"" : "", p->name);
    }
}
