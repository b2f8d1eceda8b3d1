/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the catalog remembers of files and their copies. What is added waits in memory, where each
 * question looks first, for catalog_flush(). */
#include <string.h>

#include "base/clock.h"
#include "daemon/import/catalog_internal.h"

typedef struct PendingFile {
    int64_t card, size, mtime_ns, read_ms;
    char *path;
    Content content;
    uint64_t head;
} PendingFile;

typedef struct PendingCopy {
    Content content;
    char *destination;
    char *name; /* NULL: it is forgotten */
} PendingCopy;

typedef struct PendingNumber {
    int64_t card, number;
    char *path;
} PendingNumber;

static void free_file(void *data)
{
    PendingFile *file = data;

    g_free(file->path);
    g_free(file);
}

static void free_copy(void *data)
{
    PendingCopy *copy = data;

    g_free(copy->destination);
    g_free(copy->name);
    g_free(copy);
}

static void free_number(void *data)
{
    PendingNumber *number = data;

    g_free(number->path);
    g_free(number);
}

static void free_record(void *record)
{
    card_record_free(record);
}

static GHashTable *new_table(GDestroyNotify free_value)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
}

void catalog_pending_init(CatalogPending *pending)
{
    pending->records = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_record);
    pending->files = new_table(free_file);
    pending->copies = new_table(free_copy);
    pending->numbers = new_table(free_number);
    pending->likes = new_table(NULL);
}

void catalog_pending_clear(CatalogPending *pending)
{
    g_clear_pointer(&pending->records, g_hash_table_unref);
    g_clear_pointer(&pending->files, g_hash_table_unref);
    g_clear_pointer(&pending->copies, g_hash_table_unref);
    g_clear_pointer(&pending->numbers, g_hash_table_unref);
    g_clear_pointer(&pending->likes, g_hash_table_unref);
}

static char *key_of_path(int64_t card, const char *path)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ":%s", card, path);
}

static char *key_of_copy(const Content *content, const char *destination)
{
    return g_strdup_printf("%s:%" G_GINT64_FORMAT ":%s", content->xxh128, content->size,
                           destination);
}

static char *key_of_like(int64_t size, uint64_t head)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ":%" G_GUINT64_FORMAT, size, head);
}

/* ---- files ---- */

static bool read_file(DatabaseRow *row, int64_t since, Content *content)
{
    memset(content, 0, sizeof(*content));
    content->size = database_int(row, 0);
    g_strlcpy(content->xxh128, database_text(row, 1), sizeof(content->xxh128));
    g_strlcpy(content->md5, database_text(row, 2), sizeof(content->md5));
    g_strlcpy(content->sha256, database_text(row, 3), sizeof(content->sha256));
    return database_int(row, 4) >= since;
}

bool catalog_file(Catalog *catalog, int64_t card, const CardFile *file, int64_t since,
                  Content *content, bool *is_fresh, bool *found, Error **err)
{
    g_autofree char *key = key_of_path(card, file->path);
    const PendingFile *pending = g_hash_table_lookup(catalog->pending.files, key);
    DatabaseRow *row = NULL;

    *is_fresh = *found = false;
    if (pending) {
        *found = pending->size == file->size && pending->mtime_ns == file->mtime_ns;
        *is_fresh = *found && pending->read_ms >= since;
        *content = pending->content;
        return true;
    }
    int64_t mtime_ns = file->mtime_ns - (catalog->shifted == card ? catalog->shift_ns : 0);
    if (!database_first(catalog->db, err, &row, found, CATALOG_FILE, "ibii", card, file->path,
                        file->size, mtime_ns))
        return false;
    *is_fresh = *found && read_file(row, since, content);
    database_finish(row);
    return true;
}

bool catalog_add_file(Catalog *catalog, int64_t card, const CardFile *file, const Content *content,
                      uint64_t head, Error **err G_GNUC_UNUSED)
{
    PendingFile *pending = g_new0(PendingFile, 1);

    pending->card = card;
    pending->path = g_strdup(file->path);
    pending->size = file->size;
    pending->mtime_ns = file->mtime_ns;
    pending->read_ms = clock_wall_ms();
    pending->content = *content;
    pending->head = head;
    g_hash_table_replace(catalog->pending.files, key_of_path(card, file->path), pending);
    if (head)
        g_hash_table_add(catalog->pending.likes, key_of_like(content->size, head));
    return true;
}

bool catalog_has_like(Catalog *catalog, int64_t size, uint64_t head, bool *has, Error **err)
{
    g_autofree char *key = key_of_like(size, head);

    *has = g_hash_table_contains(catalog->pending.likes, key);
    return *has ||
           database_has_row(catalog->db, err, has, CATALOG_LIKE, "ii", size, (int64_t) head);
}

/* ---- copies ---- */

bool catalog_copy(Catalog *catalog, const Content *content, const char *destination, char **name,
                  Error **err)
{
    g_autofree char *key = key_of_copy(content, destination);
    const PendingCopy *pending = g_hash_table_lookup(catalog->pending.copies, key);
    DatabaseRow *row = NULL;
    bool found = false;

    *name = NULL;
    if (pending) {
        *name = g_strdup(pending->name);
        return true;
    }
    if (!database_first(catalog->db, err, &row, &found, CATALOG_COPY, "tib", content->xxh128,
                        content->size, destination))
        return false;
    *name = found ? database_bytes(row, 0) : NULL;
    database_finish(row);
    return true;
}

