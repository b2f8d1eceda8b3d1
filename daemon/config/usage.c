/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/usage.h"

#include <getopt.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/manual.h"

enum { WIDTH = 80, LETTERS = 256, VERSION = 1000, OPTIONS_MAX = 32 };

static const UsageOption help = { 'h', COMPLETE_WITH_NOTHING, "help", NULL,
                                  "show this help and exit" };
static const UsageOption version = { VERSION, COMPLETE_WITH_NOTHING, "version", NULL,
                                     "show the version and exit" };

/* Takes the length of the table off *index where the option is not in it. */
static const UsageOption *option_at(const UsageOption *options, unsigned *index)
{
    for (; options && options->name; options++)
        if ((*index)-- == 0)
            return options;
    return NULL;
}

const UsageOption *usage_at(const Usage *usage, unsigned index)
{
    const UsageOption *option = option_at(usage->options, &index);

    if (!option && usage->outer)
        option = option_at(usage->outer->options, &index);
    if (option)
        return option;
    if (index == 0)
        return &help;
    return index == 1 && usage->version ? &version : NULL;
}

bool usage_has_options(const Usage *usage)
{
    return usage_at(usage, 0) != &help;
}

/* ---- reading ---- */

static void add_letter(GString *letters, const UsageOption *option)
{
    if (option->letter < LETTERS)
        g_string_append_printf(letters, "%c%s", option->letter, option->value ? ":" : "");
}

/* Whether none of the first `count` options has the letter: a command must not have one of its
 * program. */
static bool is_new(const Usage *usage, unsigned count, int letter)
{
    for (unsigned i = 0; i < count; i++)
        if (usage_at(usage, i)->letter == letter)
            return false;
    return true;
}

/* "hotfolder" of "hotfolder run", newly allocated: each line about an error begins with it. */
static char *program_of(const Usage *usage)
{
    return g_strndup(usage->name, strcspn(usage->name, " "));
}

/* getopt_long(3) begins its messages with argv[0], which is a path or the word of a command. */
static int read_as(const char *program, int argc, char **argv, const char *letters,
                   const struct option *options)
{
    g_autofree char *name = g_strdup(program);
    char *typed = argv[0];

    argv[0] = name;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    int option = getopt_long(argc, argv, letters, options, NULL);
    argv[0] = typed;
    return option;
}

/* The next option, as getopt_long(3) returns it. */
static int read_option(const Usage *usage, int argc, char **argv)
{
    struct option options[OPTIONS_MAX + 1] = { 0 };
    const UsageOption *row = NULL;
    /* + : options after the first argument are the command's */
    g_autoptr(GString) letters = g_string_new(usage->commands && !usage->run ? "+" : "");

    for (unsigned i = 0; (row = usage_at(usage, i)); i++) {
        g_assert(i < OPTIONS_MAX && is_new(usage, i, row->letter));
        options[i] = (struct option){ row->name, row->value ? required_argument : no_argument, NULL,
                                      row->letter };
        add_letter(letters, row);
    }
    g_autofree char *program = program_of(usage);
    return read_as(program, argc, argv, letters->str, options);
}

/* Help, the version, or a wrong option: the program ends with the status that this returns. */
static int show_or_refuse(const Usage *usage, int option)
{
    if (option == '?') {
        g_autofree char *program = program_of(usage);
        fprintf(stderr, "%s: try '%s --help'\n", program, usage->name);
        return USAGE_ERROR;
    }
    if (option == VERSION) {
        printf("%s " HOTFOLDER_VERSION "\n", usage->name);
        return 0;
    }
    g_autofree char *text = usage_text(usage);
    fputs(text, stdout);
    return 0;
}

/* The command or the program whose own table has the option. */
static const Usage *owner_of(const Usage *usage, int letter)
{
    for (const UsageOption *option = usage->options; option && option->name; option++)
        if (option->letter == letter)
            return usage;
    return usage->outer;
}

int usage_next(const Usage *usage, int argc, char **argv, int *status)
{
    int option = 0;

    while ((option = read_option(usage, argc, argv)) != USAGE_ARGUMENTS) {
        if (option == '?' || option == help.letter || option == VERSION) {
            *status = show_or_refuse(usage, option);
            return USAGE_DONE;
        }
        const Usage *owner = owner_of(usage, option);
        if (!owner->take)
            return option;
        if (!owner->take(option, optarg)) {
            *status = USAGE_ERROR;
            return USAGE_DONE;
        }
    }
    return USAGE_ARGUMENTS;
}

