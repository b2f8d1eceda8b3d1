/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What shells complete: commands, options and their arguments, in each shell's own syntax. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "daemon/service/usage.h"
#include "document.h"
#include "page/usage.h"

typedef void UsagePrinter(const Usage *usage, const char *about);

static const char *completion_word(Completion completion)
{
    static const char *const words[] = {
        [COMPLETE_WITH_NOTHING] = "nothing",         [COMPLETE_WITH_FILES] = "files",
        [COMPLETE_WITH_DIRECTORIES] = "directories", [COMPLETE_WITH_PROFILES] = "profiles",
        [COMPLETE_WITH_ACTIONS] = "actions",
    };

    return words[completion];
}

static bool has_letter(const UsageOption *option)
{
    return option->letter < 256;
}

/* `text` between single quotes, with a backslash before each of `special`. */
static char *quoted(const char *text, const char *special, const char *quote)
{
    GString *out = g_string_new("'");

    for (const char *c = text; *c; c++) {
        if (*c == '\'') {
            g_string_append(out, quote);
            continue;
        }
        if (strchr(special, *c))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *c);
    }
    return g_string_free(g_string_append_c(out, '\''), FALSE);
}

static void each_command(const Usage *usage, UsagePrinter *print)
{
    for (const Usage *const *command = usage->commands; command && *command; command++)
        print(*command, usage_word(*command));
}

/* "import" and "import status" too: what follows the name of the program. */
static void each_usage(const Usage *usage, UsagePrinter *print)
{
    for (const Usage *const *command = usage->commands; command && *command; command++) {
        print(*command, strchr((*command)->name, ' ') + 1);
        each_usage(*command, print);
    }
}

/* ---- bash: cases of a usage's name ---- */

static void bash_word(const Usage *usage, const char *word)
{
    (void) usage;
    printf("%s ", word);
}

static void bash_usage(const Usage *usage, const char *word)
{
    const UsageOption *option = NULL;

    (void) word;
    printf("    '%s')\n        options='", usage->name);
    for (unsigned i = 0; (option = usage_at(usage, i)); i++) {
        if (has_letter(option))
            printf("%s-%c", i ? " " : "", option->letter);
        printf("%s--%s", i || has_letter(option) ? " " : "", option->name);
    }
    printf("'\n        first=%s rest=%s commands='", completion_word(usage->first),
           completion_word(usage->rest));
    each_command(usage, bash_word);
    puts("' ;;");
}

static void bash_values(const Usage *usage, const char *word)
{
    const UsageOption *option = NULL;

    (void) word;
    for (unsigned i = 0; (option = usage_at(usage, i)); i++) {
        if (!option->value)
            continue;
        if (has_letter(option))
            printf("    '%s -%c' | ", usage->name, option->letter);
        printf("%s'%s --%s') offer=%s ;;\n", has_letter(option) ? "" : "    ", usage->name,
               option->name, completion_word(option->completion));
    }
}

/* ---- zsh: arguments of _arguments ---- */

static void zsh_option(const UsageOption *option)
{
    g_autofree char *help = quoted(option->help, "[]:\\", "'\\''");
    const char *equals = option->value ? "=" : "";

    help[0] = '[';
    help[strlen(help) - 1] = ']';
    if (has_letter(option))
        printf("        '(-%c --%s)'{-%c%s,--%s%s}'", option->letter, option->name, option->letter,
               option->value ? "+" : "", option->name, equals);
    else
        printf("        '--%s%s", option->name, equals);
    fputs(help, stdout);
    if (option->value)
        printf(":%s:_hotfolder_%s", option->value, completion_word(option->completion));
    puts("'");
}

static void zsh_usage(const Usage *usage, const char *word)
{
    const UsageOption *option = NULL;

    printf("    '%s')\n        specs=(\n", word);
    for (unsigned i = 0; (option = usage_at(usage, i)); i++)
        zsh_option(option);
    if (usage->commands && usage->run)
        printf("        '1:command: _hotfolder_words %s %s'\n", word,
               completion_word(usage->first));
    else if (usage->first != COMPLETE_WITH_NOTHING)
        printf("        '1:%s:_hotfolder_%s'\n", completion_word(usage->first),
               completion_word(usage->first));
    if (usage->rest != COMPLETE_WITH_NOTHING)
        printf("        '*:%s:_hotfolder_%s'\n", completion_word(usage->rest),
               completion_word(usage->rest));
    puts("        ) ;;");
}

static void zsh_command(const Usage *usage, const char *word)
{
    g_autofree char *line = g_strdup_printf("%s:%s", word, usage->summary);
    g_autofree char *shown = quoted(line, "", "'\\''");

    printf("        %s\n", shown);
}

