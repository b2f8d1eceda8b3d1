/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/config_with.h"

#include <string.h>
#include <unistd.h>

#include "command/folder_file.h"
#include "daemon/settings/load.h"

/* Messages name the file that it is to become. One about the text itself has no place: that file is
 * not there yet. Takes over the error. */
static Error *translate(Error *error, const char *temporary, const char *file)
{
    g_auto(GStrv) parts = g_strsplit(error->what, temporary, -1);

    g_free(error->what);
    error->what = g_strjoinv(file, parts);
    if (error->where && g_str_has_prefix(error->where, temporary))
        g_clear_pointer(&error->where, g_free);
    return error;
}

static Settings *load(const char *temporary, const char *file, GPtrArray *errors)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    Settings *settings = settings_load(temporary, NULL, found);

    for (guint i = 0; i < found->len; i++)
        g_ptr_array_add(errors, translate(found->pdata[i], temporary, file));
    return settings;
}

/* The text after an include of the configuration. */
static char *whole_text(const char *config, const char *text)
{
    g_autofree char *include = config ? folder_file_include(config) : g_strdup("");

    return g_strconcat(include, text, NULL);
}

Settings *config_with_load(const char *config, const char *text, const char *file,
                           GPtrArray *errors)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("hotfolder-add-XXXXXX", &error);
    g_autofree char *temporary = directory ? g_build_filename(directory, "new.conf", NULL) : NULL;
    g_autofree char *whole = whole_text(config, text);
    Settings *settings = NULL;

    if (directory && g_file_set_contents(temporary, whole, -1, &error)) {
        settings = load(temporary, file, errors);
    } else {
        Error *failure = NULL;
        error_set(&failure, ERROR_ENVIRONMENT, NULL, "%s", error->message);
        g_ptr_array_add(errors, failure);
    }
    if (temporary)
        unlink(temporary);
    if (directory)
        rmdir(directory);
    return settings;
}
