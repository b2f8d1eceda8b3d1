/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder profiles - which profiles there are, what each is for, and where it is written. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command/command.h"
#include "command/json.h"
#include "command/terminal.h"
#include "daemon/settings/load.h"

enum { OPTION_NAMES = 256, OPTION_JSON };

typedef enum Form { FORM_LINES, FORM_NAMES, FORM_JSON } Form;

static gint compare(gconstpointer a, gconstpointer b)
{
    const ProfileText *const *left = a, *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static void show_lines(const GPtrArray *profiles)
{
    int column = 0;

    for (guint i = 0; i < profiles->len; i++) {
        const ProfileText *profile = profiles->pdata[i];
        column = MAX(column, (int) strlen(profile->name));
    }
    for (guint i = 0; i < profiles->len; i++) {
        const ProfileText *profile = profiles->pdata[i];
        g_autofree char *name = text_escape(profile->name);
        g_autofree char *file = text_escape(profile->file);
        g_autofree char *purpose = profile_text_purpose(profile), *shown = text_escape(purpose);
        if (*shown)
            printf("%-*s  %s\n%*s", column, name, shown, column, "");
        else
            printf("%-*s", column, name);
        printf("  %s:%d\n", file, profile->line);
    }
}

static void show_names(const GPtrArray *profiles)
{
    for (guint i = 0; i < profiles->len; i++)
        puts(((const ProfileText *) profiles->pdata[i])->name);
}

static void show_json(const GPtrArray *profiles)
{
    cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "profiles");

    for (guint i = 0; i < profiles->len; i++) {
        const ProfileText *profile = profiles->pdata[i];
        cJSON *object = cJSON_CreateObject();
        g_autofree char *purpose = profile_text_purpose(profile);

        json_add_text(object, "name", profile->name);
        json_add_text(object, "purpose", purpose);
        json_add_text(object, "file", profile->file);
        cJSON_AddNumberToObject(object, "line", profile->line);
        cJSON_AddItemToArray(list, object);
    }
    json_print(json);
}

static int show(const char *config, Form form)
{
    static void (*const shows[])(const GPtrArray *profiles) = {
        [FORM_LINES] = show_lines, [FORM_NAMES] = show_names, [FORM_JSON] = show_json
    };
    g_autoptr(Settings) settings = settings_load_profiles(config);

    g_ptr_array_sort(settings->profiles, compare);
    shows[form](settings->profiles);
    return EXIT_SUCCESS;
}

static int run_profiles(int argc, char **argv, const Target *target)
{
    const char *config = NULL;
    int option = 0, status = 0;
    Form form = FORM_LINES;

    while ((option = usage_next(&usage_profiles, argc, argv, &status)) > 0) {
        if (option == OPTION_NAMES)
            form = FORM_NAMES;
        else if (option == OPTION_JSON)
            form = FORM_JSON;
        else
            config = optarg;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_profiles, "unexpected argument '%s'", argv[optind]);
    if (!config && access(target->config, R_OK) == 0)
        config = target->config;
    if (config && access(config, R_OK) != 0) {
        terminal_error("cannot read '%s': %s", config, g_strerror(errno));
        return EXIT_FAILURE;
    }
    return show(config, form);
}

static const UsageOption options[] = {
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", USAGE_CONFIG },
    { OPTION_NAMES, COMPLETE_WITH_NOTHING, "names", NULL, "only their names, one on each line" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print them as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the profiles are shown" },
    { 1, "the configuration cannot be read" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_profiles = {
    .name = "hotfolder profiles",
    .arguments = "",
    .summary = "list the profiles",
    .text =
        "Lists the profiles that a folder or `hotfolder run` may name: those of the configuration, "
        "and those that come with hotfolder. Each is shown with what it is for, which the comment "
        "right above it says, and with the file and line where it is defined.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_profiles,
};
