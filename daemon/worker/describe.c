#include "worker/describe.h"

#include <stdio.h>
#include <string.h>

#include "actions/action.h"
#include "base/text.h"
#include "config/manual.h"

enum { ACTIONS_MAX = 256 };

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
    puts("`hotfolder actions NAME` explains one, with its settings and an example.");
}

static void print_example(const char *example)
{
    g_auto(GStrv) lines = g_strsplit(example, "\n", -1);

    puts("\nExample:");
    for (char **line = lines; *line; line++)
        printf("    %s\n", *line);
}

static void print_action(const Action *action)
{
    g_autofree char *head = g_strdup_printf("%s - %s", action->name, action->summary);
    g_autofree char *wrapped = text_wrap(head, 0, 80);
    g_autofree char *settings = manual_params(action->params, 2);

    fputs(wrapped, stdout);
    if (*settings)
        printf("\n%s", settings);
    else
        puts("\nIt has no settings.");
    print_example(action->example);
}

static int unknown_action(const char *name)
{
    const char *names[ACTIONS_MAX + 1] = { NULL };
    g_autofree char *shown = text_shorten(name, 60);
    const char *meant = NULL;

    for (size_t i = 0; i < ACTIONS_MAX && actions[i]; i++)
        names[i] = actions[i]->name;
    meant = text_closest(name, names);
    fprintf(stderr, "%s: no such action; %s%s%s\n", shown, meant ? "did you mean " : "",
            meant ? meant : "`hotfolder actions` lists them", meant ? "?" : "");
    return 1;
}

int worker_describe(int argc, char **argv)
{
    const Action *action = NULL;

    if (argc < 2) {
        print_list();
        return 0;
    }
    action = action_find(argv[1]);
    if (!action)
        return unknown_action(argv[1]);
    print_action(action);
    return 0;
}

int worker_names(void)
{
    for (const Action *const *action = actions; *action; action++)
        puts((*action)->name);
    return 0;
}
