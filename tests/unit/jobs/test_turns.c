/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which picture begins next, with the real ledger: examples of each rule, and histories of several
 * folders in which none may wait longer than turns.h says. Chance comes from the history's number.
 */
#include "base/clock.h"
#include "daemon/jobs/turns.h"
#include "tests/unit/check.h"

enum {
    HISTORIES = 12,
    FOLDERS_MAX = 4,
    STARTS = 1200,
    BURST_MAX = 24, /* pictures that arrive at once */
};

typedef struct Picture {
    unsigned folder;
    bool began, retry;
    unsigned arrived; /* how many starts there were then */
    unsigned as_old;  /* pictures of its folder that had not begun, with itself */
} Picture;

typedef struct World {
    Ledger *ledger;
    Turns *turns;
    Settings settings;
    Folder folders[FOLDERS_MAX];
    GArray *pictures; /* of Picture; the ino of a file is its index and 1 */
    unsigned starts;
    int64_t now;
    GRand *chance;
} World;

static World world;

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): the linker's names */
int64_t __wrap_clock_ms(void);

int64_t __wrap_clock_ms(void)
{
    return world.now;
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* The folders are those of the settings. */
static void must_not_free(void *folder)
{
    fail_msg("folder %s was freed", ((const Folder *) folder)->name);
}

static int set_up(void **state)
{
    static const char *const names[FOLDERS_MAX] = { "a", "b", "c", "d" };
    g_autoptr(Error) error = NULL;

    (void) state;
    world = (World){ .now = 1 };
    world.turns = turns_new();
    world.pictures = g_array_new(FALSE, TRUE, sizeof(Picture));
    world.settings.folders = g_ptr_array_new_with_free_func(must_not_free);
    for (int i = 0; i < FOLDERS_MAX; i++)
        world.folders[i] = (Folder){ .name = (char *) (uintptr_t) names[i], .priority = 5 };
    assert_ok(ledger_open(NULL, &world.ledger, &error), error);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    ledger_close(world.ledger);
    turns_free(world.turns);
    g_array_unref(world.pictures);
    g_ptr_array_set_free_func(world.settings.folders, NULL);
    g_ptr_array_unref(world.settings.folders);
    return 0;
}

static void have_folders(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        g_ptr_array_add(world.settings.folders, &world.folders[i]);
}

static void arrive_as(unsigned folder, const char *source)
{
    Picture picture = { .folder = folder, .arrived = world.starts, .as_old = 1 };
    FileId file = { .ino = world.pictures->len + 1, .size = 1 };
    LedgerOffer offer = {
        world.folders[folder].name, (char *) (uintptr_t) source, file, false, { 0 }
    };
    g_autoptr(Error) error = NULL;

    for (guint i = 0; i < world.pictures->len; i++) {
        const Picture *other = &g_array_index(world.pictures, Picture, i);
        picture.as_old += other->folder == folder && !other->began;
    }
    assert_ok(ledger_add(world.ledger, &offer, 1, NULL, &error), error);
    g_array_append_val(world.pictures, picture);
}

static void arrive(unsigned folder, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *source = g_strdup_printf("%u.jpg", world.pictures->len);
        arrive_as(folder, source);
    }
}

/* Takes the picture whose turn it is; false: none is due. */
static bool take(LedgerRow *row)
{
    g_autoptr(GPtrArray) folders = turns_folders(world.turns, &world.settings);
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    assert_int_equal(folders->len, world.settings.folders->len);
    for (guint i = 0; i < folders->len && !rows->len; i++)
        assert_ok(turns_take(world.turns, world.ledger, folders->pdata[i], true, rows, &error),
                  error);
    if (!rows->len)
        return false;
    *row = g_array_index(rows, LedgerRow, 0);
    return true;
}

/* It was chosen, and does not begin now. */
static void change_mind(void)
{
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) error = NULL;

    if (!take(&row))
        return;
    assert_ok(ledger_release(world.ledger, &row, &error), error);
    turns_take_back(world.turns);
}