static void zsh_commands(const Usage *usage, const char *word)
{
    if (!usage->commands)
        return;
    printf("    '%s') commands=(\n", word);
    each_command(usage, zsh_command);
    puts("        ) ;;");
}

/* ---- fish: options for argparse, and lines of complete ---- */

static void fish_specs(const Usage *usage)
{
    const UsageOption *option = NULL;

    for (unsigned i = 0; (option = usage_at(usage, i)); i++) {
        if (has_letter(option))
            printf(" %c/%s%s", option->letter, option->name, option->value ? "=" : "");
        else
            printf(" %s%s", option->name, option->value ? "=" : "");
    }
}

/* The words of a command that has commands, as the first of its arguments. */
static void fish_nested(const Usage *usage, const char *word)
{
    if (strchr(word, ' '))
        printf(" '%s'", word);
    (void) usage;
}

static void fish_words(const Usage *usage, const char *word)
{
    printf("        case '%s'\n            argparse", word);
    fish_specs(usage);
    puts(" -- $argv 2>/dev/null\n            string join \\n -- $argv");
}

static void fish_options(const Usage *usage, const char *program, const char *condition)
{
    const UsageOption *option = NULL;

    for (unsigned i = 0; (option = usage_at(usage, i)); i++) {
        g_autofree char *help = quoted(option->help, "\\", "\\'");
        printf("complete -c %s%s", program, condition);
        if (has_letter(option))
            printf(" -s %c", option->letter);
        printf(" -l %s -d %s", option->name, help);
        if (option->value)
            printf(" -x -a '(__hotfolder_%s)'", completion_word(option->completion));
        putchar('\n');
    }
}

/* A command is offered behind the program, or behind the command that it belongs to. */
static void fish_command(const Usage *usage, const char *word)
{
    g_autofree char *summary = quoted(usage->summary, "\\", "\\'");
    const char *space = strrchr(word, ' ');

    if (space)
        printf("complete -c hotfolder -n '__hotfolder_first \"%.*s\"'", (int) (space - word), word);
    else
        fputs("complete -c hotfolder -n __hotfolder_no_command", stdout);
    printf(" -a %s -d %s\n", usage_word(usage), summary);
}

static void fish_usage(const Usage *usage, const char *word)
{
    g_autofree char *condition = g_strdup_printf(" -n '__hotfolder_in \"%s\"'", word);

    fish_command(usage, word);
    fish_options(usage, "hotfolder", condition);
    if (usage->first != COMPLETE_WITH_NOTHING)
        printf("complete -c hotfolder -n '__hotfolder_first \"%s\"' -a '(__hotfolder_%s)'\n", word,
               completion_word(usage->first));
    if (usage->rest != COMPLETE_WITH_NOTHING)
        printf("complete -c hotfolder -n '__hotfolder_rest \"%s\"' -a '(__hotfolder_%s)'\n", word,
               completion_word(usage->rest));
}

bool part_bash(const char *about)
{
    UsagePrinter *print = !strcmp(about, "values")   ? bash_values
                          : !strcmp(about, "usages") ? bash_usage
                                                     : NULL;

    if (!print)
        return false;
    print(&usage_hotfolderd, "");
    print(&usage_hotfolder_page, "");
    print(&usage_hotfolder, "");
    each_usage(&usage_hotfolder, print);
    return true;
}

bool part_zsh(const char *about)
{
    if (!strcmp(about, "commands")) {
        zsh_commands(&usage_hotfolder, "hotfolder");
        each_usage(&usage_hotfolder, zsh_commands);
    } else if (!strcmp(about, "usages")) {
        zsh_usage(&usage_hotfolderd, "hotfolderd");
        zsh_usage(&usage_hotfolder_page, "hotfolder-page");
        zsh_usage(&usage_hotfolder, "hotfolder");
        each_usage(&usage_hotfolder, zsh_usage);
    } else {
        return false;
    }
    return true;
}

bool part_fish(const char *about)
{
    if (!strcmp(about, "program")) {
        fputs("    argparse -s", stdout);
        fish_specs(&usage_hotfolder);
        puts(" -- $argv 2>/dev/null; or return");
    } else if (!strcmp(about, "nested")) {
        fputs("        case ''", stdout);
        each_usage(&usage_hotfolder, fish_nested);
        putchar('\n');
    } else if (!strcmp(about, "words")) {
        each_usage(&usage_hotfolder, fish_words);
    } else if (!strcmp(about, "usages")) {
        fish_options(&usage_hotfolderd, "hotfolderd", "");
        fish_options(&usage_hotfolder_page, "hotfolder-page", "");
        fish_options(&usage_hotfolder, "hotfolder", " -n __hotfolder_no_command");
        each_usage(&usage_hotfolder, fish_usage);
    } else {
        return false;
    }
    return true;
}
