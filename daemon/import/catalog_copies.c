/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All copies in a destination, or of a content: for verifying them. */
#include "daemon/import/catalog_internal.h"

static void free_copy(void *data)
{
    CatalogCopy *copy = data;

    g_free(copy->destination);
    g_free(copy->name);
    g_free(copy);
}

static void set(char *digest, const char *text, size_t room)
{
    g_strlcpy(digest, text ? text : "", room);
}

static CatalogCopy *read_copy(DatabaseRow *row)
{
    CatalogCopy *copy = g_new0(CatalogCopy, 1);

    copy->destination = database_bytes(row, 0);
    copy->name = database_bytes(row, 1);
    copy->content.size = database_int(row, 2);
    set(copy->content.xxh128, database_text(row, 3), sizeof(copy->content.xxh128));
    set(copy->content.md5, database_text(row, 4), sizeof(copy->content.md5));
    set(copy->content.sha256, database_text(row, 5), sizeof(copy->content.sha256));
    return copy;
}

static bool read_all(Catalog *catalog, DatabaseRow *row, bool found, GPtrArray *copies, Error **err)
{
    bool ok = true;

    while (ok && found) {
        g_ptr_array_add(copies, read_copy(row));
        ok = database_next(catalog->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

bool catalog_copies_in(Catalog *catalog, const char *destination, GPtrArray **copies, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    *copies = g_ptr_array_new_with_free_func(free_copy);
    return catalog_flush(catalog, err) &&
           database_first(catalog->db, err, &row, &found, CATALOG_COPIES_IN, "b", destination) &&
           read_all(catalog, row, found, *copies, err);
}

bool catalog_copies_of(Catalog *catalog, const Content *content, GPtrArray **copies, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    *copies = g_ptr_array_new_with_free_func(free_copy);
    return catalog_flush(catalog, err) &&
           database_first(catalog->db, err, &row, &found, CATALOG_COPIES_OF, "ttt", content->xxh128,
                          content->sha256, content->md5) &&
           read_all(catalog, row, found, *copies, err);
}
