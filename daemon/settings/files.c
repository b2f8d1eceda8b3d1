/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/files.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "daemon/files/trust.h"
#include "daemon/settings/tables.h"

enum { DEPTH_MAX = 16 }; /* includes within includes */

/* ---- includes ---- */

static void read_file(SettingsFiles *files, const ConfSection *schema, const char *file,
                      const ConfNode *from, GPtrArray *open);

/* Escapes the characters that have a meaning in a pattern: a directory's name is no pattern. */
static char *escape_pattern(const char *path)
{
    GString *out = g_string_new(NULL);

    for (; *path; path++) {
        if (strchr("*?[]\\", *path))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *path);
    }
    return g_string_free(out, FALSE);
}

/* The error of a directory that glob(3) could not read; glob(3) passes no pointer on. */
static _Thread_local int glob_errno;

static int glob_failed(const char *path, int code)
{
    (void) path;
    if (code != ENOENT && code != ENOTDIR) /* these just match nothing */
        glob_errno = code;
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The errno value for which a name cannot be examined; 0 where it exists or is just missing. Of a
 * name without wildcards glob(3) says only that it does not match. */
static int unreadable_code(const char *directory, const char *name)
{
    g_autofree char *path = *name == '/' ? g_strdup(name) : g_build_filename(directory, name, NULL);
    struct stat st;

    return stat(path, &st) == 0 || errno == ENOENT || errno == ENOTDIR ? 0 : errno;
}

static bool is_pattern(const char *name)
{
    return strpbrk(name, "*?[") != NULL;
}

/* A pattern may match nothing, but the name of one file says that it is there. */
static void refuse_missing(const SettingsFiles *files, const ConfNode *node, const char *name)
{
    conf_add_error(files->errors, node->file, node->line,
                   "correct the name, create the file, or remove the line; a pattern such as "
                   "\"conf.d/*.conf\" may match nothing",
                   "include(\"%s\"): there is no such file", name);
}

static void refuse_include(const SettingsFiles *files, const ConfNode *node, const char *pattern,
                           const char *why)
{
    const char *dropin = g_getenv("HOTFOLDER_DROPIN"); /* as in base/error.c */
    g_autofree char *fix = g_strdup_printf(
        "make it readable%s%s%s, or remove the line", dropin ? "; in a home directory, run `" : "",
        dropin ? dropin : "", dropin ? "` and restart the service" : "");

    conf_add_error(files->errors, node->file, node->line, fix, "include(\"%s\"): %s", pattern, why);
}

static void read_include(SettingsFiles *files, const ConfNode *node, GPtrArray *open)
{
    const char *pattern = node->values->pdata[0];
    g_autofree char *directory = g_path_get_dirname(node->file);
    g_autofree char *escaped = escape_pattern(directory);
    g_autofree char *whole =
        *pattern == '/' ? g_strdup(pattern) : g_strdup_printf("%s/%s", escaped, pattern);
    g_autofree char *shown = text_escape(pattern);
    glob_t found = { 0 };

    if (files->sources)
        sources_add_pattern(files->sources, whole);
    glob_errno = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): unsafe only with GLOB_TILDE */
    int status = glob(whole, GLOB_NOSORT, glob_failed, &found);
    if (status != 0 && status != GLOB_NOMATCH)
        glob_errno = glob_errno ? glob_errno : ENOMEM;
    if (status == GLOB_NOMATCH && !glob_errno)
        glob_errno = unreadable_code(directory, pattern);
    if (glob_errno)
        refuse_include(files, node, shown, g_strerror(glob_errno));
    else if (status == GLOB_NOMATCH && !is_pattern(pattern))
        refuse_missing(files, node, shown);
    /* in the order of bytes: the same on every machine, whatever its language */
    if (found.gl_pathc)
        qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), compare_names);
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_file(files, &settings_schema, found.gl_pathv[i], node, open);
    globfree(&found);
}

