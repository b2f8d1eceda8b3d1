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

const UsageOption *usage_at(const Usage *usage, unsigned index)
{
    const UsageOption *option = usage->options;

    for (; option && option->name; option++)
        if (index-- == 0)
            return option;
    if (index == 0)
        return &help;
    return index == 1 && usage->version ? &version : NULL;
}

/* Reading. */

static void add_letter(GString *letters, const UsageOption *option)
{
    if (option->letter < LETTERS)
        g_string_append_printf(letters, "%c%s", option->letter, option->value ? ":" : "");
}

int usage_next(const Usage *usage, int argc, char **argv, int *status)
{
    struct option options[OPTIONS_MAX + 1] = { 0 };
    const UsageOption *row = NULL;
    /* + : options after the first argument are the command's own */
    g_autoptr(GString) letters = g_string_new(usage->commands ? "+" : "");

    for (unsigned i = 0; (row = usage_at(usage, i)); i++) {
        g_assert(i < OPTIONS_MAX);
        options[i] = (struct option){ row->name, row->value ? required_argument : no_argument, NULL,
                                      row->letter };
        add_letter(letters, row);
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    int option = getopt_long(argc, argv, letters->str, options, NULL);
    if (option == help.letter) {
        g_autofree char *text = usage_text(usage);
        fputs(text, stdout);
        *status = 0;
        return USAGE_DONE;
    }
    if (option == VERSION) {
        printf("%s " HOTFOLDER_VERSION "\n", usage->name);
        *status = 0;
        return USAGE_DONE;
    }
    if (option == '?') {
        fprintf(stderr, "Try '%s --help'.\n", usage->name);
        *status = USAGE_ERROR;
        return USAGE_DONE;
    }
    return option;
}

int usage_error(const Usage *usage, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    fprintf(stderr, "%s: %s; try '%s --help'\n", usage->name, what, usage->name);
    return USAGE_ERROR;
}

/* Showing. */

const char *usage_word(const Usage *usage)
{
    const char *space = strrchr(usage->name, ' ');

    return space ? space + 1 : usage->name;
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

char *usage_text(const Usage *usage)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) paragraphs = g_strsplit(usage->text, "\n\n", -1);

    g_string_append_printf(out, "Usage: %s%s%s%s\n", usage->name,
                           usage->options && usage->options->name ? " [OPTION]..." : "",
                           *usage->arguments ? " " : "", usage->arguments);
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
