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
    g_hash_table_unref(node->stated);
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

static void apply_setting(const ConfNode *node, void *settings, GPtrArray *mistakes)
{
    if (param_is_list(node->param) && !node->append)
        param_empty(node->param, settings);
    for (guint i = 0; i < node->values->len; i++) {
        g_autoptr(Error) error = NULL;

        if (param_read(node->param, node->values->pdata[i], settings, &error) || !mistakes)
            continue;
        conf_mistake(mistakes, node->file, node->line, error->fix, "%s", error->what);
    }
}

void conf_apply(const ConfNode *section, void *settings, GPtrArray *mistakes)
{
    for (guint i = 0; i < section->nodes->len; i++) {
        const ConfNode *node = section->nodes->pdata[i];
        if (node->param)
            apply_setting(node, settings, mistakes);
    }
}

void conf_demand(const ConfNode *section, const ConfNode *above, GPtrArray *mistakes)
{
    for (const Param *p = section->section->params; p && p->type != PARAM_END; p++) {
        g_autofree char *allowed = NULL;
        g_autofree char *fix = NULL;

        if (p->def || g_hash_table_contains(section->stated, p->name) ||
            (above && g_hash_table_contains(above->stated, p->name)))
            continue;
        allowed = param_allowed(p);
        fix = g_strdup_printf("say %s = ..., %s (%s)", p->name, p->help, allowed);
        conf_mistake(mistakes, section->file, section->line, fix, "%s%s%s%s needs %s",
                     section->name, section->title ? " \"" : "",
                     section->title ? section->title : "", section->title ? "\"" : "", p->name);
    }
}
