/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings, actions, profiles and ignored names: what a configuration consists of. */
#include "daemon/settings/tables.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "actions/every_step.h"
#include "actions/formula_functions.h"
#include "actions/pages.h"
#include "actions/phatch.h"
#include "config/manual.h"
#include "daemon/settings/ignore.h"
#include "daemon/settings/load.h"
#include "document.h"
#include "scd.h"

/* ---- settings ---- */

static void print_param(const Param *param)
{
    g_autofree char *help = scd_sentence(param->help);
    g_autofree char *values = manual_values(param);
    g_autofree char *allowed = scd_text(values);

    printf("*%s*\n\t%s++\nGive %s.\n", param->name, help, allowed);
    if (param->also)
        printf("The name *%s* is understood too.\n", param->also);
    if (param->fixed)
        printf("No formula gives it: %s.\n", param->fixed);
    for (const Choice *choice = param->choices; choice && choice->word; choice++) {
        g_autofree char *meaning = scd_text(choice->help ? choice->help : "");
        if (*meaning)
            printf("%s\t- *%s*: %s\n", choice == param->choices ? "\n" : "", choice->word, meaning);
    }
    putchar('\n');
}

static void print_params(const Param *params)
{
    for (const Param *param = params; param->type != PARAM_END; param++)
        print_param(param);
}

bool part_settings(const char *about)
{
    static const struct {
        const char *name;
        const Param *params;
    } tables[] = {
        { "top", top_settings },       { "folder", folder_settings },
        { "retry", retry_settings },   { "import", import_settings },
        { "camera", camera_settings }, { "program", program_settings },
        { "notify", notify_settings }, { "http", http_settings },
        { "profile", profile_params }, { "raw", raw_params },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        if (strcmp(tables[i].name, about) != 0)
            continue;
        print_params(tables[i].params);
        return true;
    }
    return false;
}

/* ---- actions ---- */

static void print_aliases(const Action *action)
{
    g_auto(GStrv) words = g_strsplit(action->aliases ? action->aliases : "", " ", -1);
    g_autofree char *list = g_strjoinv(", ", words), *shown = scd_text(list);

    if (*list)
        printf("Other programs call it: %s.\n\n", shown);
}

static void print_action(const Action *action)
{
    g_autofree char *summary = scd_sentence(action->summary);

    printf("## %s\n\n%s\n\n", action->name, summary);
    if (action_params(action)->type == PARAM_END)
        puts("It has no settings.\n");
    print_params(action_params(action));
    if (action->flags & ACTION_BRANCHES)
        printf("It holds steps, also a %s, up to %d in each other.\n\n", action->name,
               BRANCH_DEPTH_MAX);
    print_aliases(action);
    puts("Example:\n");
    scd_literal(action->example, "");
    putchar('\n');
}

bool part_actions(const char *about)
{
    for (const char *const *group = action_groups; *group; group++) {
        g_autofree char *title = g_ascii_strup(*group, -1);
        bool any = false;

        for (const Action *const *action = actions; *action; action++) {
            if (strcmp((*action)->group, *group) != 0)
                continue;
            if (!any)
                printf("# %s\n\n", title);
            any = true;
            print_action(*action);
        }
    }
    return !*about;
}

/* ---- actions of Phatch ---- */

static void print_phatch_setting(const PhatchSetting *setting)
{
    g_autofree char *name = scd_text(setting->name), *here = phatch_here(setting);
    g_autofree char *shown = scd_text(here);

    printf("|  %s\n:  %s\n", name, shown);
}

static void print_phatch_action(const PhatchAction *action)
{
    g_auto(GStrv) names = g_strsplit(action->actions, " ", -1);
    g_autofree char *list = g_strjoinv("*, *", names);
    g_autofree char *remark = action->remark ? scd_text(action->remark) : NULL;

    printf("## %s\n\nHere *%s*%s%s.\n\n", action->name, list, remark ? ": " : "",
           remark ? remark : "");
    if (!action->settings)
        return;
    puts("[[ *setting*\n:[ *here*");
    for (const PhatchSetting *s = action->settings; s->name; s++)
        print_phatch_setting(s);
    putchar('\n');
}

bool part_phatch(const char *about)
{
    for (const PhatchAction *action = phatch_actions; action->name; action++)
        print_phatch_action(action);
    return !*about;
}

/* ---- formulas ---- */

bool part_functions(const char *about)
{
    for (const FormulaFunction *function = formula_functions; function->name; function++) {
        g_autofree char *usage = scd_text(function->usage);
        g_autofree char *help = scd_sentence(function->help);
        g_autofree char *example = scd_text(function->example);

        printf("*%s*\n\t%s Example: *{%s}*.\n\n", usage, help, example);
    }
    return !*about;
}

/* ---- profiles: the comment at the top of a file explains it ---- */

static void print_profile(const ProfileText *profile)
{
    g_autofree char *text = NULL;
    const char *rest = NULL;

    if (!g_file_get_contents(profile->file, &text, NULL, NULL))
        g_error("cannot read '%s'", profile->file);
    printf("## %s\n\n", profile->name);
    for (rest = text; *rest == '#'; rest = strchr(rest, '\n') + 1) {
        g_autofree char *line = g_strndup(rest + 1, strcspn(rest, "\n") - 1);
        const char *comment = g_strchug(line);
        const char *summary = strstr(comment, " - ");
        g_autofree char *shown =
            rest == text && summary ? scd_sentence(summary + strlen(" - ")) : scd_text(comment);
        puts(shown);
    }
    putchar('\n');
    scd_literal(rest, "");
    putchar('\n');
}

bool part_profiles(const char *about)
{
    g_autoptr(Settings) settings = settings_load_profiles(NULL);

    for (guint i = 0; i < settings->profiles->len; i++)
        print_profile(settings->profiles->pdata[i]);
    return !*about && settings->profiles->len;
}

/* ---- ignored names ---- */

static void print_reason(const char *wanted)
{
    const char *pattern = NULL, *reason = NULL;
    bool directory = false, any = false;

    printf("- %s: ", wanted);
    for (unsigned i = 0; ignore_row(i, &pattern, &directory, &reason); i++) {
        if (strcmp(reason, wanted) != 0)
            continue;
        g_autofree char *clean = g_strdelimit(g_strdup(pattern), "\r", '?');
        g_autofree char *shown = scd_text(clean);
        printf("%s%s%s", any ? ", " : "", shown, directory ? "/" : "");
        any = true;
    }
    putchar('\n');
}

bool part_ignored_names(const char *about)
{
    g_autoptr(GPtrArray) reasons = g_ptr_array_new();
    const char *pattern = NULL, *reason = NULL;
    bool directory = false;

    for (unsigned i = 0; ignore_row(i, &pattern, &directory, &reason); i++)
        if (!g_ptr_array_find_with_equal_func(reasons, reason, g_str_equal, NULL))
            g_ptr_array_add(reasons, (char *) (uintptr_t) reason);
    for (guint i = 0; i < reasons->len; i++)
        print_reason(reasons->pdata[i]);
    return !*about;
}

bool part_example(const char *about)
{
    g_autofree char *file = g_build_filename(HOTFOLDER_EXAMPLES, about, NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(file, &text, NULL, NULL))
        return false;
    scd_literal(text, "");
    return true;
}

bool part_installed(const char *about)
{
    g_autofree char *file = g_build_filename(HOTFOLDER_DOCDIR, about, NULL);
    g_autofree char *text = scd_text(file);

    printf("_%s_.\n", text);
    return *about;
}