/* Whether `file` may be included from `node`; an error is appended where not. */
static bool may_include(const SettingsFiles *files, const ConfNode *node, const char *file,
                        const GPtrArray *open)
{
    g_autofree char *shown = text_escape(file);

    if (open->len >= DEPTH_MAX) {
        conf_add_error(files->errors, node->file, node->line, "include it from a higher file",
                       "%s: included too deeply (%d files)", shown, DEPTH_MAX);
        return false;
    }
    for (guint i = 0; i < open->len; i++)
        if (!strcmp(open->pdata[i], file)) {
            conf_add_error(files->errors, node->file, node->line, "remove this include",
                           "%s includes itself", shown);
            return false;
        }
    return true;
}

/* ---- files ---- */

static void add_nodes(SettingsFiles *files, const ConfNode *tree, GPtrArray *open)
{
    for (guint i = 0; i < tree->nodes->len; i++) {
        ConfNode *node = tree->nodes->pdata[i];

        if (!strcmp(node->name, "include"))
            read_include(files, node, open);
        else if (node->section)
            g_ptr_array_add(files->nodes, node);
    }
}

/* The text of a file, newly allocated; NULL with an error appended, at `from` if there is one. */
static char *load(const SettingsFiles *files, const char *file, const ConfNode *from)
{
    char *text = NULL;
    Error *error = NULL;

    if (trust_file(file, &error) && conf_load(file, &text, &error))
        return text;
    if (from) {
        conf_add_error(files->errors, from->file, from->line, error->fix, "%s", error->what);
        error_free(error);
    } else {
        g_ptr_array_add(files->errors, error);
    }
    return NULL;
}

/* `from` is the include that named the file, NULL for the first one; `open` are the real paths of
 * the files that are being read, from the first one on. */
static void read_file(SettingsFiles *files, const ConfSection *schema, const char *file,
                      const ConfNode *from, GPtrArray *open)
{
    char *resolved = realpath(file, NULL);
    g_autofree char *real = g_strdup(resolved ? resolved : file);
    g_autofree char *text = NULL;
    ConfNode *tree = NULL;

    free(resolved);
    if (from && !may_include(files, from, real, open))
        return;
    if (files->sources)
        sources_add(files->sources, file);
    text = load(files, file, from);
    if (!text)
        return;
    g_ptr_array_add(files->names, g_strdup(file));
    tree = conf_read(schema, file, text, files->set_at, files->errors);
    g_ptr_array_add(files->trees, tree);
    g_ptr_array_add(open, real);
    add_nodes(files, tree, open);
    g_ptr_array_set_size(open, (int) open->len - 1);
}

SettingsFiles *settings_files_new(GPtrArray *errors)
{
    SettingsFiles *files = g_new0(SettingsFiles, 1);

    files->names = g_ptr_array_new_with_free_func(g_free);
    files->trees = g_ptr_array_new_with_free_func((GDestroyNotify) conf_free);
    files->nodes = g_ptr_array_new();
    files->set_at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    files->errors = errors;
    return files;
}

SettingsFiles *settings_files_read_noted(const char *file, Sources *sources, GPtrArray *errors)
{
    SettingsFiles *files = settings_files_new(errors);
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    files->sources = sources;
    read_file(files, &settings_schema, file, NULL, open);
    return files;
}

SettingsFiles *settings_files_read(const char *file, GPtrArray *errors)
{
    return settings_files_read_noted(file, NULL, errors);
}

void settings_files_add_profiles(SettingsFiles *files, const char *file)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    read_file(files, &profiles_schema, file, NULL, open);
}

void settings_files_free(SettingsFiles *files)
{
    if (!files)
        return;
    g_ptr_array_unref(files->nodes);
    g_ptr_array_unref(files->trees);
    g_ptr_array_unref(files->names);
    g_hash_table_unref(files->set_at);
    g_free(files);
}
