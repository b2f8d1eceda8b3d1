/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered of a card: by several processes at once, after a kill, and never too much. */
#include "base/clock.h"
#include "daemon/import/catalog.h"
#include "daemon/ledger/database.h"
#include "tests/unit/check.h"
#include "tests/unit/other_process.h"

#define SECOND INT64_C(1000000000)

static const Import copies = { .other = IMPORT_OTHER_COPY };
static const char *const to[] = { "/srv/a", "/srv/b", NULL };

static int set_up(void **state)
{
    *state = check_mkdir();
    return 0;
}

static int tear_down(void **state)
{
    check_rmdir(*state);
    return 0;
}

static Catalog *open_in(const char *dir)
{
    g_autoptr(Error) error = NULL;
    Catalog *catalog = NULL;

    assert_ok(catalog_open(dir, false, &catalog, &error), error);
    return catalog;
}

/* A source that is no file system of its own. */
static Card *card_at(const char *source)
{
    return card_new(source, NULL);
}

static void add(Card *card, const char *path, int64_t size, int64_t mtime_s)
{
    card_add(card, &copies, path, size, mtime_s * SECOND, false);
}

static Card *two_pictures(const char *source)
{
    Card *card = card_at(source);

    add(card, "DCIM/IMG_1.JPG", 1000, 1700000000);
    add(card, "DCIM/IMG_2.JPG", 2000, 1700000100);
    card_group(card);
    return card;
}

static CardRecord *find(Catalog *catalog, const Card *card, bool expected)
{
    g_autoptr(Error) error = NULL;
    CardRecord *record = NULL;
    bool known = false;

    assert_ok(catalog_find(catalog, card, "cards", to, &record, &known, &error), error);
    assert_int_equal(known, expected);
    return record;
}

static Content content_number(unsigned number)
{
    Content content = { .size = number };

    g_snprintf(content.xxh128, sizeof(content.xxh128), "%032x", number);
    g_snprintf(content.md5, sizeof(content.md5), "%032x", number + 1);
    return content;
}

static void add_file(Catalog *catalog, int64_t card, const CardFile *file, unsigned number)
{
    g_autoptr(Error) error = NULL;
    Content content = content_number(number);

    assert_ok(catalog_add_file(catalog, card, file, &content, number, &error), error);
}

static void flush(Catalog *catalog)
{
    g_autoptr(Error) error = NULL;

    assert_ok(catalog_flush(catalog, &error), error);
}

static bool is_known(Catalog *catalog, int64_t card, const CardFile *file)
{
    g_autoptr(Error) error = NULL;
    Content content;
    bool is_fresh = false, found = false;

    assert_ok(catalog_file(catalog, card, file, 0, &content, &is_fresh, &found, &error), error);
    return found;
}

/* Adds all files of the card, each with a content of its own. */
static void add_files(Catalog *catalog, int64_t id, const Card *card)
{
    for (guint i = 0; i < card->files->len; i++)
        add_file(catalog, id, card->files->pdata[i], i + 1);
    flush(catalog);
}

/* ---- which card it is ---- */

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

/* ---- what is known of files ---- */

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

/* ---- several processes, and their ends ---- */

enum { EACH = 200 };

/* Adds EACH files of a card of its own, one transaction each. */
static bool import_here(const char *dir, const char *source)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Card) card = card_at(source);
    g_autoptr(Error) error = NULL;
    CardRecord *record = NULL;
    bool known = false, ok = true;

    for (int i = 0; i < EACH; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%03d.JPG", i);
        add(card, path, i + 1, i);
    }
    card_group(card);
    if (!catalog_open(dir, false, &catalog, &error) ||
        !catalog_find(catalog, card, "cards", to, &record, &known, &error))
        return false;
    for (guint i = 0; ok && i < card->files->len; i++) {
        Content content = content_number(i + 1);
        ok = catalog_add_file(catalog, record->id, card->files->pdata[i], &content, i, &error) &&
             catalog_add_copy(catalog, &content, source, "x.jpg", &error) &&
             (i % 10 || catalog_flush(catalog, &error));
    }
    record->state = CARD_SAFE;
    record->pid = 0;
    ok = ok && catalog_keep(catalog, record, false, &error);
    card_record_free(record);
    return ok;
}

