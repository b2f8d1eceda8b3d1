/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/import_ptp.h"

#include <stdlib.h>
#include <string.h>

#include "command/import_command.h"
#include "command/terminal.h"
#include "daemon/import/ptp.h"
#include "daemon/journal/journal.h"
#include "daemon/settings/load.h"

/* The name of the first import of cameras; newly allocated, NULL: there is none, or the
 * configuration has errors, which are appended. */
static char *find_import(const char *config, GPtrArray *errors)
{
    char *name = NULL;
    Settings *settings = settings_have_import(config)
                             ? settings_load_import(config, NULL, NULL, NULL, errors)
                             : NULL;

    for (guint i = 0; settings && i < settings->imports->len && !name; i++) {
        const Import *import = settings->imports->pdata[i];
        if (import->from == IMPORT_FROM_PTP)
            name = g_strdup(import->name);
    }
    if (settings)
        settings_unref(settings);
    return name;
}

/* "001-004" of a unit is "usb:001,004"; newly allocated. */
static char *port_of(const char *given)
{
    char *port = strchr(given, ':') ? g_strdup(given) : g_strdup_printf("usb:%s", given);

    return strchr(given, ':') ? port : g_strdelimit(port, "-", ',');
}

static int report(const ImportPtp *what, bool is_service, const Error *error)
{
    if (is_service)
        journal_event(EVENT_CARD_FAILED, .card = what->port, .error = error);
    else
        terminal_error_about(what->port, PAINT_BAD, error);
    return error->kind == ERROR_CONFIG ? USAGE_ERROR : EXIT_FAILURE;
}

static int run(const ImportPtp *what, const char *import, bool is_service)
{
    g_autofree char *port = port_of(what->port);
    g_autoptr(Error) error = NULL;

    g_autoptr(Ptp) ptp = ptp_open(port, what->state_dir, import_command_stop(), &error);
    if (!ptp)
        return report(what, is_service, error);
    Medium *medium = ptp_medium(ptp);
    ImportCommand command = { .path = ptp_source(ptp)->root,
                              .source = ptp_source(ptp),
                              .medium = medium,
                              .import = import,
                              .to = what->to,
                              .config = what->config,
                              .state_dir = what->state_dir,
                              .run_dir = what->run_dir,
                              .dry = what->dry,
                              .json = what->json,
                              .is_service = is_service };
    int status = import_command_run(&command, NULL);
    medium_free(medium);
    return status;
}

static int find_and_run(const ImportPtp *what, bool is_service)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *found =
        what->import || what->to ? g_strdup(what->import) : find_import(what->config, errors);

    if (errors->len) {
        terminal_errors(errors);
        return USAGE_ERROR;
    }
    if (!found && !what->to) {
        terminal_error("%s has no import with `from = ptp`; write one, or say with --to where the "
                       "copies go",
                       what->config);
        return USAGE_ERROR;
    }
    return run(what, found, is_service);
}

int import_ptp_run(const ImportPtp *what)
{
    bool is_service = !strchr(what->port, ':');

    if (what->look) {
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
        g_autofree char *found = find_import(what->config, errors);
        return found || errors->len ? EXIT_SUCCESS : EXIT_FAILURE; /* the start shows the errors */
    }
    if (is_service)
        journal_start();
    else
        journal_mute();
    int status = find_and_run(what, is_service);
    if (is_service)
        journal_stop();
    return status;
}
