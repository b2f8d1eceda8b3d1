/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/import/manifest_internal.h"

enum { PIECE = 256 * 1024 };

static void file_free(void *data)
{
    HistoryFile *file = data;

    g_free(file->name);
    g_free(file);
}

void manifest_history_free(ManifestHistory *history)
{
    if (!history)
        return;
    g_hash_table_unref(history->files);
    g_ptr_array_unref(history->patterns);
    g_free(history->chain);
    g_free(history);
}

/* ---- texts ---- */

/* Takes over fd. */
static bool read_text(int fd, GString *text)
{
    ssize_t got = 1;

    while (got > 0) {
        size_t length = text->len;
        g_string_set_size(text, length + PIECE);
        do {
            got = read(fd, text->str + length, PIECE);
        } while (got < 0 && errno == EINTR);
        g_string_truncate(text, length + (size_t) MAX(got, 0));
    }
    int code = errno;
    close(fd);
    errno = code;
    return got == 0;
}

bool manifest_text(const char *destination, const char *name, char **text, size_t *length,
                   Error **err)
{
    int fd = beneath_open(destination, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    GString *read = NULL;

    *text = NULL;
    *length = 0;
    if (fd < 0 && beneath_is_absence(errno))
        return true;
    read = g_string_new(NULL);
    if (fd < 0 || !read_text(fd, read)) {
        error_errno(err, errno, "cannot read '%s/%s'", destination, name);
        g_string_free(read, TRUE);
        return false;
    }
    *length = read->len;
    *text = g_string_free(read, FALSE);
    return true;
}

static gint compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The names in a directory below the destination, sorted; none where there is no such directory. */
static GPtrArray *names_in(const char *destination, const char *name)
{
    g_autofree char *path = g_build_filename(destination, name, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_strdup(entry));
    g_clear_pointer(&dir, g_dir_close);
    g_ptr_array_sort(names, compare);
    return names;
}

static bool damaged(Error **err, const char *destination, const char *name)
{
    return error_set_where(err, "%s/%s", destination, name);
}

/* ---- generations ---- */

static HistoryFile *file_of(ManifestHistory *history, const char *name)
{
    HistoryFile *file = g_hash_table_lookup(history->files, name);

    if (!file) {
        file = g_new0(HistoryFile, 1);
        file->name = g_strdup(name);
        file->content.size = -1;
        g_hash_table_insert(history->files, file->name, file);
    }
    return file;
}

static void keep(char *digest, const char *said, size_t room)
{
    if (*said)
        g_strlcpy(digest, said, room);
}

/* Another program's generation may know fewer digests, and no size: of the same content these are
 * kept from the one before. */
static void add_content(Content *content, const Content *said)
{
    bool same = (*said->xxh128 && !strcmp(said->xxh128, content->xxh128)) ||
                (*said->md5 && !strcmp(said->md5, content->md5));

    if (!same)
        *content = (Content){ .size = -1 };
    keep(content->xxh128, said->xxh128, sizeof(content->xxh128));
    keep(content->md5, said->md5, sizeof(content->md5));
    if (said->size >= 0)
        content->size = said->size;
}

/* One that knows only digests that we do not make says nothing: an earlier one counts. */
static void add_file(ManifestHistory *history, const MhlFile *said)
{
    if (said->previous)
        g_hash_table_remove(history->files, said->previous);
    if (!*said->content.xxh128 && !*said->content.md5)
        return;
    HistoryFile *file = file_of(history, said->path);
    add_content(&file->content, &said->content);
    file->mtime_ns = said->mtime_ns;
}

static void add_pattern(GPtrArray *patterns, const char *pattern)
{
    if (!g_ptr_array_find_with_equal_func(patterns, pattern, g_str_equal, NULL))
        g_ptr_array_add(patterns, g_strdup(pattern));
}

static void add_list(ManifestHistory *history, const MhlList *list, int64_t number)
{
    for (guint i = 0; i < list->files->len; i++)
        add_file(history, list->files->pdata[i]);
    g_ptr_array_set_size(history->patterns, 0);
    for (guint i = 0; i < list->patterns->len; i++)
        add_pattern(history->patterns, list->patterns->pdata[i]);
    history->last = MAX(history->last, number);
    history->manifests++;
}

/* What the chain says of a file: its C4, NULL where it does not name it. */
static const char *c4_of(const GPtrArray *links, const char *name)
{
    for (guint i = 0; links && i < links->len; i++) {
        const MhlLink *link = links->pdata[i];
        if (!g_strcmp0(link->name, name) && *link->c4)
            return link->c4;
    }
    return NULL;
}

static bool read_generation(ManifestHistory *history, const char *destination, const char *name,
                            const char *c4, Error **err)
{
    g_autofree char *path = g_build_filename(MHL_DIRECTORY, name, NULL), *text = NULL;
    g_autofree char *real = NULL;
    g_autoptr(MhlList) list = NULL;
    size_t length = 0;

    if (!manifest_text(destination, path, &text, &length, err))
        return false;
    real = mhl_c4(text ? text : "", length);
    if (!text || (c4 && strcmp(c4, real)))
        error_set(err, ERROR_CONFIG,
                  "take it from another copy; what it names cannot be verified with this one",
                  "it is not what " MHL_CHAIN " says: it was changed, or is missing");
    else if (mhl_parse(text, length, &list, err))
        add_list(history, list, mhl_number(name));
    return list || damaged(err, destination, path);
}

static bool read_chain(ManifestHistory *history, const char *destination, GPtrArray **links,
                       Error **err)
{
    const char *name = MHL_DIRECTORY "/" MHL_CHAIN;
    size_t length = 0;

    if (!manifest_text(destination, name, &history->chain, &length, err))
        return false;
    if (history->chain && !mhl_parse_chain(history->chain, length, links, err))
        return damaged(err, destination, name);
    return true;
}

/* Names that the chain has and the directory lacks are added: reading them fails. */
static GPtrArray *generations(const char *destination, const GPtrArray *links)
{
    g_autoptr(GPtrArray) there = names_in(destination, MHL_DIRECTORY);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < there->len; i++) {
        if (mhl_number(there->pdata[i]))
            g_ptr_array_add(names, g_strdup(there->pdata[i]));
    }
    for (guint i = 0; links && i < links->len; i++) {
        const MhlLink *link = links->pdata[i];
        if (link->name)
            add_pattern(names, link->name);
    }
    return names;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
    const char *one = *(char *const *) a, *other = *(char *const *) b;
    int64_t difference = mhl_number(one) - mhl_number(other);

    return difference ? (difference > 0) - (difference < 0) : strcmp(one, other);
}

