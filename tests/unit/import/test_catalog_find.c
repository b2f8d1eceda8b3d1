/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card that comes again is known, and one that was formatted is a new one. */
#include "tests/unit/import/catalog_bench.h"

static void a_card_that_comes_again_is_known_by_one_of_its_files(void **state)
{
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("/media/card"), more = card_at("/media/card");
    CardRecord *record = find(catalog, card, false);

    assert_int_equal(record->files, 2);
    assert_int_equal(record->bytes, 3000);
    assert_int_equal(record->pid, getpid());
    assert_int_equal(record->state, CARD_READING);
    assert_string_equal(record->destinations[1], "/srv/b");
    add_files(catalog, record->id, card);
    add(more, "DCIM/IMG_2.JPG", 2000, 1700000100);
    add(more, "DCIM/IMG_3.JPG", 3000, 1700000200);
    card_group(more);
    CardRecord *again = find(catalog, more, true);
    assert_int_equal(again->id, record->id);
    assert_string_equal(again->destinations[0], "/srv/a");
    assert_true(is_known(catalog, again->id, more->files->pdata[0]));
    assert_false(is_known(catalog, again->id, more->files->pdata[1]));
    card_record_free(record);
    card_record_free(again);
}

static void one_that_was_formatted_is_a_new_card(void **state)
{
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("/media/card"), formatted = card_at("/media/card");
    CardRecord *record = find(catalog, card, false);

    add_files(catalog, record->id, card);
    add(formatted, "DCIM/IMG_1.JPG", 1001, 1700000000); /* another size */
    add(formatted, "DCIM/IMG_2.JPG", 2000, 1700000107); /* another time */
    card_group(formatted);
    CardRecord *fresh = find(catalog, formatted, false);
    assert_true(fresh->id != record->id);
    card_record_free(record);
    card_record_free(fresh);
}

static void one_without_a_file_that_was_read_is_known_by_its_listing(void **state)
{
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("/media/card"), elsewhere = two_pictures("/media/other");

    card_record_free(find(catalog, card, false));
    card_record_free(find(catalog, card, true));
    card_record_free(find(catalog, elsewhere, false)); /* two directories are two cards */
}

/* Of a medium of its own, wherever it is mounted; here /proc is one. */
static void a_medium_is_known_by_uuid_label_and_size(void **state)
{
    static char uuid[] = "1234-ABCD", label[] = "EOS", other[] = "NIKON";
    Medium medium = { .uuid = uuid, .label = label, .size = 64 };
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("/proc"), moved = two_pictures("/sys");

    card->medium = moved->medium = &medium;
    CardRecord *record = find(catalog, card, false);
    assert_string_equal(record->name, "EOS");
    add_files(catalog, record->id, card);
    card_record_free(find(catalog, moved, true));
    medium.label = other;
    CardRecord *named = find(catalog, moved, false);
    assert_string_equal(named->name, "NIKON");
    medium.label = label;
    medium.size = 128;
    card_record_free(find(catalog, moved, false));
    medium.size = 64;
    g_autoptr(Card) directory = two_pictures("/proc/sys");
    directory->medium = &medium; /* one of many directories of that file system */
    CardRecord *below = find(catalog, directory, false);
    assert_string_equal(below->name, "/proc/sys");
    card->medium = moved->medium = directory->medium = NULL;
    card_record_free(record);
    card_record_free(named);
    card_record_free(below);
}

static void a_camera_is_the_same_at_another_port(void **state)
{
    static char serial[] = "6001234", model[] = "NIKON Z 9";
    Medium medium = { .uuid = serial, .label = model };
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("NIKON Z 9 at usb:001,004");
    g_autoptr(Card) again = two_pictures("NIKON Z 9 at usb:001,007");

    card->medium = again->medium = &medium;
    CardRecord *record = find(catalog, card, false);
    assert_string_equal(record->name, "NIKON Z 9");
    add_files(catalog, record->id, card);
    card_record_free(find(catalog, again, true));
    card->medium = again->medium = NULL;
    card_record_free(record);
}

