/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/batch_settings.h"

#include "daemon/settings/load.h"

static bool start_check(void *user, const char *document, bool fonts, int answer, Error **err)
{
    return process_start_check(user, document, fonts, answer, err);
}

static bool end_check(void *user, Error **err)
{
    return process_end_check(user, err);
}

Settings *batch_settings(const char *config, const char *profile, const char *output,
                         Process *worker, GPtrArray *errors)
{
    const ProfileChecker checker = { worker, start_check, end_check };
    Settings *settings = settings_load_batch(config, &checker, profile, "/", output, errors);

    if (settings)
        process_keep_checked(worker, settings);
    return settings;
}

Settings *batch_import_settings(const char *config, const char *name, const char *const *copy_to,
                                Process *worker, GPtrArray *errors)
{
    const ProfileChecker checker = { worker, start_check, end_check };
    Settings *settings = settings_load_import(config, &checker, name, copy_to, errors);

    if (settings)
        process_keep_checked(worker, settings);
    return settings;
}
