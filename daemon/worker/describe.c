/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/describe.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "actions/every_step.h"
#include "actions/phatch.h"
#include "base/text.h"
#include "config/manual.h"
#include "worker/profile.h"

static size_t longest_name(void)
{
    size_t longest = 0;

    for (const Action *const *a = actions; *a; a++)
        longest = MAX(longest, strlen((*a)->name));
    return longest;
}

static void print_chapter(const char *group)
{
    int column = (int) longest_name() + 4;
    bool any = false;

    for (const Action *const *a = actions; *a; a++) {
        if (strcmp((*a)->group, group) != 0)
            continue;
        if (!any)
            printf("%c%s\n", g_ascii_toupper(*group), group + 1);
        g_autofree char *summary = text_wrap((*a)->summary, (size_t) column, 80);
        printf("  %-*s%s", column - 2, (*a)->name, summary + column);
        any = true;
    }
    if (any)
        putchar('\n');
}

static void print_list(void)
{
    for (const char *const *group = action_groups; *group; group++)
        print_chapter(*group);
    puts("`hotfolder actions NAME` explains one, with its settings and an example.\n"
         "A setting may be a formula, as in width = \"{longer / 2}\": hotfolder-actions(5).");
}

static void print_example(const char *example)
{
    g_auto(GStrv) lines = g_strsplit(example, "\n", -1);

    puts("\nExample:");
    for (char **line = lines; *line; line++)
        printf("    %s\n", *line);
}

static void print_aliases(const Action *action)
{
    g_auto(GStrv) words = g_strsplit(action->aliases ? action->aliases : "", " ", -1);
    g_autofree char *list = g_strjoinv(", ", words);
    g_autofree char *line = g_strdup_printf("Other programs call it: %s", list);
    g_autofree char *wrapped = text_wrap(line, 0, 80);

    if (*list)
        printf("\n%s", wrapped);
}

static void print_action(const Action *action)
{
    g_autofree char *head = g_strdup_printf("%s - %s", action->name, action->summary);
    g_autofree char *wrapped = text_wrap(head, 0, 80);
    g_autofree char *settings = manual_params(action_params(action), 2);

    fputs(wrapped, stdout);
    if (*settings)
        printf("\n%s", settings);
    else
        puts("\nIt has no settings.");
    if (action->flags & ACTION_BRANCHES)
        printf("\nIt holds steps, also a %s, up to %d in each other.\n", action->name,
               BRANCH_DEPTH_MAX);
    print_aliases(action);
    print_example(action->example);
}

/* ---- for those who knew Phatch ---- */

static void print_wrapped(const char *name, int column, const char *text)
{
    g_autofree char *wrapped = text_wrap(text, (size_t) column, 80);

    printf("  %-*s%s", column - 2, name, wrapped + column);
}

static void print_phatch(const PhatchAction *phatch)
{
    size_t longest = 0;

    for (const PhatchSetting *s = phatch->settings; s && s->name; s++)
        longest = MAX(longest, strlen(s->name));
    puts("Its settings in Phatch, and here:");
    for (const PhatchSetting *s = phatch->settings; s && s->name; s++) {
        g_autofree char *here = phatch_here(s);
        print_wrapped(s->name, (int) longest + 4, here);
    }
    putchar('\n');
}

/* Where it is here; the actions of Phatch are sorted, and alike ones follow each other. */
static void print_places(const GArray *places)
{
    for (guint i = 0; i < places->len; i++) {
        const PhatchPlace *place = &g_array_index(places, PhatchPlace, i);
        g_auto(GStrv) ours = g_strsplit(place->action->actions, " ", -1);
        g_autofree char *here = phatch_here(place->setting);
        g_autofree char *action = g_strdup_printf("`%s`: ", *ours);
        g_autofree char *line =
            g_strdup_printf("Phatch's %s has '%s': here %s%s.", place->action->name,
                            place->setting->name, action, here);
        g_autofree char *wrapped = text_wrap(line, 0, 80);
        fputs(wrapped, stdout);
    }
    puts("\n`hotfolder actions NAME` explains an action.");
}