static Card *moved_by(int64_t first_s, int64_t second_s)
{
    Card *card = card_at("/media/card");

    add(card, "DCIM/IMG_1.JPG", 1000, 1700000000 + first_s);
    add(card, "DCIM/IMG_2.JPG", 2000, 1700000100 + second_s);
    card_group(card);
    return card;
}

static void summer_time_makes_no_new_card(void **state)
{
    static const struct {
        int64_t first_s, second_s;
        bool same;
    } rows[] = {
        { 3600, 3600, true },
        { -3600, -3600, true },
        { 19800, 19800, true },
        { 900, 900, true },
        { 93600, 93600, true },
        { 94500, 94500, false },
        { 3600, 7200, false },
        { 3601, 3601, false },
        { 3600, 0, true }, /* one is as it was */
        { -93600 - 900, -94500, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *dir = g_strdup_printf("%s/%zu", (const char *) *state, i);
        g_autoptr(Card) card = two_pictures("/media/card");
        g_autoptr(Card) moved = moved_by(rows[i].first_s, rows[i].second_s);
        g_autoptr(Catalog) catalog = open_in(dir);
        CardRecord *record = find(catalog, card, false);
        add_files(catalog, record->id, card);
        Catalog *reader = NULL;
        g_autoptr(Error) error = NULL;
        assert_ok(catalog_open(dir, true, &reader, &error), error);
        CardRecord *seen = find(reader, moved, rows[i].same);
        bool all = rows[i].same && rows[i].first_s == rows[i].second_s;
        assert_int_equal(is_known(reader, seen->id, moved->files->pdata[0]), all);
        catalog_close(reader);
        CardRecord *again = find(catalog, moved, rows[i].same);
        assert_int_equal(is_known(catalog, again->id, moved->files->pdata[0]), all);
        card_record_free(record);
        card_record_free(seen);
        card_record_free(again);
    }
}

static void on_a_disk_that_keeps_utc_other_times_are_other_files(void **state)
{
    static char vfat[] = "vfat", ext4[] = "ext4", fuse[] = "fuse.exfat";
    static char *const types[] = { vfat, ext4, fuse };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *dir = g_strdup_printf("%s/%zu", (const char *) *state, i);
        Medium medium = { .type = types[i] };
        g_autoptr(Catalog) catalog = open_in(dir);
        g_autoptr(Card) card = two_pictures("/media/card"), moved = moved_by(3600, 3600);
        card->medium = moved->medium = &medium;
        CardRecord *record = find(catalog, card, false);
        add_files(catalog, record->id, card);
        card_record_free(find(catalog, moved, types[i] != ext4));
        card->medium = moved->medium = NULL;
        card_record_free(record);
    }
}

/* A few files that look as if they had moved do not make a formatted card the same. */
static void one_file_of_many_says_nothing_of_a_zone(void **state)
{
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(Card) card = two_pictures("/media/card"), formatted = card_at("/media/card");
    CardRecord *record = find(catalog, card, false);

    add_files(catalog, record->id, card);
    add(formatted, "DCIM/IMG_1.JPG", 1000, 1700003600);
    card_group(formatted);
    card_record_free(find(catalog, formatted, false));
    card_record_free(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(a_card_that_comes_again_is_known_by_one_of_its_files),
        CATALOG_TEST(one_that_was_formatted_is_a_new_card),
        CATALOG_TEST(one_without_a_file_that_was_read_is_known_by_its_listing),
        CATALOG_TEST(a_medium_is_known_by_uuid_label_and_size),
        CATALOG_TEST(a_camera_is_the_same_at_another_port),
        CATALOG_TEST(summer_time_makes_no_new_card),
        CATALOG_TEST(on_a_disk_that_keeps_utc_other_times_are_other_files),
        CATALOG_TEST(one_file_of_many_says_nothing_of_a_zone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
