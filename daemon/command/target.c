/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of `hotfolder` itself, which it takes before and after the name of a command: which
 * daemon the command is about. */
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "command/command.h"

static char *config, *runtime_dir; /* that follow from the instance */
static const char *given_dir;      /* by --runtime-dir, whatever the instance; NULL: none */
static Target target;

static void set_instance(const char *instance)
{
    g_free(config);
    g_free(runtime_dir);
    config = instance ? paths_instance_config(instance) : paths_config();
    runtime_dir = instance ? paths_instance_dir(instance) : paths_daemon_dir();
    target = (Target){ instance, given_dir ? given_dir : runtime_dir, config };
}

const Target *target_new(void)
{
    set_instance(NULL);
    return &target;
}

const char *target_readable_config(const Target *from, const char *given)
{
    if (given)
        return given;
    return access(from->config, R_OK) == 0 ? from->config : NULL;
}

bool target_take(int letter, const char *value)
{
    if (letter == HOTFOLDER_RUNTIME_DIR) {
        target.runtime_dir = given_dir = value;
        return true;
    }
    if (!*value || strchr(value, '/')) {
        usage_error(&usage_hotfolder, "'%s' is not an instance; give NAME of hotfolder@NAME",
                    value);
        return false;
    }
    set_instance(value);
    return true;
}
