/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/import/mhl.h"

/* A list or a chain while it is read. */
typedef struct Parsing {
    MhlList *list;    /* NULL: of a chain */
    GPtrArray *links; /* NULL: of a list */
    MhlFile *file;    /* the one that is read; NULL: none */
    MhlLink *link;    /* the same */
    GString *text;    /* of the element */
    unsigned foreign; /* how deep in what is not ours to read: metadata, a directory's hash */
    bool is_ours;     /* the root has been seen */
    Error *error;
} Parsing;

static void file_free(void *data)
{
    MhlFile *file = data;

    if (!file)
        return;
    g_free(file->path);
    g_free(file->previous);
    g_free(file);
}

static void link_free(void *data)
{
    MhlLink *link = data;

    if (!link)
        return;
    g_free(link->name);
    g_free(link->c4);
    g_free(link);
}

void mhl_list_free(MhlList *list)
{
    if (!list)
        return;
    g_ptr_array_unref(list->files);
    g_ptr_array_unref(list->patterns);
    g_free(list);
}

/* The name of an element without the prefix of its name space. */
static const char *local(const char *element)
{
    const char *colon = strchr(element, ':');

    return colon ? colon + 1 : element;
}

static const char *attribute(const char *name, const char **names, const char **values)
{
    for (; *names; names++, values++) {
        if (!strcmp(*names, name))
            return *values;
    }
    return NULL;
}

/* ---- elements that begin ---- */

static void begin_path(MhlFile *file, const char **names, const char **values)
{
    const char *size = attribute("size", names, values);
    const char *date = attribute("lastmodificationdate", names, values);
    g_autoptr(GDateTime) time = date ? g_date_time_new_from_iso8601(date, NULL) : NULL;

    file->content.size = size ? g_ascii_strtoll(size, NULL, 10) : -1;
    if (time)
        file->mtime_ns = g_date_time_to_unix(time) * G_GINT64_CONSTANT(1000000000);
}

static bool is_foreign(const char *name)
{
    return !strcmp(name, "metadata") || !strcmp(name, "directoryhash") ||
           !strcmp(name, "roothash") || !strcmp(name, "references");
}

static void begin_link(Parsing *parsing, const char **names, const char **values)
{
    const char *number = attribute("sequencenr", names, values);

    parsing->link = g_new0(MhlLink, 1);
    parsing->link->number = number ? g_ascii_strtoll(number, NULL, 10) : 0;
    parsing->link->c4 = g_strdup("");
}

static void begin(GMarkupParseContext *context, const char *element, const char **names,
                  const char **values, void *user, GError **error)
{
    Parsing *parsing = user;
    const char *name = local(element);
    bool is_root = !strcmp(name, parsing->list ? "hashlist" : "ascmhldirectory");

    (void) context, (void) error;
    g_string_truncate(parsing->text, 0);
    if (parsing->foreign || is_foreign(name))
        parsing->foreign++;
    else if (is_root)
        parsing->is_ours = true;
    else if (parsing->list && !strcmp(name, "hash") && !parsing->file)
        parsing->file = g_new0(MhlFile, 1);
    else if (parsing->file && !strcmp(name, "path"))
        begin_path(parsing->file, names, values);
    else if (parsing->links && !strcmp(name, "hashlist") && !parsing->link)
        begin_link(parsing, names, values);
}

/* ---- elements that end ---- */

static void add(GMarkupParseContext *context, const char *text, gsize length, void *user,
                GError **error)
{
    Parsing *parsing = user;

    (void) context, (void) error;
    g_string_append_len(parsing->text, text, (gssize) length);
}

/* A path that leads elsewhere is no path of a manifest. */
static bool is_below(const char *path)
{
    g_auto(GStrv) parts = path ? g_strsplit(path, "/", -1) : NULL;

    if (!path || !*path || *path == '/')
        return false;
    return !g_strv_contains((const char *const *) parts, "..");
}

