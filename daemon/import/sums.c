/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/sums.h"

#include <string.h>

enum { DIGITS = 64 };

/* ---- lines ---- */

static void add_line(GString *text, const char *digest, const char *name)
{
    bool escaped = strpbrk(name, "\\\n\r") != NULL;

    g_string_append_printf(text, "%s%s  ", escaped ? "\\" : "", digest);
    for (; *name; name++) {
        switch (*name) {
        case '\\':
            g_string_append(text, "\\\\");
            break;
        case '\n':
            g_string_append(text, "\\n");
            break;
        case '\r':
            g_string_append(text, "\\r");
            break;
        default:
            g_string_append_c(text, *name);
        }
    }
    g_string_append_c(text, '\n');
}

/* The name that was escaped, in its place. */
static void unescape(char *name)
{
    char *to = name;

    for (; *name; name++) {
        if (*name == '\\' && name[1]) {
            name++;
            *to++ = (char) (*name == 'n' ? '\n' : *name == 'r' ? '\r' : *name);
        } else {
            *to++ = *name;
        }
    }
    *to = '\0';
}

/* "DIGEST  NAME", or "DIGEST *NAME" of a program that knows binary files: changed in its place. */
static bool read_line(char *line, Content *content, char **name)
{
    bool escaped = *line == '\\';

    line += escaped;
    if (strspn(line, "0123456789abcdefABCDEF") != DIGITS || line[DIGITS] != ' ' ||
        (line[DIGITS + 1] != ' ' && line[DIGITS + 1] != '*') || !line[DIGITS + 2])
        return false;
    *name = line + DIGITS + 2;
    *content = (Content){ .size = -1 };
    for (unsigned i = 0; i < DIGITS; i++)
        content->sha256[i] = g_ascii_tolower(line[i]);
    if (escaped)
        unescape(*name);
    return true;
}

bool sums_parse(const char *text, void (*found)(void *user, const ManifestFile *file), void *user,
                Error **err)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        Content content;
        ManifestFile file = { .content = &content };
        char *name = NULL;
        if (!*lines[i] || *lines[i] == '#')
            continue;
        if (!read_line(lines[i], &content, &name))
            return error_set(err, ERROR_CONFIG, NULL, "line %u of it is damaged", i + 1);
        file.name = name;
        found(user, &file);
    }
    return true;
}

/* ---- a whole text ---- */

typedef struct Composing {
    GString *text;
    GHashTable *names; /* of the manifest's files */
} Composing;

static void keep_earlier(void *user, const ManifestFile *file)
{
    Composing *composing = user;

    if (!g_hash_table_contains(composing->names, file->name))
        add_line(composing->text, file->content->sha256, file->name);
}

static bool add_files(Composing *composing, const Manifest *manifest, Error **err)
{
    for (guint i = 0; i < manifest->count; i++) {
        const ManifestFile *file = &manifest->files[i];
        if (!*file->content->sha256)
            return error_set(err, ERROR_INTERNAL, NULL, "the SHA-256 of '%s' is not known",
                             file->name);
        if (g_hash_table_add(composing->names, g_strdup(file->name)))
            add_line(composing->text, file->content->sha256, file->name);
    }
    return true;
}

bool sums_compose(const Manifest *manifest, const char *earlier, char **text, Error **err)
{
    Composing composing = { .text = g_string_new(NULL),
                            .names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) };
    bool ok = add_files(&composing, manifest, err) &&
              (!earlier || sums_parse(earlier, keep_earlier, &composing, err));

    g_hash_table_unref(composing.names);
    *text = g_string_free(composing.text, !ok);
    return ok;
}
