/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/folder_file.h"

#include <fnmatch.h>
#include <string.h>

#include "base/text.h"
#include "config/conf_lexer.h"
#include "daemon/settings/files.h"
#include "daemon/settings/tables.h"

/* ---- where it lies ---- */

char *folder_file_pattern(const char *config)
{
    g_autofree char *file = g_path_get_basename(config);
    char *end = g_str_has_suffix(file, ".conf") ? file + strlen(file) - strlen(".conf") : NULL;

    if (!end || !strcmp(file, "hotfolder.conf"))
        return g_strdup("conf.d/*.conf");
    *end = '\0';
    return g_strdup_printf("%s.d/*.conf", file);
}

/* What the include would read `file` as; newly allocated. NULL: it would not. */
static char *match(const ConfNode *include, const char *file)
{
    const char *pattern = include->values->pdata[0];
    g_autofree char *place = g_path_get_dirname(include->file);
    g_autofree char *directory = g_path_get_dirname(pattern), *names = g_path_get_basename(pattern);

    if (strpbrk(directory, "*?[\\") || fnmatch(names, file, FNM_PERIOD) != 0)
        return NULL;
    g_autofree char *whole = g_canonicalize_filename(directory, place);
    return g_build_filename(whole, file, NULL);
}

char *folder_file_path(const char *config, const char *name)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(SettingsFiles) files = settings_files_read(config, errors);
    g_autofree char *file = g_strdup_printf("%s.conf", name);
    const ConfNode *top = files->trees->len ? files->trees->pdata[0] : NULL;
    char *path = NULL;

    for (guint i = 0; top && i < top->nodes->len && !path; i++) {
        const ConfNode *node = top->nodes->pdata[i];
        if (!strcmp(node->name, "include"))
            path = match(node, file);
    }
    return path;
}

/* ---- its text ---- */

bool folder_file_can_hold(const char *text)
{
    bool plain = g_utf8_validate(text, -1, NULL);

    for (const char *at = text; plain && *at; at += g_utf8_skip[(unsigned char) *at])
        plain = !g_unichar_iscntrl(g_utf8_get_char(at));
    return plain;
}

static void append_quoted(GString *text, const char *value)
{
    g_string_append_c(text, '"');
    for (; *value; value++) {
        if (strchr("\\\"", *value) || (value[0] == '$' && value[1] == '{'))
            g_string_append_c(text, '\\');
        g_string_append_c(text, *value);
    }
    g_string_append_c(text, '"');
}

static void append_setting(GString *text, const char *name, const char *value)
{
    g_string_append_printf(text, "    %-7s = ", name);
    append_quoted(text, value);
    g_string_append_c(text, '\n');
}

char *folder_file_text(const char *name, const char *path, const char *output, const char *profile)
{
    GString *text = g_string_new("# Written by `hotfolder add`; it is yours to change. "
                                 "hotfolder.conf(5) explains the settings.\nfolder ");

    append_quoted(text, name);
    g_string_append(text, " {\n");
    append_setting(text, "path", path);
    append_setting(text, "output", output);
    append_setting(text, "profile", profile);
    g_string_append(text, "    status_file = yes\n");
    g_string_append(text, "}\n");
    return g_string_free(text, FALSE);
}

/* A name is no pattern. */
char *folder_file_include(const char *file)
{
    GString *pattern = g_string_new(NULL), *text = g_string_new("include(");

    for (; *file; file++) {
        if (strchr("*?[]\\", *file))
            g_string_append_c(pattern, '\\');
        g_string_append_c(pattern, *file);
    }
    append_quoted(text, pattern->str);
    g_string_append(text, ")\n");
    g_string_free(pattern, TRUE);
    return g_string_free(text, FALSE);
}

/* ---- what else is in it ---- */

/* The line of the brace that closes the section which begins at `line`; 0: none does. */
static int last_line(const char *source, int line)
{
    g_autofree char *text = g_strdup(source);
    int open_comment = 0, depth = 0;
    g_autoptr(GArray) tokens = conflexer_run(text, &open_comment);

    for (guint i = 0; i < tokens->len; i++) {
        const Token *token = &g_array_index(tokens, Token, i);
        if (token->line < line)
            continue;
        depth += token_is(token, '{') - token_is(token, '}');
        if (token_is(token, '}') && depth == 0)
            return token->line;
    }
    return 0;
}

bool folder_file_find(const char *file, const char *name, int line, FolderLines *lines, Error **err)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text = NULL, *shown = text_escape(file);

    if (!conf_load(file, &text, err))
        return false;
    g_autoptr(ConfNode) tree = conf_read(&settings_schema, file, text, NULL, errors);
    for (guint i = 0; i < tree->nodes->len; i++) {
        const ConfNode *node = tree->nodes->pdata[i];
        if (strcmp(node->name, "folder") != 0 || g_strcmp0(node->title, name) != 0 ||
            node->line != line)
            continue;
        *lines = (FolderLines){ line, last_line(text, line), tree->nodes->len == 1 };
        return true;
    }
    return error_set(err, ERROR_CONFIG, "run the command again", "%s: it has changed just now",
                     shown);
}
