/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder systemd-dropin - opens the service's sandbox for the folders of its configuration, and
 * for nothing else. */
#include "command/dropin.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/dropin_page.h"
#include "command/terminal.h"
#include "command/unit.h"

#define UNITS  "/etc/systemd/system"
#define DROPIN "folders.conf"

enum { OPTION_INSTALL = 256 };

/* ---- whether it is installed ---- */

char *dropin_path(const Target *target)
{
    g_autofree char *unit = unit_name(target);

    return g_strdup_printf(UNITS "/%s.d/" DROPIN, unit);
}

/* Without comments and empty lines. */
static char *gist(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *kept = g_string_new(NULL);

    for (char **line = lines; *line; line++)
        if (**line && **line != '#')
            g_string_append_printf(kept, "%s\n", *line);
    return g_string_free(kept, FALSE);
}

bool dropin_is_current(const Target *target, const char *config, const Settings *settings)
{
    g_autofree char *path = dropin_path(target);
    g_autofree char *needed = dropin_text(config, settings, true);
    g_autofree char *present = NULL;

    if (!needed || !g_file_get_contents(path, &present, NULL, NULL))
        return false;
    g_autofree char *a = gist(needed), *b = gist(present);
    return strcmp(a, b) == 0;
}

/* ---- installing ---- */

static bool reload_systemd(Error **err)
{
    return !unit_is_managed(UNIT_SYSTEM) || unit_call(UNIT_SYSTEM, "daemon-reload", NULL, err);
}

bool dropin_install(const Target *target, const char *text, Error **err)
{
    g_autofree char *path = dropin_path(target);

    return unit_write(path, text, err) && reload_systemd(err);
}

bool dropin_remove(const Target *target, Error **err)
{
    g_autofree char *path = dropin_path(target), *directory = g_path_get_dirname(path);

    if (unlink(path) < 0 && errno != ENOENT)
        return error_errno(err, errno, "cannot remove '%s'", path);
    rmdir(directory); /* other drop-ins may be in it */
    return reload_systemd(err);
}

/* ---- the command ---- */

/* The page shows the service that has no name of its own. */
static const Http *page_of(const Target *target, const Settings *settings)
{
    return target->instance ? NULL : settings->http;
}

static bool install(const Target *target, const Settings *settings, const char *text)
{
    g_autofree char *path = dropin_path(target), *unit = unit_name(target);
    const Http *page = page_of(target, settings);
    g_autoptr(Error) error = NULL;

    if (!(target->instance || dropin_page_install(page, &error)) ||
        !dropin_install(target, text, &error)) {
        g_autofree char *why = error_text(error);
        terminal_error("%s", why);
        return false;
    }
    printf("%s is written; now run: systemctl restart %s\n", path, unit);
    if (page)
        printf("%s is written; now run: systemctl enable hotfolder-page.socket; systemctl restart "
               "hotfolder-page.socket\n",
               DROPIN_PAGE);
    return true;
}

static int run_dropin(int argc, char **argv, const Target *target)
{
    const char *config = NULL;
    int option = 0, status = 0;
    bool installs = false;

    while ((option = usage_next(&usage_dropin, argc, argv, &status)) > 0) {
        if (option == OPTION_INSTALL)
            installs = true;
        else
            config = optarg;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_dropin,
                           "unexpected argument '%s'; name the service with --instance",
                           argv[optind]);

    if (!config)
        config = target->instance ? target->config : HOTFOLDER_CONFIG;
    g_autoptr(Settings) settings = command_settings(config);
    g_autofree char *text = settings ? dropin_text(config, settings, false) : NULL;
    if (!text)
        return EXIT_FAILURE;
    if (installs)
        return install(target, settings, text) ? EXIT_SUCCESS : EXIT_FAILURE;
    fputs(text, stdout);
    return EXIT_SUCCESS;
}

static const UsageOption options[] = {
    { 'c', COMPLETE_WITH_FILES, "config", "FILE",
      "the service's configuration file; default " HOTFOLDER_CONFIG ", or NAME.conf beside it" },
    { OPTION_INSTALL, COMPLETE_WITH_NOTHING, "install", NULL,
      "write it below " UNITS " and reload systemd; restart the service afterwards" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "done" },
    { 1, "the configuration has errors, or the drop-in cannot be written" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_dropin = {
    .name = "hotfolder systemd-dropin",
    .arguments = "",
    .summary = "open the service's sandbox for its folders",
    .text = "Prints a drop-in for hotfolder.service, or for hotfolder@NAME.service, that lets the "
            "service write into the folders of its configuration and nowhere else, and read the "
            "files that its profiles name in a home directory or in /tmp. Run the command again "
            "when the path, output, group or owner of a folder has changed, or such a file.\n\n"
            "With --install it also writes where hotfolder-page.socket listens, as http { } "
            "says.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_dropin,
};
