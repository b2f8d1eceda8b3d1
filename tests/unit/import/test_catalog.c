/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered of files, of their copies, and of cards. */
#include "base/clock.h"
#include "tests/unit/import/catalog_bench.h"

static void what_was_added_is_known_before_and_after_it_is_written(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Card) card = two_pictures("/media/card");
    Catalog *catalog = open_in(*state);
    CardRecord *record = find(catalog, card, false);
    const CardFile *file = card->files->pdata[0], *other = card->files->pdata[1];
    Content content = content_number(7), read = { 0 };
    int64_t before = clock_wall_ms();

    content.size = 1000;
    assert_ok(catalog_add_file(catalog, record->id, file, &content, UINT64_MAX, &error), error);
    assert_ok(catalog_add_copy(catalog, &content, "/srv/a", "\xff/1.jpg", &error), error);
    assert_ok(catalog_add_number(catalog, record->id, file->path, 12, &error), error);
    for (int turn = 0; turn < 2; turn++) {
        bool is_fresh = false, found = false, has = false;
        g_autofree char *name = NULL, *none = NULL;
        int64_t number = 0, last = 0;
        assert_ok(catalog_file(catalog, record->id, file, before, &read, &is_fresh, &found, &error),
                  error);
        assert_true(found && is_fresh && content_same(&read, &content));
        assert_string_equal(read.md5, content.md5);
        assert_string_equal(read.sha256, "");
        assert_ok(catalog_file(catalog, record->id, file, clock_wall_ms() + 9, &read, &is_fresh,
                               &found, &error),
                  error);
        assert_true(found && !is_fresh);
        assert_false(is_known(catalog, record->id, other));
        assert_false(is_known(catalog, record->id + 1, file));
        assert_ok(catalog_has_like(catalog, 1000, UINT64_MAX, &has, &error), error);
        assert_true(has);
        assert_ok(catalog_has_like(catalog, 1000, 5, &has, &error), error);
        assert_false(has);
        assert_ok(catalog_copy(catalog, &content, "/srv/a", &name, &error), error);
        assert_string_equal(name, "\xff/1.jpg");
        assert_ok(catalog_copy(catalog, &content, "/srv/b", &none, &error), error);
        assert_null(none);
        assert_ok(catalog_number(catalog, record->id, file->path, &number, &error), error);
        assert_int_equal(number, 12);
        if (turn == 1) {
            assert_ok(catalog_last_number(catalog, record->id, &last, &error), error);
            assert_int_equal(last, 12);
        }
        catalog_close(catalog); /* writes it */
        catalog = open_in(*state);
    }
    catalog_close(catalog);
    card_record_free(record);
}

static void a_head_that_was_not_read_replaces_none(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Card) card = two_pictures("/media/card");
    g_autoptr(Catalog) catalog = open_in(*state);
    CardRecord *record = find(catalog, card, false);
    Content content = content_number(7);
    static const uint64_t heads[] = { 5, 0 };
    bool has = true;

    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
        assert_ok(catalog_add_file(catalog, record->id, card->files->pdata[0], &content, heads[i],
                                   &error),
                  error);
        flush(catalog);
    }
    assert_ok(catalog_has_like(catalog, 7, 0, &has, &error), error);
    assert_false(has);
    assert_ok(catalog_has_like(catalog, 7, 5, &has, &error), error);
    assert_true(has);
    card_record_free(record);
}

static void a_copy_is_replaced_and_forgotten(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Catalog) catalog = open_in(*state);
    Content content = content_number(7);

    for (int written = 0; written < 2; written++) {
        g_autofree char *second = NULL, *gone = NULL;
        assert_ok(catalog_add_copy(catalog, &content, "/srv/a", "1.jpg", &error), error);
        if (written)
            flush(catalog);
        assert_ok(catalog_add_copy(catalog, &content, "/srv/a", "2.jpg", &error), error);
        if (written)
            flush(catalog);
        assert_ok(catalog_copy(catalog, &content, "/srv/a", &second, &error), error);
        assert_string_equal(second, "2.jpg");
        assert_ok(catalog_forget_copy(catalog, &content, "/srv/a", &error), error);
        if (written)
            flush(catalog);
        assert_ok(catalog_copy(catalog, &content, "/srv/a", &gone, &error), error);
        assert_null(gone);
    }
}

static void the_card_with_most_in_common_is_the_mirror(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) first = two_pictures("/a"), second = two_pictures("/b"),
                    third = two_pictures("/c");
    CardRecord *a = find(catalog, first, false), *b = find(catalog, second, false),
               *c = find(catalog, third, false), *mirror = NULL;
    int64_t common = 9;

    add_file(catalog, a->id, first->files->pdata[0], 1);
    add_file(catalog, b->id, second->files->pdata[0], 1);
    add_file(catalog, b->id, second->files->pdata[1], 2);
    add_file(catalog, c->id, third->files->pdata[0], 1);
    add_file(catalog, c->id, third->files->pdata[1], 2);
    assert_ok(catalog_mirror(catalog, c->id, &mirror, &common, &error), error);
    assert_int_equal(mirror->id, b->id);
    assert_int_equal(common, 2);
    card_record_free(mirror);
    assert_ok(catalog_mirror(catalog, a->id, &mirror, &common, &error), error);
    assert_null(mirror);
    assert_int_equal(common, 0);
    card_record_free(a);
    card_record_free(b);
    card_record_free(c);
}

