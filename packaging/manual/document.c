/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* document TEMPLATE FILE - writes FILE from TEMPLATE: a line `@part about@` becomes what is made
 * from the programs' tables. It runs while hotfolder is built, and is not installed. */
#include "document.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

typedef struct Part {
    const char *name;
    bool (*print)(const char *about);
} Part;

static const Part parts[] = {
    /* clang-format off */
    { "actions", part_actions },
    { "bash", part_bash },
    { "catalog", part_catalog },
    { "catalogue-actions", part_catalogue_actions },
    { "catalogue-profiles", part_catalogue_profiles },
    { "commands", part_commands },
    { "events", part_events },
    { "example", part_example },
    { "exits", part_exits },
    { "fields", part_fields },
    { "fish", part_fish },
    { "former-words", part_former_words },
    { "functions", part_functions },
    { "ignored-names", part_ignored_names },
    { "installed", part_installed },
    { "limit", part_limit },
    { "metrics", part_metrics },
    { "options", part_options },
    { "phatch", part_phatch },
    { "profiles", part_profiles },
    { "settings", part_settings },
    { "values", part_values },
    { "version", part_version },
    { "zsh", part_zsh },
    { 0 },
    /* clang-format on */
};

/* `text` stands between the two @. */
static bool print_part(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", 2);

    for (const Part *part = parts; part->name; part++)
        if (!strcmp(part->name, words[0]))
            return part->print(words[1] ? words[1] : "");
    return false;
}

static bool print_line(const char *file, int number, const char *line)
{
    size_t length = strlen(line);

    if (length < 3 || line[0] != '@' || line[length - 1] != '@') {
        puts(line);
        return true;
    }
    g_autofree char *text = g_strndup(line + 1, length - 2);
    if (print_part(text))
        return true;
    fprintf(stderr, "%s:%d: there is no part '%s'\n", file, number, text);
    return false;
}

int main(int argc, char **argv)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    bool ok = true;

    if (argc != 3) {
        fputs("usage: document TEMPLATE FILE\n", stderr);
        return 2;
    }
    if (!g_file_get_contents(argv[1], &text, NULL, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    if (!freopen(argv[2], "w", stdout)) {
        perror(argv[2]);
        return 1;
    }
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    for (int i = 0; lines[i]; i++)
        ok = print_line(argv[1], i + 1, lines[i]) && ok;
    return fclose(stdout) == 0 && ok ? 0 : 1;
}
