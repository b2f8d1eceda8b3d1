/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process without rights does: see device_run.h. */
#include "command/import_device.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "command/device_run.h"
#include "command/import_apart.h"
#include "command/import_command.h"
#include "command/terminal.h"
#include "daemon/journal/journal.h"
#include "daemon/process/spawn.h"
#include "daemon/settings/load.h"

/* ---- whether an import takes it ---- */

static bool names_it(char *const *patterns, const Medium *medium)
{
    for (; patterns && *patterns; patterns++)
        if ((medium->label && !fnmatch(*patterns, medium->label, 0)) ||
            (medium->uuid && !fnmatch(*patterns, medium->uuid, 0)))
            return true;
    return false;
}

/* Whether each import of cards ignores it: then it is not even mounted. */
static bool all_ignore(const Settings *settings, const Medium *medium)
{
    for (guint i = 0; i < settings->imports->len; i++) {
        const Import *import = settings->imports->pdata[i];
        if (import->from == IMPORT_FROM_CARDS && !names_it(import->ignore, medium))
            return false;
    }
    return true;
}

static bool takes(DeviceCard *card, Settings *settings, const Medium *medium, bool *taken,
                  Error **err)
{
    g_autofree char *root = NULL, *why = NULL;
    const Import *import = NULL;

    if (!device_card_mount(card, &root, err) ||
        !import_choose(settings, NULL, root, medium, &import, &why, err))
        return false;
    *taken = import;
    return true;
}

/* A medium that no import takes is not worth a line: a stick with documents is none of our
 * business. */
static int look(DeviceCard *card, const ImportDevice *what, Settings *settings)
{
    g_autoptr(Medium) medium = NULL;
    g_autoptr(Error) error = NULL;
    bool taken = false;

    if (!medium_of_device(what->device, &medium, &error)) {
        terminal_error_about(what->device, PAINT_NOTICE, error);
        return EXIT_FAILURE;
    }
    if (all_ignore(settings, medium)) {
        terminal_error("%s: left alone, as `ignore` says", what->device);
        return EXIT_FAILURE;
    }
    if (!takes(card, settings, medium, &taken, &error))
        terminal_error_about(what->device, PAINT_NOTICE, error);
    return taken ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int load_and_look(DeviceCard *card, const ImportDevice *what)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    if (!settings_have_import(what->config))
        return EXIT_FAILURE;
    Settings *settings = settings_load_import(what->config, NULL, NULL, NULL, errors);
    if (!settings)
        return EXIT_SUCCESS; /* the start says what is wrong */
    spawn_start();
    int status = look(card, what, settings);
    spawn_stop();
    settings_unref(settings);
    return status;
}

/* ---- the import ---- */

static void leave(void *card, int status)
{
    device_card_leave(card, status);
}

static int import_root(DeviceCard *card, const ImportDevice *what, const char *root,
                       const Medium *medium)
{
    ImportCommand command = { .path = root,
                              .medium = medium,
                              .config = what->config,
                              .state_dir = what->state_dir,
                              .run_dir = what->run_dir,
                              .is_service = true };
    bool eject = false;

    journal_start();
    import_apart_tell(leave, card);
    int status = import_command_run(&command, &eject);
    journal_stop();
    if (eject)
        device_card_eject(card);
    return status;
}

static int import(DeviceCard *card, const ImportDevice *what)
{
    g_autoptr(Medium) medium = NULL;
    g_autoptr(Error) error = NULL;
    g_autofree char *root = NULL;

    if (medium_of_device(what->device, &medium, &error) && device_card_mount(card, &root, &error))
        return import_root(card, what, root, medium);
    terminal_error_about(what->device, PAINT_BAD, error);
    return EXIT_FAILURE;
}

static int work(DeviceCard *card, void *user)
{
    const ImportDevice *what = user;

    return what->look ? load_and_look(card, what) : import(card, what);
}

int import_device_run(const ImportDevice *what)
{
    ImportDevice copy = *what;

    return device_run(what->device, work, &copy);
}