static bool set_copy(Catalog *catalog, const Content *content, const char *destination,
                     const char *name)
{
    PendingCopy *pending = g_new0(PendingCopy, 1);

    pending->content = *content;
    pending->destination = g_strdup(destination);
    pending->name = g_strdup(name);
    g_hash_table_replace(catalog->pending.copies, key_of_copy(content, destination), pending);
    return true;
}

bool catalog_add_copy(Catalog *catalog, const Content *content, const char *destination,
                      const char *name, Error **err G_GNUC_UNUSED)
{
    return set_copy(catalog, content, destination, name);
}

bool catalog_forget_copy(Catalog *catalog, const Content *content, const char *destination,
                         Error **err G_GNUC_UNUSED)
{
    return set_copy(catalog, content, destination, NULL);
}

/* ---- folders ---- */

/* A folder is a place of contents, as a destination is; no path of one begins so. */
static char *place_of(const char *folder)
{
    return g_strconcat("then ", folder, NULL);
}

bool catalog_handed(Catalog *catalog, const Content *content, const char *folder, bool *handed,
                    Error **err)
{
    g_autofree char *place = place_of(folder), *name = NULL;
    bool ok = catalog_copy(catalog, content, place, &name, err);

    *handed = name;
    return ok;
}

bool catalog_add_handed(Catalog *catalog, const Content *content, const char *folder, Error **err)
{
    g_autofree char *place = place_of(folder);

    return catalog_add_copy(catalog, content, place, ".", err);
}

/* ---- numbers ---- */

bool catalog_number(Catalog *catalog, int64_t card, const char *path, int64_t *number, Error **err)
{
    g_autofree char *key = key_of_path(card, path);
    const PendingNumber *pending = g_hash_table_lookup(catalog->pending.numbers, key);
    DatabaseRow *row = NULL;
    bool found = false;

    *number = pending ? pending->number : 0;
    if (pending)
        return true;
    if (!database_first(catalog->db, err, &row, &found, CATALOG_NUMBER, "ib", card, path))
        return false;
    *number = found ? database_int(row, 0) : 0;
    database_finish(row);
    return true;
}

bool catalog_add_number(Catalog *catalog, int64_t card, const char *path, int64_t number,
                        Error **err G_GNUC_UNUSED)
{
    PendingNumber *pending = g_new0(PendingNumber, 1);

    pending->card = card;
    pending->path = g_strdup(path);
    pending->number = number;
    g_hash_table_replace(catalog->pending.numbers, key_of_path(card, path), pending);
    return true;
}

bool catalog_last_number(Catalog *catalog, int64_t card, int64_t *number, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!catalog_flush(catalog, err) ||
        !database_first(catalog->db, err, &row, &found, CATALOG_LAST_NUMBER, "i", card))
        return false;
    *number = found ? database_int(row, 0) : 0;
    database_finish(row);
    return true;
}

/* ---- writing ---- */

static bool write_file(Catalog *catalog, const PendingFile *file, Error **err)
{
    const Content *content = &file->content;

    return database_run(catalog->db, err, CATALOG_ADD_CONTENT, "titti", content->xxh128,
                        content->size, content->md5, content->sha256, (int64_t) file->head) &&
           database_run(catalog->db, err, CATALOG_ADD_FILE, "ibiiiti", file->card, file->path,
                        file->size, file->mtime_ns, file->read_ms, content->xxh128, content->size);
}

static bool write_copy(Catalog *catalog, const PendingCopy *copy, Error **err)
{
    const Content *content = &copy->content;

    if (!copy->name)
        return database_run(catalog->db, err, CATALOG_DROP_COPY, "tib", content->xxh128,
                            content->size, copy->destination);
    return database_run(catalog->db, err, CATALOG_ADD_OLD_CONTENT, "titt", content->xxh128,
                        content->size, content->md5, content->sha256) &&
           database_run(catalog->db, err, CATALOG_ADD_COPY, "tibb", content->xxh128, content->size,
                        copy->destination, copy->name);
}

static bool write_number(Catalog *catalog, const PendingNumber *number, Error **err)
{
    return database_run(catalog->db, err, CATALOG_ADD_NUMBER, "ibi", number->card, number->path,
                        number->number);
}

static bool write_pending(Catalog *catalog, Error **err)
{
    const CatalogPending *pending = &catalog->pending;
    GHashTableIter iter;
    void *one = NULL;
    bool ok = true;

    g_hash_table_iter_init(&iter, pending->records);
    while (ok && g_hash_table_iter_next(&iter, NULL, &one))
        ok = catalog_write_record(catalog, one, err);
    g_hash_table_iter_init(&iter, pending->files);
    while (ok && g_hash_table_iter_next(&iter, NULL, &one))
        ok = write_file(catalog, one, err);
    g_hash_table_iter_init(&iter, pending->copies);
    while (ok && g_hash_table_iter_next(&iter, NULL, &one))
        ok = write_copy(catalog, one, err);
    g_hash_table_iter_init(&iter, pending->numbers);
    while (ok && g_hash_table_iter_next(&iter, NULL, &one))
        ok = write_number(catalog, one, err);
    return ok;
}

static bool has_pending(const CatalogPending *pending)
{
    return g_hash_table_size(pending->records) || g_hash_table_size(pending->files) ||
           g_hash_table_size(pending->copies) || g_hash_table_size(pending->numbers);
}

bool catalog_flush(Catalog *catalog, Error **err)
{
    if (catalog->read_only || !has_pending(&catalog->pending))
        return true;
    if (!database_begin(catalog->db, err) ||
        !database_end(catalog->db, write_pending(catalog, err), err))
        return false;
    catalog_pending_clear(&catalog->pending);
    catalog_pending_init(&catalog->pending);
    catalog->flushed_ms = clock_ms();
    return true;
}
