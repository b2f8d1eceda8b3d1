/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options, commands and exit statuses: what the programs can be called with. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "daemon/service/usage.h"
#include "document.h"
#include "page/usage.h"
#include "scd.h"

static const Usage *find_program(const char *name)
{
    static const Usage *const programs[] = { &usage_hotfolderd, &usage_hotfolder, &usage_import,
                                             &usage_hotfolder_page };

    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
        if (!strcmp(programs[i]->name, name))
            return programs[i];
    return NULL;
}

static void print_option(const UsageOption *option)
{
    g_autofree char *help = scd_sentence(option->help);
    g_autofree char *value = option->value ? g_strdup_printf(" _%s_", option->value) : g_strdup("");

    if (option->letter < 256)
        printf("*-%c*%s, ", option->letter, value);
    printf("*--%s*%s\n\t%s\n\n", option->name, value, help);
}

static void print_options(const Usage *program)
{
    const UsageOption *option = NULL;

    for (unsigned i = 0; (option = usage_at(program, i)); i++)
        print_option(option);
}

static void print_exits(const UsageExit *exits)
{
    for (; exits->help; exits++) {
        g_autofree char *help = scd_sentence(exits->help);
        printf("*%d*\n\t%s\n\n", exits->status, help);
    }
}

bool part_options(const char *about)
{
    const Usage *program = find_program(about);

    if (program)
        print_options(program);
    return program;
}

bool part_exits(const char *about)
{
    const Usage *program = find_program(about);

    if (program)
        print_exits(program->exits);
    return program;
}

/* The commands of a command: a page of its own explains them. */
static void print_own_commands(const Usage *command)
{
    g_autofree char *page = g_strdelimit(g_strdup(command->name), " ", '-');

    for (const Usage *const *own = command->commands; *own; own++)
        printf("- *%s*: %s\n", (*own)->name, (*own)->summary);
    printf("\n*%s*(1) explains them, and more of this command.\n\n", page);
}

static void print_command(const Usage *command)
{
    g_autofree char *arguments = scd_text(command->arguments);
    g_autofree char *text = scd_text(command->text);
    g_autofree char *line = g_strchomp(
        g_strdup_printf("*%s* %s%s", command->name,
                        usage_has_options(command) ? "\\[OPTION\\]... " : "", arguments));

    printf("## %s\n\n%s\n\n%s\n\n", usage_word(command), line, text);
    for (const UsageOption *own = command->options; own && own->name; own++)
        print_option(own);
    if (command->commands)
        print_own_commands(command);
    puts("Exit status:\n");
    for (const UsageExit *row = command->exits; row->help; row++)
        printf("- *%d*: %s\n", row->status, row->help);
    putchar('\n');
}

bool part_commands(const char *about)
{
    const Usage *program = find_program(about);

    for (const Usage *const *command = program ? program->commands : NULL; command && *command;
         command++)
        print_command(*command);
    return program;
}

bool part_version(const char *about)
{
    printf("%s \"hotfolder " HOTFOLDER_VERSION "\" \"hotfolder\"\n", about);
    return *about;
}