static bool import_there(const void *user)
{
    return import_here(user, "/media/there");
}

static bool import_and_hold(const void *user)
{
    g_autoptr(Card) card = two_pictures("/media/held");
    g_autoptr(Error) error = NULL;
    Catalog *catalog = NULL; /* it stays open, and its last file is not written */
    CardRecord *record = NULL;
    bool known = false;
    Content content = content_number(5);

    return catalog_open(user, false, &catalog, &error) &&
           catalog_find(catalog, card, "cards", to, &record, &known, &error) &&
           catalog_add_file(catalog, record->id, card->files->pdata[0], &content, 1, &error) &&
           catalog_flush(catalog, &error) &&
           catalog_add_file(catalog, record->id, card->files->pdata[1], &content, 1, &error);
}

static void two_imports_write_at_once(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(GPtrArray) records = NULL;
    pid_t here = fork();

    assert_true(here >= 0);
    if (here == 0)
        _exit(import_here(*state, "/media/here") ? 0 : 1);
    pid_t there = other_process_begin(import_there, *state);
    int status = 0;
    assert_int_equal(waitpid(here, &status, 0), here);
    assert_int_equal(status, 0);
    other_process_end(there);
    g_autoptr(Catalog) catalog = open_in(*state);
    assert_ok(catalog_cards(catalog, 9, &records, &error), error);
    assert_int_equal(records->len, 2);
    for (guint i = 0; i < records->len; i++) {
        const CardRecord *record = records->pdata[i];
        assert_int_equal(record->state, CARD_SAFE);
        for (unsigned n = 1; n <= EACH; n++) {
            g_autofree char *name = NULL;
            Content content = content_number(n);
            assert_ok(catalog_copy(catalog, &content, record->source, &name, &error), error);
            assert_string_equal(name, "x.jpg");
        }
    }
}

static void an_import_that_was_killed_reads_as_interrupted(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Card) card = two_pictures("/media/held");
    pid_t child = other_process_begin(import_and_hold, *state);
    Catalog *reader = NULL;

    assert_ok(catalog_open(*state, true, &reader, &error), error);
    CardRecord *record = find(reader, card, true);
    assert_int_equal(record->state, CARD_READING);
    assert_int_equal(record->pid, child);
    card_record_free(record);
    other_process_end(child);
    record = find(reader, card, true);
    assert_int_equal(record->state, CARD_INTERRUPTED);
    assert_int_equal(record->pid, 0);
    assert_true(record->ended_ms >= record->began_ms);
    assert_true(is_known(reader, record->id, card->files->pdata[0]));
    assert_false(is_known(reader, record->id, card->files->pdata[1]));
    card_record_free(record);
    catalog_close(reader);
    g_autoptr(Catalog) catalog = open_in(*state);
    record = find(catalog, card, true);
    assert_int_equal(record->state, CARD_INTERRUPTED);
    card_record_free(record);
}

static void a_command_that_looks_makes_no_file(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autofree char *missing = g_build_filename(*state, "none", NULL);
    Catalog *catalog = NULL;

    assert_ok(catalog_open(missing, true, &catalog, &error), error);
    assert_null(catalog);
    assert_ok(catalog_open(*state, true, &catalog, &error), error);
    assert_null(catalog);
    assert_int_equal(check_entries(*state), 0);
}

static void a_command_that_looks_changes_nothing(void **state)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Card) card = two_pictures("/media/card");
    Catalog *reader = NULL;

    catalog_close(open_in(*state));
    assert_ok(catalog_open(*state, true, &reader, &error), error);
    CardRecord *record = find(reader, card, false);
    assert_int_equal(record->id, 0);
    add_file(reader, record->id, card->files->pdata[0], 1);
    flush(reader);
    assert_ok(catalog_keep(reader, record, false, &error), error);
    assert_false(catalog_set_assignment(reader, "x", &error));
    card_record_free(record);
    catalog_close(reader);
    g_autoptr(Catalog) catalog = open_in(*state);
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(Error) later = NULL;
    assert_ok(catalog_cards(catalog, 9, &records, &later), later);
    assert_int_equal(records->len, 0);
}