static void end_file(Parsing *parsing)
{
    MhlFile *file = g_steal_pointer(&parsing->file);

    if (!is_below(file->path) && !parsing->error)
        error_set(&parsing->error, ERROR_CONFIG, NULL, "it names '%s', which is no file in it",
                  file->path ? file->path : "");
    g_ptr_array_add(parsing->list->files, file);
}

static void set(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

/* A name may begin or end with blanks; a digest does not. */
static void end_in_file(MhlFile *file, const char *name, char *text)
{
    if (!strcmp(name, "path"))
        set(&file->path, text);
    else if (!strcmp(name, "previousPath"))
        set(&file->previous, text);
    else if (!strcmp(name, "xxh128"))
        g_strlcpy(file->content.xxh128, g_strstrip(text), sizeof(file->content.xxh128));
    else if (!strcmp(name, "md5"))
        g_strlcpy(file->content.md5, g_strstrip(text), sizeof(file->content.md5));
}

/* What XML could not say of the path. */
static void end_foreign(Parsing *parsing, const char *name)
{
    g_autofree char *path = NULL;

    parsing->foreign--;
    if (parsing->file && !strcmp(name, "bytes") &&
        (path = g_uri_unescape_string(parsing->text->str, NULL)))
        set(&parsing->file->path, path);
}

static void end_in_link(Parsing *parsing, const char *name, const char *text)
{
    if (!strcmp(name, "path"))
        set(&parsing->link->name, text);
    else if (!strcmp(name, "c4"))
        set(&parsing->link->c4, text);
    else if (!strcmp(name, "hashlist"))
        g_ptr_array_add(parsing->links, g_steal_pointer(&parsing->link));
}

static void end(GMarkupParseContext *context, const char *element, void *user, GError **error)
{
    Parsing *parsing = user;
    const char *name = local(element);

    (void) context, (void) error;
    if (parsing->foreign)
        end_foreign(parsing, name);
    else if (parsing->file && !strcmp(name, "hash"))
        end_file(parsing);
    else if (parsing->file)
        end_in_file(parsing->file, name, parsing->text->str);
    else if (parsing->link)
        end_in_link(parsing, name, parsing->text->str);
    else if (parsing->list && !strcmp(name, "pattern"))
        g_ptr_array_add(parsing->list->patterns, g_strdup(parsing->text->str));
    g_string_truncate(parsing->text, 0);
}

/* ---- texts ---- */

static bool parse(Parsing *parsing, const char *text, size_t length, Error **err)
{
    static const GMarkupParser parser = { .start_element = begin, .end_element = end, .text = add };
    GMarkupParseContext *context =
        g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, parsing, NULL);
    g_autoptr(GError) error = NULL;

    parsing->text = g_string_new(NULL);
    bool parsed = g_markup_parse_context_parse(context, text, (gssize) length, &error) &&
                  g_markup_parse_context_end_parse(context, &error);
    g_markup_parse_context_free(context);
    g_string_free(parsing->text, TRUE);
    file_free(parsing->file);
    link_free(parsing->link);
    if (parsing->error) {
        *err = parsing->error;
        return false;
    }
    if (!parsed)
        return error_set(err, ERROR_CONFIG, NULL, "it is damaged: %s", error->message);
    return parsing->is_ours || error_set(err, ERROR_CONFIG, NULL, "it is no ASC MHL of version 2");
}

bool mhl_parse(const char *text, size_t length, MhlList **list, Error **err)
{
    g_autoptr(MhlList) read = g_new0(MhlList, 1);
    Parsing parsing = { .list = read };

    read->files = g_ptr_array_new_with_free_func(file_free);
    read->patterns = g_ptr_array_new_with_free_func(g_free);
    if (!parse(&parsing, text, length, err))
        return false;
    *list = g_steal_pointer(&read);
    return true;
}

bool mhl_parse_chain(const char *text, size_t length, GPtrArray **links, Error **err)
{
    g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func(link_free);
    Parsing parsing = { .links = read };

    if (!parse(&parsing, text, length, err))
        return false;
    *links = g_steal_pointer(&read);
    return true;
}
