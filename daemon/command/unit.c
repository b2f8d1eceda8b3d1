/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/unit.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"

char *unit_name(const Target *target)
{
    return target->instance ? g_strdup_printf("hotfolder@%s.service", target->instance)
                            : g_strdup("hotfolder.service");
}

bool unit_is_managed(UnitManager manager)
{
    g_autofree char *private = g_build_filename(g_get_user_runtime_dir(), "systemd/private", NULL);

    if (manager == UNIT_USER)
        return access(private, F_OK) == 0;
    return manager == UNIT_SYSTEM && access("/run/systemd/system", F_OK) == 0; /* sd_booted(3) */
}

char *unit_command(UnitManager manager, const char *verb, const char *unit)
{
    g_autofree char *word = unit ? text_shell_word(unit) : NULL;

    return g_strdup_printf("systemctl%s %s%s%s", manager == UNIT_USER ? " --user" : "", verb,
                           word ? " " : "", word ? word : "");
}

/* Of what a program said, safe to show; newly allocated. */
static char *first_line(const char *text)
{
    g_autofree char *line = g_strndup(text ? text : "", text ? strcspn(text, "\n") : 0);

    return text_escape(line);
}

/* Runs it; what it writes on its standard error is newly allocated. */
static bool run(const char *command, char **said, GError **error)
{
    g_autofree char *out = NULL;
    int status = 0;

    return g_spawn_command_line_sync(command, &out, said, &status, error) &&
           g_spawn_check_wait_status(status, error);
}

bool unit_call(UnitManager manager, const char *verb, const char *unit, Error **err)
{
    g_autofree char *command = unit_command(manager, verb, unit), *said = NULL;
    g_autoptr(GError) error = NULL;

    if (run(command, &said, &error))
        return true;
    g_autofree char *line = first_line(said);
    return error_set(err, ERROR_ENVIRONMENT, NULL, "%s: %s", command,
                     *line ? line : error->message);
}

bool unit_asks(UnitManager manager, const char *verb, const char *unit)
{
    g_autofree char *command = unit_command(manager, verb, unit), *said = NULL;

    return run(command, &said, NULL);
}

bool unit_write(const char *path, const char *text, Error **err)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;

    if (g_mkdir_with_parents(directory, 0755) < 0)
        return error_set(err, ERROR_CONFIG, "run the command as root", "cannot create '%s': %s",
                         directory, g_strerror(errno));
    if (!g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
        return error_set(err, ERROR_CONFIG, "run the command as root", "%s", error->message);
    return true;
}
