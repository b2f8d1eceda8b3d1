/* hotfolder profiles - which profiles there are, and where each is written. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command/command.h"
#include "daemon/settings/load.h"

enum { OPTION_NAMES = 256 };

static gint compare(gconstpointer a, gconstpointer b)
{
    const ProfileText *const *left = a, *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static int show(const char *config, bool names)
{
    g_autoptr(Settings) settings = settings_load_profiles(config);
    int column = 0;

    g_ptr_array_sort(settings->profiles, compare);
    for (guint i = 0; i < settings->profiles->len; i++) {
        const ProfileText *profile = settings->profiles->pdata[i];
        column = MAX(column, (int) strlen(profile->name));
    }
    for (guint i = 0; i < settings->profiles->len; i++) {
        const ProfileText *profile = settings->profiles->pdata[i];
        g_autofree char *name = text_escape(profile->name);
        g_autofree char *file = text_escape(profile->file);
        if (names)
            puts(profile->name);
        else
            printf("%-*s  %s:%d\n", column, name, file, profile->line);
    }
    return EXIT_SUCCESS;
}

static int run_profiles(int argc, char **argv, const Target *target)
{
    const char *config = NULL;
    int option = 0, status = 0;
    bool names = false;

    while ((option = usage_next(&usage_profiles, argc, argv, &status)) > 0) {
        if (option == OPTION_NAMES)
            names = true;
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
        fprintf(stderr, "hotfolder profiles: cannot read '%s': %s\n", config, g_strerror(errno));
        return EXIT_FAILURE;
    }
    return show(config, names);
}

static const UsageOption options[] = {
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", USAGE_CONFIG },
    { OPTION_NAMES, COMPLETE_WITH_NOTHING, "names", NULL, "only their names, one on each line" },
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
        "Lists the profiles that a folder or `hotfolder run` may name, each with the file and line "
        "where it is defined: those of the configuration, and those that come with hotfolder.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_profiles,
};
