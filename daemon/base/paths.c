#include "base/paths.h"

#include <glib.h>
#include <unistd.h>

/* The build tree that this program runs from, newly allocated, or NULL when it is installed. */
static char *build_tree(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *bin = self ? g_path_get_dirname(self) : NULL;
    g_autofree char *beside = bin ? g_build_filename(bin, "hotfolder-worker", NULL) : NULL;

    return beside && access(beside, X_OK) == 0 ? g_path_get_dirname(bin) : NULL;
}

char *places_worker(void)
{
    g_autofree char *tree = build_tree();
    const char *given = g_getenv("HOTFOLDER_WORKER");

    if (given && *given)
        return g_strdup(given);

    return tree ? g_build_filename(tree, "bin", "hotfolder-worker", NULL)
                : g_build_filename(HOTFOLDER_LIBEXECDIR, "hotfolder-worker", NULL);
}

char *places_profiles(void)
{
    g_autofree char *tree = build_tree();

    return tree ? g_build_filename(tree, "profiles", NULL)
                : g_build_filename(HOTFOLDER_DATADIR, "profiles", NULL);
}