static int unknown_action(const char *name)
{
    g_autofree char *shown = text_shorten(name, 60);
    const char *meant = profile_action_meant_by(name);

    meant = meant ? meant : phatch_closest(name);
    fprintf(stderr, "hotfolder: %s: no such action; %s%s%s\n", shown, meant ? "did you mean " : "",
            meant ? meant : "`hotfolder actions` lists them", meant ? "?" : "");
    return 1;
}

/* ---- for programs ---- */

static const char *type_word(ParamType type)
{
    static const char *const words[] = {
        [PARAM_BOOL] = "bool",       [PARAM_INT] = "int",         [PARAM_REAL] = "real",
        [PARAM_LENGTH] = "length",   [PARAM_CHOICE] = "choice",   [PARAM_PLACE] = "place",
        [PARAM_COLOUR] = "colour",   [PARAM_FILE] = "file",       [PARAM_PATH] = "path",
        [PARAM_TEXT] = "text",       [PARAM_BYTES] = "bytes",     [PARAM_DURATION] = "duration",
        [PARAM_GLOBS] = "globs",     [PARAM_COMMAND] = "command", [PARAM_WORDS] = "words",
        [PARAM_PICTURE] = "picture", [PARAM_MASK] = "mask",       [PARAM_ICC] = "icc",
        [PARAM_TILES] = "tiles",     [PARAM_AREA] = "area",       [PARAM_TRACK] = "track",
        [PARAM_TEXTS] = "texts",     [PARAM_XMP] = "xmp",         [PARAM_CLOCK] = "clock",
        [PARAM_PATHS] = "paths",     [PARAM_RANKING] = "ranking",
    };

    return words[type];
}

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, name, text);
}

static void add_words(cJSON *object, const Param *param)
{
    cJSON *list = param_choice(param, 0) ? cJSON_AddArrayToObject(object, "words") : NULL;
    const Choice *choice = NULL;

    for (unsigned i = 0; (choice = param_choice(param, i)); i++) {
        cJSON *word = cJSON_CreateObject();
        add_text(word, "word", choice->word);
        add_text(word, "help", choice->help);
        cJSON_AddItemToArray(list, word);
    }
}

/* `names` has spaces between them. */
static void add_names(cJSON *object, const char *name, const char *names)
{
    g_auto(GStrv) each = g_strsplit(names ? names : "", " ", -1);
    cJSON *list = *each ? cJSON_AddArrayToObject(object, name) : NULL;

    for (char **one = each; *one; one++)
        cJSON_AddItemToArray(list, cJSON_CreateString(*one));
}

static cJSON *setting_json(const Param *param)
{
    cJSON *object = cJSON_CreateObject();
    g_autofree char *allowed = param_allowed_text(param);

    add_text(object, "name", param->name);
    add_text(object, "help", param->help);
    add_text(object, "type", type_word(param->type));
    add_text(object, "allowed", allowed);
    add_text(object, "default", param->def);
    if (param->type == PARAM_INT || param->type == PARAM_REAL) {
        cJSON_AddNumberToObject(object, "min", param->min);
        cJSON_AddNumberToObject(object, "max", param->max);
    }
    add_text(object, "unit", param->unit);
    cJSON_AddBoolToObject(object, "formula", param_takes_formula(param));
    add_words(object, param);
    add_names(object, "also", param->also);
    return object;
}

static cJSON *action_json(const Action *action)
{
    cJSON *object = cJSON_CreateObject();

    add_text(object, "name", action->name);
    add_names(object, "aliases", action->aliases);
    add_text(object, "group", action->group);
    add_text(object, "summary", action->summary);
    add_text(object, "example", action->example);
    if (action->flags & ACTION_BRANCHES)
        cJSON_AddBoolToObject(object, "holds_steps", true);
    cJSON *settings = cJSON_AddArrayToObject(object, "settings");
    for (const Param *param = action_params(action); param && param->type != PARAM_END; param++)
        cJSON_AddItemToArray(settings, setting_json(param));
    return object;
}

