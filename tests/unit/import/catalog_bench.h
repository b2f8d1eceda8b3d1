/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalog_bench.h - a catalog in a directory of its own, and cards for it. */
#pragma once

#include "daemon/import/catalog.h"
#include "tests/unit/check.h"

#define SECOND INT64_C(1000000000)

static const Import copies = { .other = IMPORT_OTHER_COPY };
static const char *const to[] = { "/srv/a", "/srv/b", NULL };

static inline int set_up(void **state)
{
    *state = check_mkdir();
    return 0;
}

static inline int tear_down(void **state)
{
    check_rmdir(*state);
    return 0;
}

static inline Catalog *open_in(const char *dir)
{
    g_autoptr(Error) error = NULL;
    Catalog *catalog = NULL;

    assert_ok(catalog_open(dir, false, &catalog, &error), error);
    return catalog;
}

/* A source that is no file system of its own. */
static inline Card *card_at(const char *source)
{
    return card_new(source, NULL);
}

static inline void add(Card *card, const char *path, int64_t size, int64_t mtime_s)
{
    card_add(card, &copies, path, size, mtime_s * SECOND, false);
}

static inline Card *two_pictures(const char *source)
{
    Card *card = card_at(source);

    add(card, "DCIM/IMG_1.JPG", 1000, 1700000000);
    add(card, "DCIM/IMG_2.JPG", 2000, 1700000100);
    card_group(card);
    return card;
}

static inline CardRecord *find(Catalog *catalog, const Card *card, bool expected)
{
    g_autoptr(Error) error = NULL;
    CardRecord *record = NULL;
    bool known = false;

    assert_ok(catalog_find(catalog, card, "cards", to, &record, &known, &error), error);
    assert_int_equal(known, expected);
    return record;
}

static inline Content content_number(unsigned number)
{
    Content content = { .size = number };

    g_snprintf(content.xxh128, sizeof(content.xxh128), "%032x", number);
    g_snprintf(content.md5, sizeof(content.md5), "%032x", number + 1);
    return content;
}

static inline void add_file(Catalog *catalog, int64_t card, const CardFile *file, unsigned number)
{
    g_autoptr(Error) error = NULL;
    Content content = content_number(number);

    assert_ok(catalog_add_file(catalog, card, file, &content, number, &error), error);
}

static inline void flush(Catalog *catalog)
{
    g_autoptr(Error) error = NULL;

    assert_ok(catalog_flush(catalog, &error), error);
}

static inline bool is_known(Catalog *catalog, int64_t card, const CardFile *file)
{
    g_autoptr(Error) error = NULL;
    Content content;
    bool is_fresh = false, found = false;

    assert_ok(catalog_file(catalog, card, file, 0, &content, &is_fresh, &found, &error), error);
    return found;
}

/* Adds all files of the card, each with a content of its own. */
static inline void add_files(Catalog *catalog, int64_t id, const Card *card)
{
    for (guint i = 0; i < card->files->len; i++)
        add_file(catalog, id, card->files->pdata[i], i + 1);
    flush(catalog);
}

#define CATALOG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
