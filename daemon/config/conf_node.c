/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf_node.h"

#include <string.h>

#include "config/conf_errors.h"

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

static bool apply_value(const Param *param, const char *value, const Target *target, Error **err)
{
    if (target->take && param_takes_formula(param) && param_has_formula(param, value))
        return target->take(target->user, param, value, err);
    return param_read(param, value, target->settings, err);
}

static void apply_setting(const ConfNode *node, const Target *target, GPtrArray *errors)
{
    if (param_is_list(node->param) && !node->append)
        param_clear_list(node->param, target->settings);
    for (guint i = 0; i < node->values->len; i++) {
        g_autoptr(Error) error = NULL;

        if (apply_value(node->param, node->values->pdata[i], target, &error) || !errors)
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