/* NULL: of all. */
static void print_json(GPtrArray *some)
{
    cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "actions");

    for (const Action *const *action = actions; *action; action++)
        if (!some || g_ptr_array_find(some, *action, NULL))
            cJSON_AddItemToArray(list, action_json(*action));
    char *text = cJSON_Print(json);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

/* ---- the modes ---- */

/* "turn or upright"; newly allocated. */
static char *names_text(const GPtrArray *some)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < some->len; i++)
        g_string_append_printf(out, "%s%s",
                               i == 0               ? ""
                               : i + 1 == some->len ? " or "
                                                    : ", ",
                               ((const Action *) some->pdata[i])->name);
    return g_string_free(out, FALSE);
}

/* What was asked for by another name, or with a remark. */
static void print_head(const char *name, const PhatchAction *phatch, const GPtrArray *found)
{
    bool same = found->len == 1 && text_has_word(((const Action *) found->pdata[0])->name, name);
    g_autofree char *shown = text_shorten(name, 60), *names = names_text(found);
    g_autofree char *called =
        same ? g_strdup(shown) : g_strdup_printf("%s is called %s here", shown, names);
    g_autofree char *line = g_strdup_printf("%s%s%s.", called, phatch && phatch->remark ? ": " : "",
                                            phatch && phatch->remark ? phatch->remark : "");
    g_autofree char *wrapped = text_wrap(line, 0, 80);

    if (!same || (phatch && phatch->remark))
        printf("%s\n", wrapped);
    if (phatch && phatch->settings)
        print_phatch(phatch);
}

static void print_found(const GPtrArray *found)
{
    enum { MOST = 2 };

    if (found->len > MOST)
        puts("`hotfolder actions NAME` explains each.");
    for (guint i = 0; i < found->len && found->len <= MOST; i++) {
        if (i)
            putchar('\n');
        print_action(found->pdata[i]);
    }
}

/* The actions of that name, by their own, or by that of Phatch or another program; *phatch is set
 * where it was not said as our own. */
static GPtrArray *find(const char *name, const PhatchAction **phatch)
{
    GPtrArray *found = g_ptr_array_new();
    const Action *own = action_find(name);
    const PhatchAction *theirs = own ? NULL : phatch_find(name);
    g_auto(GStrv) names = g_strsplit(theirs ? theirs->actions : "", " ", -1);

    for (char **each = names; *each; each++)
        if (action_find(*each))
            g_ptr_array_add(found, (void *) (uintptr_t) action_find(*each));
    *phatch = found->len ? theirs : NULL;
    if (!found->len && (own || (own = action_of_word(name))))
        g_ptr_array_add(found, (void *) (uintptr_t) own);
    return found;
}

/* Adds the actions that have these settings. */
static void add_actions_of(const GArray *places, GPtrArray *found)
{
    for (guint i = 0; i < places->len; i++) {
        const PhatchPlace *place = &g_array_index(places, PhatchPlace, i);
        g_auto(GStrv) ours = g_strsplit(place->action->actions, " ", -1);
        const Action *action = action_find(place->setting->action ? place->setting->action : *ours);
        if (action && !g_ptr_array_find(found, action, NULL))
            g_ptr_array_add(found, (void *) (uintptr_t) action);
    }
}

static void print_for_people(const char *name, const PhatchAction *phatch, const GPtrArray *found)
{
    if (!action_find(name))
        print_head(name, phatch, found);
    print_found(found);
}

int worker_describe(const char *name, bool json)
{
    const PhatchAction *phatch = NULL;
    g_autoptr(GPtrArray) found = name ? find(name, &phatch) : NULL;
    g_autoptr(GArray) places = found && !found->len ? phatch_settings(name) : NULL;

    if (places)
        add_actions_of(places, found);
    if (found && !found->len)
        return unknown_action(name);
    if (json)
        print_json(found);
    else if (places)
        print_places(places);
    else if (found)
        print_for_people(name, phatch, found);
    else
        print_list();
    return 0;
}

int worker_names(void)
{
    for (const Action *const *action = actions; *action; action++)
        puts((*action)->name);
    return 0;
}
