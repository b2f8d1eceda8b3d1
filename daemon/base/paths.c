/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/paths.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_RUNTIME_DIR "/run/hotfolder"
#define SYSTEM_STATE_DIR   "/var/lib/hotfolder"

/* The build tree that this program runs from, newly allocated, or NULL when it is installed. */
static char *build_tree(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *bin = self ? g_path_get_dirname(self) : NULL;
    g_autofree char *worker_beside = bin ? g_build_filename(bin, "hotfolder-worker", NULL) : NULL;

    return worker_beside && access(worker_beside, X_OK) == 0 ? g_path_get_dirname(bin) : NULL;
}

/* One of our own programs that people do not call; `variable` may name another one. */
static char *own_program(const char *variable, const char *name)
{
    g_autofree char *tree = build_tree();
    const char *given = g_getenv(variable);

    if (given && *given)
        return g_strdup(given);
    return tree ? g_build_filename(tree, "bin", name, NULL)
                : g_build_filename(HOTFOLDER_LIBEXECDIR, name, NULL);
}

char *paths_worker(void)
{
    return own_program("HOTFOLDER_WORKER", "hotfolder-worker");
}

char *paths_program(void)
{
    return own_program("HOTFOLDER_PROGRAM", "hotfolder-program");
}

char *paths_notice(void)
{
    return own_program("HOTFOLDER_NOTICE_PROGRAM", "hotfolder-notice");
}

char *paths_ptp(void)
{
    return own_program("HOTFOLDER_PTP", "hotfolder-ptp");
}

const char *paths_worker_fix(int code)
{
    switch (code) {
    case EAGAIN:
        return "raise the limit of tasks (TasksMax=, ulimit -u)";
    case ENOMEM:
        return "end other programs, or raise the limit of memory (MemoryMax=)";
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files (LimitNOFILE=, ulimit -n)";
    default:
        return NULL;
    }
}

char *paths_profiles(void)
{
    g_autofree char *tree = build_tree();

    return tree ? g_build_filename(tree, "profiles", NULL)
                : g_build_filename(HOTFOLDER_DATADIR, "profiles", NULL);
}

/* The first of the directories that systemd separates with colons, newly allocated; NULL: none. */
static char *first_directory(const char *list)
{
    return list && *list ? g_strndup(list, strcspn(list, ":")) : NULL;
}

char *paths_own_config(void)
{
    return g_build_filename(g_get_user_config_dir(), "hotfolder", "hotfolder.conf", NULL);
}

char *paths_config(void)
{
    g_autofree char *own = paths_own_config();

    return g_strdup(geteuid() != 0 && access(own, F_OK) == 0 ? own : HOTFOLDER_CONFIG);
}

char *paths_state_dir(void)
{
    char *given = first_directory(g_getenv("STATE_DIRECTORY"));

    return given ? given : g_build_filename(g_get_user_state_dir(), "hotfolder", NULL);
}

char *paths_runtime_dir(void)
{
    const char *xdg = g_getenv("XDG_RUNTIME_DIR");
    char *given = first_directory(g_getenv("RUNTIME_DIRECTORY"));

    if (given)
        return given;
    if (xdg && *xdg)
        return g_build_filename(xdg, "hotfolder", NULL);
    if (geteuid() == 0)
        return g_strdup(SYSTEM_RUNTIME_DIR);
    g_autofree char *state = paths_state_dir();
    return g_build_filename(state, "run", NULL);
}

char *paths_daemon_dir(void)
{
    g_autofree char *own = paths_runtime_dir();
    g_autofree char *socket = g_build_filename(own, "control.sock", NULL);

    return g_strdup(access(socket, F_OK) == 0 ? own : SYSTEM_RUNTIME_DIR);
}

char *paths_instance_config(const char *name)
{
    g_autofree char *directory = g_path_get_dirname(HOTFOLDER_CONFIG);

    return g_strdup_printf("%s/%s.conf", directory, name);
}

char *paths_instance_dir(const char *name)
{
    return g_strdup_printf(SYSTEM_RUNTIME_DIR "@%s", name);
}

char *paths_instance_state_dir(const char *name)
{
    return name ? g_strdup_printf(SYSTEM_STATE_DIR "@%s", name) : g_strdup(SYSTEM_STATE_DIR);
}