/* ---- records ---- */

static void end(Catalog *catalog, CardRecord *record, CardState state)
{
    g_autoptr(Error) error = NULL;

    record->state = state;
    record->pid = 0;
    record->ended_ms = clock_wall_ms();
    record->done = record->files;
    g_free(record->verdict);
    record->verdict = g_strdup("SAFE TO FORMAT: 2 of 2 files on 2 disks");
    assert_ok(catalog_keep(catalog, record, false, &error), error);
}

static void a_record_is_kept_as_it_is(void **state)
{
    static const char *const elsewhere[] = { "/srv/c", NULL };
    g_autoptr(Error) error = NULL;
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("/media/\xff");
    g_autoptr(GPtrArray) records = NULL;
    CardRecord *record = find(catalog, card, false);

    g_strfreev(record->destinations);
    record->destinations = g_strdupv((char *[]){ (char *) (uintptr_t) elsewhere[0], NULL });
    record->reason = g_strdup("no room\nmore");
    end(catalog, record, CARD_SAFE);
    assert_ok(catalog_cards(catalog, 10, &records, &error), error);
    assert_int_equal(records->len, 1);
    const CardRecord *kept = records->pdata[0];
    assert_int_equal(kept->state, CARD_SAFE);
    assert_int_equal(kept->done, 2);
    assert_string_equal(kept->verdict, "SAFE TO FORMAT: 2 of 2 files on 2 disks");
    assert_string_equal(kept->reason, "no room\nmore");
    assert_string_equal(kept->source, "/media/\xff");
    assert_string_equal(kept->import, "cards");
    assert_string_equal(kept->destinations[0], "/srv/c");
    assert_null(kept->destinations[1]);
    card_record_free(record);
}

static void the_newest_cards_come_first(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(GPtrArray) records = NULL;

    for (int i = 0; i < 5; i++) {
        g_autofree char *source = g_strdup_printf("/media/%d", i);
        g_autoptr(Card) card = two_pictures(source);
        card_record_free(find(catalog, card, false));
    }
    assert_ok(catalog_cards(catalog, 2, &records, &error), error);
    assert_int_equal(records->len, 2);
    assert_string_equal(((const CardRecord *) records->pdata[0])->source, "/media/4");
    assert_string_equal(((const CardRecord *) records->pdata[1])->source, "/media/3");
}

static void a_forgotten_card_is_new_and_its_copies_stay_known(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("/media/card");
    CardRecord *record = find(catalog, card, false);
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, record->id), *name = NULL;
    Content content = content_number(1);
    unsigned count = 9;
    bool has = false;

    add_files(catalog, record->id, card);
    assert_ok(catalog_add_copy(catalog, &content, "/srv/a", "1.jpg", &error), error);
    assert_false(catalog_forget(catalog, "/media/card", &count, &error)); /* it is being read */
    assert_int_equal(error->kind, ERROR_CONFIG);
    g_clear_pointer(&error, error_free);
    end(catalog, record, CARD_SAFE);
    assert_ok(catalog_forget(catalog, "EOS", &count, &error), error);
    assert_int_equal(count, 0);
    assert_ok(catalog_forget(catalog, id, &count, &error), error);
    assert_int_equal(count, 1);
    card_record_free(find(catalog, card, false));
    assert_ok(catalog_has_like(catalog, 1, 1, &has, &error), error);
    assert_true(has);
    assert_ok(catalog_copy(catalog, &content, "/srv/a", &name, &error), error);
    assert_string_equal(name, "1.jpg");
    card_record_free(record);
}

static void an_assignment_is_kept_until_it_ends(void **state)
{
    g_autoptr(Error) error = NULL;
    Catalog *catalog = open_in(*state);
    char *text = NULL;

    assert_ok(catalog_assignment(catalog, &text, &error), error);
    assert_null(text);
    assert_ok(catalog_set_assignment(catalog, "Smith wedding", &error), error);
    catalog_close(catalog);
    catalog = open_in(*state);
    assert_ok(catalog_assignment(catalog, &text, &error), error);
    assert_string_equal(text, "Smith wedding");
    g_clear_pointer(&text, g_free);
    assert_ok(catalog_set_assignment(catalog, NULL, &error), error);
    assert_ok(catalog_assignment(catalog, &text, &error), error);
    assert_null(text);
    catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(what_was_added_is_known_before_and_after_it_is_written),
        CATALOG_TEST(a_head_that_was_not_read_replaces_none),
        CATALOG_TEST(a_copy_is_replaced_and_forgotten),
        CATALOG_TEST(the_card_with_most_in_common_is_the_mirror),
        CATALOG_TEST(a_record_is_kept_as_it_is),
        CATALOG_TEST(the_newest_cards_come_first),
        CATALOG_TEST(a_forgotten_card_is_new_and_its_copies_stay_known),
        CATALOG_TEST(an_assignment_is_kept_until_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
