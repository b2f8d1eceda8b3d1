/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue: what each action and each profile makes of one photo, as Markdown. Its pictures
 * are made by packaging/catalogue/make, and called as here. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "actions/every_step.h"
#include "daemon/settings/load.h"
#include "document.h"

/* What a cell of a table may hold. */
static char *cell(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *c = text; *c; c++) {
        if (strchr("|*_<>\\", *c))
            g_string_append_printf(out, "&#%d;", *c);
        else
            g_string_append_c(out, *c);
    }
    return g_string_free(out, FALSE);
}

static void print_head(void)
{
    puts("| before | after | |\n|---|---|---|");
}

static void print_pictures(const char *kind, const char *name)
{
    printf("| <img src=\"photo.jpg\" width=\"240\" alt=\"before\"> | ![%s](%s/%s.webp) | ", name,
           kind, name);
}

/* ---- actions ---- */

/* "sigma, kind, angle". */
static void print_names(const Action *action)
{
    for (const Param *p = action_params(action); p->type != PARAM_END; p++)
        printf("%s`%s`", p == action_params(action) ? "<br>Settings: " : ", ", p->name);
}

static void print_action(const Action *action)
{
    g_auto(GStrv) words = g_strsplit(action->aliases ? action->aliases : "", " ", -1);
    g_autofree char *others = g_strjoinv(", ", words);
    g_autofree char *summary = cell(action->summary), *example = cell(action->example);

    print_pictures("actions", action->name);
    printf("**%s**: %s.<br><code>%s</code>", action->name, summary, example);
    print_names(action);
    if (*others)
        printf("<br>Elsewhere: %s", others);
    puts(" |");
}

bool part_catalogue_actions(const char *about)
{
    for (const char *const *group = action_groups; *group; group++) {
        bool any = false;

        for (const Action *const *action = actions; *action; action++) {
            if (strcmp((*action)->group, *group) != 0)
                continue;
            if (!any) {
                printf("\n## %c%s\n\n", g_ascii_toupper(**group), *group + 1);
                print_head();
            }
            any = true;
            print_action(*action);
        }
    }
    return !*about;
}

/* ---- profiles ---- */

/* "upright, scale, save (3 times)": a line for each would be the file again. */
static void print_steps(const ProfileText *profile)
{
    g_autoptr(GRegex) steps = g_regex_new("([a-z_]+)\\s*\\{", 0, 0, NULL);
    const char *body = strchr(profile->text, '{') + 1;
    g_autoptr(GMatchInfo) match = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    g_regex_match(steps, body, 0, &match);
    for (bool any = false; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        char *word = g_match_info_fetch(match, 1);
        const Action *action = action_find(word);
        if (g_hash_table_add(seen, word) && action) {
            printf("%s`%s`", any ? ", " : "<br>Steps: ", word);
            any = true;
        }
    }
}

bool part_catalogue_profiles(const char *about)
{
    g_autoptr(Settings) settings = settings_load_profiles(NULL);

    print_head();
    for (guint i = 0; i < settings->profiles->len; i++) {
        const ProfileText *profile = settings->profiles->pdata[i];
        g_autofree char *purpose = profile_text_purpose(profile), *shown = cell(purpose);

        print_pictures("profiles", profile->name);
        printf("**[%s](../../profiles/%s.conf)**: %s.", profile->name, profile->name, shown);
        print_steps(profile);
        puts(" |");
    }
    return !*about && settings->profiles->len;
}