/* It ends, or is a retry in delay_ms. */
static void begin(LedgerRow *row, int64_t delay_ms)
{
    Picture *picture = &g_array_index(world.pictures, Picture, row->file.ino - 1);
    g_autoptr(Error) error = NULL;

    world.starts++;
    picture->began = true;
    picture->retry = delay_ms > 0;
    assert_ok(ledger_begin(world.ledger, row, NULL, &error), error);
    if (delay_ms)
        assert_ok(ledger_defer(world.ledger, row, delay_ms, true, CRASH_NONE, NULL, &error), error);
    else
        assert_ok(ledger_done(world.ledger, row, ORIGINAL_STAYS, false, &error), error);
}

/* The first letters of the folders, or of the names, of the next pictures. */
static char *begin_some(int count, bool names)
{
    GString *letters = g_string_new(NULL);

    for (int i = 0; i < count; i++) {
        g_auto(LedgerRow) row = { 0 };
        assert_true(take(&row));
        g_string_append_c(letters, names ? *row.source : *row.folder);
        begin(&row, 0);
    }
    return g_string_free(letters, FALSE);
}

static void check_folders(const char *expected)
{
    g_autofree char *folders = begin_some((int) strlen(expected), false);

    assert_string_equal(folders, expected);
}

static void check_names(const char *expected)
{
    g_autofree char *names = begin_some((int) strlen(expected), true);

    assert_string_equal(names, expected);
}

/* ---- folders ---- */

static void folders_of_the_same_priority_take_turns(void **state)
{
    (void) state;
    have_folders(3);
    arrive(0, 20);
    arrive(1, 20);
    check_folders("abababab");
    arrive(2, 1);
    check_folders("cabab");
}

static void a_higher_priority_begins_first_and_every_eighth_start_is_of_a_lower_one(void **state)
{
    (void) state;
    have_folders(4);
    world.folders[1].priority = 9;
    world.folders[3].priority = 0;
    for (unsigned i = 0; i < 4; i++)
        arrive(i, 40);
    check_folders("bbbbbbba"
                  "bbbbbbbc"
                  "bbbbbbbd"
                  "bbbbbbba");
}

static void the_lower_ones_have_all_starts_that_the_higher_one_does_not_need(void **state)
{
    (void) state;
    have_folders(3);
    world.folders[2].priority = 6;
    arrive(0, 40);
    arrive(1, 40);
    check_folders("aba");
    arrive(2, 2);
    check_folders("ccbabab");
}

/* ---- the pictures of a folder ---- */

static const char abc[] = "abcdefghijklmnopqrstuvwxyz";

static void arrive_in_order(const char *letters)
{
    for (; *letters; letters++) {
        g_autofree char *source = g_strdup_printf("%c.jpg", *letters);
        arrive_as(0, source);
    }
}

static void with_newest_every_eighth_is_the_oldest(void **state)
{
    (void) state;
    have_folders(1);
    world.folders[0].order = ORDER_NEWEST;
    arrive_in_order(abc);
    check_names("zyxwvuta"
                "srq");
    arrive_in_order("1");
    check_names("1pon"
                "bml");
}

static void with_name_every_eighth_is_the_oldest(void **state)
{
    (void) state;
    have_folders(1);
    world.folders[0].order = ORDER_NAME;
    arrive_in_order("zyxwvutsrqponmlkjihgfedcba");
    check_names("abcdefgz"
                "hijklmny");
}

static void what_was_chosen_and_did_not_begin_does_not_count(void **state)
{
    (void) state;
    have_folders(2);
    world.folders[0].order = ORDER_NEWEST;
    world.folders[1].priority = 0;
    arrive_in_order(abc);
    arrive(1, 1);
    for (int i = 0; i < 7; i++) {
        change_mind();
        check_folders("a");
        change_mind();
        change_mind();
    }
    arrive_in_order("1");
    check_folders("b");
    check_names("a1s");
}

static void a_change_of_the_settings_counts_for_the_next_start(void **state)
{
    (void) state;
    have_folders(2);
    arrive_in_order(abc);
    arrive(1, 3);
    check_folders("aba");
    world.folders[0].order = ORDER_NEWEST;
    world.folders[0].priority = 6;
    check_names("zyx");
    world.folders[0].order = ORDER_OLDEST;
    check_names("c");
}