int usage_error(const Usage *usage, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *program = program_of(usage);
    fprintf(stderr, "%s: %s; try '%s --help'\n", program, what, usage->name);
    return USAGE_ERROR;
}

/* ---- showing ---- */

const char *usage_word(const Usage *usage)
{
    const char *space = strrchr(usage->name, ' ');

    return space ? space + 1 : usage->name;
}

const Usage *usage_command(const Usage *usage, const char *word)
{
    for (const Usage *const *command = usage->commands; command && *command; command++)
        if (!strcmp(usage_word(*command), word))
            return *command;
    return NULL;
}

char *usage_option(const UsageOption *option)
{
    g_autofree char *letter =
        option->letter < LETTERS ? g_strdup_printf("-%c,", option->letter) : g_strdup("   ");

    return g_strdup_printf("%s --%s%s%s", letter, option->name, option->value ? " " : "",
                           option->value ? option->value : "");
}

static char *command_line(const Usage *command)
{
    return g_strdup_printf("%s%s%s", usage_word(command), *command->arguments ? " " : "",
                           command->arguments);
}

/* Appends two columns: what to type, and what it does. */
static void add_rows(GString *out, const GPtrArray *typed, const GPtrArray *meanings)
{
    size_t column = 0;

    for (guint i = 0; i < typed->len; i++)
        column = MAX(column, strlen(typed->pdata[i]) + 2);
    for (guint i = 0; i < typed->len; i++)
        manual_entry(out, typed->pdata[i], meanings->pdata[i], 2, column);
    g_string_append_c(out, '\n');
}

static void add_commands(GString *out, const Usage *usage)
{
    g_autoptr(GPtrArray) typed = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) meanings = g_ptr_array_new();

    for (const Usage *const *command = usage->commands; command && *command; command++) {
        g_ptr_array_add(typed, command_line(*command));
        g_ptr_array_add(meanings, (char *) (uintptr_t) (*command)->summary);
    }
    if (typed->len)
        add_rows(out, typed, meanings);
}

static void add_options(GString *out, const Usage *usage)
{
    g_autoptr(GPtrArray) typed = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) meanings = g_ptr_array_new();
    const UsageOption *option = NULL;

    for (unsigned i = 0; (option = usage_at(usage, i)); i++) {
        g_ptr_array_add(typed, usage_option(option));
        g_ptr_array_add(meanings, (char *) (uintptr_t) option->help);
    }
    add_rows(out, typed, meanings);
}

static void add_exits(GString *out, const UsageExit *exits)
{
    g_autoptr(GString) line = g_string_new("Exit status:");

    for (const UsageExit *row = exits; row && row->help; row++)
        g_string_append_printf(line, "%s %d %s", row == exits ? "" : ",", row->status, row->help);
    g_string_append_c(line, '.');
    g_autofree char *wrapped = text_wrap(line->str, 0, WIDTH);
    g_string_append(out, wrapped);
}

/* How it is called; where it takes arguments of its own beside its commands, in two lines. */
static void add_call(GString *out, const Usage *usage)
{
    g_string_append_printf(out, "Usage: %s%s%s%s\n", usage->name,
                           usage_has_options(usage) ? " [OPTION]..." : "",
                           *usage->arguments ? " " : "", usage->arguments);
    if (usage->commands && usage->run)
        g_string_append_printf(out, "       %s COMMAND [ARGUMENT]...\n", usage->name);
}

char *usage_text(const Usage *usage)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) paragraphs = g_strsplit(usage->text, "\n\n", -1);

    add_call(out, usage);
    for (char **paragraph = paragraphs; *paragraph; paragraph++) {
        g_autofree char *wrapped = text_wrap(*paragraph, 0, WIDTH);
        g_string_append_printf(out, "%s\n", wrapped);
    }
    add_commands(out, usage);
    add_options(out, usage);
    if (usage->exits)
        add_exits(out, usage->exits);
    if (usage->commands)
        g_string_append_printf(out, "'%s COMMAND --help' explains a command.\n", usage->name);
    return g_string_free(out, FALSE);
}
