#include "base/options.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

/* systemd separates several directories with colons; ours is the first. */
static char *first_of(const char *list)
{
    return list && *list ? g_strndup(list, strcspn(list, ":")) : NULL;
}

char *options_state_dir(void)
{
    char *given = first_of(g_getenv("STATE_DIRECTORY"));

    return given ? given : g_build_filename(g_get_user_state_dir(), "hotfolder", NULL);
}

char *options_runtime_dir(void)
{
    const char *xdg = g_getenv("XDG_RUNTIME_DIR");
    char *given = first_of(g_getenv("RUNTIME_DIRECTORY"));

    if (given)
        return given;
    if (xdg && *xdg)
        return g_build_filename(xdg, "hotfolder", NULL);
    if (geteuid() == 0)
        return g_strdup("/run/hotfolder");
    g_autofree char *state = options_state_dir();
    return g_build_filename(state, "run", NULL);
}