bool manifest_history_read(const char *destination, ManifestHistory **history, Error **err)
{
    g_autoptr(ManifestHistory) read = g_new0(ManifestHistory, 1);
    g_autoptr(GPtrArray) links = NULL, names = NULL;

    read->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, file_free);
    read->patterns = g_ptr_array_new_with_free_func(g_free);
    if (!read_chain(read, destination, &links, err))
        return false;
    names = generations(destination, links);
    g_ptr_array_sort(names, by_number);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (!read_generation(read, destination, name, c4_of(links, name), err))
            return false;
    }
    *history = g_steal_pointer(&read);
    return true;
}

/* ---- sums ---- */

static void add_sum(void *user, const ManifestFile *said)
{
    HistoryFile *file = file_of(user, said->name);

    g_strlcpy(file->content.sha256, said->content->sha256, sizeof(file->content.sha256));
}

bool manifest_history_add_sums(ManifestHistory *history, const char *destination, Error **err)
{
    g_autoptr(GPtrArray) cards = names_in(destination, CARDS_DIRECTORY);

    for (guint i = 0; i < cards->len; i++) {
        g_autofree char *name = g_build_filename(CARDS_DIRECTORY, cards->pdata[i], SUMS_NAME, NULL);
        g_autofree char *text = NULL;
        size_t length = 0;
        if (!manifest_text(destination, name, &text, &length, err))
            return false;
        if (text && !sums_parse(text, add_sum, history, err))
            return damaged(err, destination, name);
        history->manifests += text != NULL;
    }
    return true;
}

bool manifest_history_has_sums(const char *destination)
{
    g_autoptr(GPtrArray) cards = names_in(destination, CARDS_DIRECTORY);
    bool found = false;

    for (guint i = 0; i < cards->len && !found; i++) {
        g_autofree char *path =
            g_build_filename(destination, CARDS_DIRECTORY, cards->pdata[i], SUMS_NAME, NULL);
        found = g_file_test(path, G_FILE_TEST_EXISTS);
    }
    return found;
}