static void an_order_or_a_priority_of_its_own_lets_arrivals_come_first(void **state)
{
    (void) state;
    assert_false(turns_may_change(&world.settings));
    have_folders(2);
    assert_false(turns_may_change(&world.settings));
    world.folders[1].order = ORDER_NAME;
    assert_true(turns_may_change(&world.settings));
    world.folders[1].order = ORDER_OLDEST;
    world.folders[1].priority = 4;
    assert_true(turns_may_change(&world.settings));
    world.folders[0].priority = 4;
    assert_false(turns_may_change(&world.settings));
}

/* ---- histories ---- */

static int chance(int below)
{
    return g_rand_int_range(world.chance, 0, below);
}

static bool same_priorities(void)
{
    for (guint i = 1; i < world.settings.folders->len; i++)
        if (world.folders[i].priority != world.folders[0].priority)
            return false;
    return true;
}

/* As turns.h says it; with what does not apply left out. */
static unsigned starts_until(const Picture *picture, bool retries)
{
    const Folder *folder = &world.folders[picture->folder];
    unsigned starts = world.settings.folders->len * picture->as_old;

    if (retries)
        starts *= 2;
    if (folder->order != ORDER_OLDEST)
        starts *= TURNS_FAIR;
    return same_priorities() ? starts : starts * TURNS_FAIR;
}

static void check_waits(guint32 seed, bool retries)
{
    for (guint i = 0; i < world.pictures->len; i++) {
        const Picture *picture = &g_array_index(world.pictures, Picture, i);
        if (!picture->began && world.starts - picture->arrived > starts_until(picture, retries))
            fail_msg("history %u, picture %u: it waits for more than %u starts", seed, i,
                     starts_until(picture, retries));
    }
}

static void draw_world(guint32 seed)
{
    have_folders(1 + seed % FOLDERS_MAX);
    for (guint i = 0; i < world.settings.folders->len; i++) {
        world.folders[i].order = (Order) chance(ORDER_NAME + 1);
        world.folders[i].priority = seed % 2 ? chance(10) : 5;
    }
}

/* More pictures arrive than begin. */
static void arrive_somewhere(void)
{
    if (chance(BURST_MAX / 2) == 0)
        arrive((unsigned) chance((int) world.settings.folders->len), 1 + chance(BURST_MAX));
    else if (chance(2))
        arrive((unsigned) chance((int) world.settings.folders->len), 1);
}

static void live(guint32 seed, bool retries)
{
    while (world.starts < STARTS) {
        g_auto(LedgerRow) row = { 0 };

        world.now++;
        arrive_somewhere();
        if (chance(3) == 0)
            change_mind();
        if (take(&row)) {
            bool again = retries && row.attempt == 1 && chance(2);
            begin(&row, again ? 1 + chance(30) : 0);
        }
        if (world.starts % 16 == 0)
            check_waits(seed, retries);
    }
}

static void no_picture_waits_for_more_starts_than_said(void **state)
{
    for (guint32 seed = 1; seed <= HISTORIES; seed++) {
        world.chance = g_rand_new_with_seed(seed);
        draw_world(seed);
        live(seed, seed % 3 == 0);
        g_rand_free(world.chance);
        tear_down(state);
        set_up(state);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(folders_of_the_same_priority_take_turns),
        TEST(a_higher_priority_begins_first_and_every_eighth_start_is_of_a_lower_one),
        TEST(the_lower_ones_have_all_starts_that_the_higher_one_does_not_need),
        TEST(with_newest_every_eighth_is_the_oldest),
        TEST(with_name_every_eighth_is_the_oldest),
        TEST(what_was_chosen_and_did_not_begin_does_not_count),
        TEST(a_change_of_the_settings_counts_for_the_next_start),
        TEST(an_order_or_a_priority_of_its_own_lets_arrivals_come_first),
        TEST(no_picture_waits_for_more_starts_than_said),
    };

    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