/* ---- damage, and other versions ---- */

static void damage(const char *dir, off_t from)
{
    g_autofree char *path = g_build_filename(dir, "import.db", NULL);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    char noise[512];

    memset(noise, 0xa5, sizeof(noise));
    for (off_t at = from; at < from + 8192; at += (off_t) sizeof(noise))
        assert_int_equal(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
    close(fd);
}

static void check_begins_again(const char *dir)
{
    g_autoptr(Catalog) catalog = open_in(dir);
    g_autoptr(Card) card = two_pictures("/media/held");

    assert_true(g_file_test(catalog_damaged_copy(catalog), G_FILE_TEST_IS_REGULAR));
    CardRecord *record = find(catalog, card, false);
    add_files(catalog, record->id, card);
    card_record_free(record);
}

static void a_damaged_file_is_put_aside_and_a_new_one_begins(void **state)
{
    check_write(*state, "import.db", "this is not a database, and never was one of these, indeed");
    check_begins_again(*state);
}

/* What is damaged behind the first page is found where an import did not come to its end. */
static void damage_is_looked_for_after_a_kill(void **state)
{
    other_process_end(other_process_begin(import_and_hold, *state));
    damage(*state, 8192);
    check_begins_again(*state);
    g_autoptr(Catalog) again = open_in(*state);
    assert_null(catalog_damaged_copy(again));
}

static void a_newer_version_is_refused(void **state)
{
    g_autoptr(Error) error = NULL, later = NULL;
    g_autofree char *path = g_build_filename(*state, "import.db", NULL);
    Database *database = NULL;
    Catalog *catalog = NULL;

    catalog_close(open_in(*state));
    assert_ok(database_open_shared(path, false, "it", &database, &error), error);
    assert_ok(database_execute(database, "PRAGMA user_version = 99", &error), error);
    database_close(database);
    assert_false(catalog_open(*state, false, &catalog, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_null(catalog);
    assert_false(catalog_open(*state, true, &catalog, &later));
    assert_int_equal(later->kind, ERROR_CONFIG);
}

/* As a process leaves it that is killed between making the file and its tables. */
static void an_empty_file_becomes_a_catalog(void **state)
{
    check_write(*state, "import.db", "");
    g_autoptr(Error) error = NULL;
    Catalog *reader = NULL;

    assert_ok(catalog_open(*state, true, &reader, &error), error);
    assert_null(reader);
    g_autoptr(Catalog) catalog = open_in(*state);
    assert_null(catalog_damaged_copy(catalog));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_card_that_comes_again_is_known_by_one_of_its_files),
        TEST(one_that_was_formatted_is_a_new_card),
        TEST(one_without_a_file_that_was_read_is_known_by_its_listing),
        TEST(a_medium_is_known_by_uuid_label_and_size),
        TEST(summer_time_makes_no_new_card),
        TEST(one_file_of_many_says_nothing_of_a_zone),
        TEST(what_was_added_is_known_before_and_after_it_is_written),
        TEST(a_copy_is_replaced_and_forgotten),
        TEST(the_card_with_most_in_common_is_the_mirror),
        TEST(a_record_is_kept_as_it_is),
        TEST(the_newest_cards_come_first),
        TEST(a_forgotten_card_is_new_and_its_copies_stay_known),
        TEST(an_assignment_is_kept_until_it_ends),
        TEST(two_imports_write_at_once),
        TEST(an_import_that_was_killed_reads_as_interrupted),
        TEST(a_command_that_looks_makes_no_file),
        TEST(a_command_that_looks_changes_nothing),
        TEST(a_damaged_file_is_put_aside_and_a_new_one_begins),
        TEST(damage_is_looked_for_after_a_kill),
        TEST(a_newer_version_is_refused),
        TEST(an_empty_file_becomes_a_catalog),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
