/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is news, and what is remembered of it. */
#include "daemon/digest/news.h"
#include "tests/unit/check.h"

#define SECOND INT64_C(1000)
#define NOW    (1000000 * SECOND)
#define IDLE   (30 * SECOND)

enum { ALL = (1 << NOTICE_KINDS) - 1 };

static void check_kinds(const FolderMemory *folder, unsigned on, int64_t now, unsigned kinds)
{
    assert_int_equal(news_of_folder(folder, on, now), kinds);
}

/* ---- held and resumed ---- */

static void a_folder_that_stays_held_is_news_once(void **state)
{
    FolderMemory folder = { .here = true };

    (void) state;
    news_see_state(&folder, false, NOW);
    news_see_state(&folder, true, NOW + SECOND);
    check_kinds(&folder, ALL, NOW + 2 * SECOND, 0);
    news_see_state(&folder, true, NOW + 6 * SECOND);
    check_kinds(&folder, ALL, NOW + 6 * SECOND, 1U << NOTICE_HELD);
    folder.held = 1; /* it was sent */
    check_kinds(&folder, ALL, NOW + 7 * SECOND, 0);
    news_see_state(&folder, false, NOW + 8 * SECOND);
    check_kinds(&folder, ALL, NOW + 13 * SECOND, 1U << NOTICE_RESUMED);
}

static void a_folder_that_flaps_is_no_news(void **state)
{
    FolderMemory folder = { .here = true };

    (void) state;
    for (int i = 0; i < 100; i++) {
        news_see_state(&folder, i % 2, NOW + 4 * SECOND * i);
        check_kinds(&folder, ALL, NOW + 4 * SECOND * i + 3 * SECOND, 0);
    }
    news_see_state(&folder, false, NOW + 400 * SECOND);
    check_kinds(&folder, ALL, NOW + 1000 * SECOND, 0);
}

static void a_state_that_the_notice_is_not_about_counts_as_sent(void **state)
{
    FolderMemory folder = { .here = true, .held = 1 };
    const unsigned only_held = 1U << NOTICE_HELD;

    (void) state;
    news_see_state(&folder, false, NOW);
    check_kinds(&folder, only_held, NOW + 6 * SECOND, 0);
    assert_true(news_skip_state(&folder, only_held, NOW + 6 * SECOND));
    assert_int_equal(folder.held, 0);
    news_see_state(&folder, true, NOW + 7 * SECOND);
    check_kinds(&folder, only_held, NOW + 13 * SECOND, only_held);
    assert_false(news_skip_state(&folder, only_held, NOW + 13 * SECOND));
}

/* ---- idle ---- */

static bool see(FolderMemory *folder, int64_t end, bool unfinished, int64_t now)
{
    const FolderEnds ends = { { 0, 0 }, { end, now }, unfinished, now };

    return news_see_ends(folder, &ends, IDLE, now);
}

static void a_batch_is_over_when_nothing_is_to_be_done_for_some_time(void **state)
{
    FolderMemory folder = { .here = true, .failed = MEMORY_NONE, .done = MEMORY_NONE };

    (void) state;
    assert_false(see(&folder, 0, false, NOW));
    assert_false(see(&folder, 5, true, NOW + SECOND));
    assert_false(see(&folder, 5, true, NOW + 60 * SECOND)); /* the next one takes long */
    assert_false(see(&folder, 6, false, NOW + 61 * SECOND));
    assert_false(see(&folder, 6, false, NOW + 90 * SECOND));
    assert_true(see(&folder, 6, false, NOW + 91 * SECOND));
    assert_false(see(&folder, 6, false, NOW + 92 * SECOND));
    check_kinds(&folder, ALL, NOW + 92 * SECOND, 1U << NOTICE_IDLE);
}

static void a_batch_that_is_over_stays_news_while_the_next_one_goes_on(void **state)
{
    FolderMemory folder = { .here = true, .failed = MEMORY_NONE, .done = MEMORY_NONE };

    (void) state;
    see(&folder, 6, false, NOW);
    assert_true(see(&folder, 6, false, NOW + 31 * SECOND));
    assert_false(see(&folder, 7, true, NOW + 32 * SECOND));
    check_kinds(&folder, ALL, NOW + 32 * SECOND, 1U << NOTICE_IDLE);
    assert_int_equal(folder.batch, 6);
    folder.idle = 6, folder.batch = 0; /* it was sent */
    check_kinds(&folder, ALL, NOW + 33 * SECOND, 0);
    see(&folder, 7, false, NOW + 34 * SECOND);
    assert_true(see(&folder, 7, false, NOW + 64 * SECOND));
}

/* A sender that begins knows by the clock of the wall how long ago the last picture ended. */
static void after_a_restart_it_waits_for_the_rest_of_the_time(void **state)
{
    static const struct {
        int64_t ago, wait;
    } cases[] = { { 10 * SECOND, 20 * SECOND }, { 999 * SECOND, 0 }, { -999 * SECOND, IDLE } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        FolderMemory folder = { .here = true };
        const FolderEnds ends = { { 9, NOW - cases[i].ago }, { 0 }, false, NOW };
        bool now = news_see_ends(&folder, &ends, IDLE, NOW);
        assert_int_equal(now, cases[i].wait == 0);
        if (now)
            continue;
        assert_false(news_see_ends(&folder, &ends, IDLE, NOW + cases[i].wait - 1));
        assert_true(news_see_ends(&folder, &ends, IDLE, NOW + cases[i].wait));
    }
}

/* ---- ends ---- */

static void only_what_ended_behind_the_mark_is_news(void **state)
{
    FolderMemory folder = { .here = true, .failed = 5, .done = MEMORY_NONE, .idle = MEMORY_NONE };

    (void) state;
    folder.newest_failed = 5, folder.newest_done = 9;
    check_kinds(&folder, ALL, NOW, 0);
    folder.newest_failed = 10;
    check_kinds(&folder, ALL, NOW, 1U << NOTICE_FAILED);
    folder.done = 5;
    check_kinds(&folder, ALL, NOW, 1U << NOTICE_FAILED | 1U << NOTICE_DONE);
    folder.here = false;
    check_kinds(&folder, ALL, NOW, 0);
}

/* ---- settings ---- */

static Settings *settings_of(const char *names)
{
    Settings *settings = settings_new("a.conf");

    for (; *names; names++) {
        Folder *folder = g_new0(Folder, 1);
        folder->name = g_strndup(names, 1);
        g_ptr_array_add(settings->folders, folder);
    }
    return settings;
}

static void follow(Memory *memory, unsigned on, const char *const *folders, const char *names,
                   int64_t last_end)
{
    g_autoptr(Settings) settings = settings_of(names);
    const Notice notice = { .on = on, .folders = (char **) (uintptr_t) folders };

    memory_follow(memory, &notice, settings, last_end);
}

static void check_mark(const Memory *memory, const char *folder, int64_t failed, int64_t done)
{
    const FolderMemory *known = memory_find(memory, folder);

    assert_non_null(known);
    assert_int_equal(known->failed, failed);
    assert_int_equal(known->done, done);
}

static void what_is_new_in_a_notice_reports_no_history(void **state)
{
    const unsigned failed = 1U << NOTICE_FAILED, done = 1U << NOTICE_DONE;
    g_auto(Memory) memory = { 0 };

    (void) state;
    memory_init(&memory);
    follow(&memory, failed, NULL, "a", 100);
    check_mark(&memory, "a", 100, MEMORY_NONE);
    follow(&memory, failed, NULL, "ab", 200); /* a folder */
    check_mark(&memory, "a", 100, MEMORY_NONE);
    check_mark(&memory, "b", 200, MEMORY_NONE);
    follow(&memory, failed | done, NULL, "ab", 300); /* a kind */
    check_mark(&memory, "a", 100, 300);
    follow(&memory, done, NULL, "ab", 400);
    follow(&memory, failed | done, NULL, "ab", 500); /* it was taken out meanwhile */
    check_mark(&memory, "a", 500, 300);
}

static void a_folder_that_is_not_configured_now_keeps_its_mark(void **state)
{
    const unsigned failed = 1U << NOTICE_FAILED;
    const char *const only_a[] = { "a", NULL };
    g_auto(Memory) memory = { 0 };

    (void) state;
    memory_init(&memory);
    follow(&memory, failed, NULL, "ab", 100);
    follow(&memory, failed, NULL, "a", 200);
    assert_false(memory_find(&memory, "b")->here);
    follow(&memory, failed, NULL, "ab", 300);
    assert_true(memory_find(&memory, "b")->here);
    check_mark(&memory, "b", 100, MEMORY_NONE);
    follow(&memory, failed, only_a, "ab", 400); /* a person has taken it out of the notice */
    assert_null(memory_find(&memory, "b"));
    follow(&memory, failed, NULL, "ab", 500);
    check_mark(&memory, "b", 500, MEMORY_NONE);
}

/* ---- cards ---- */

static GPtrArray *cards_of(int64_t id, CardState card, int64_t ended)
{
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify) card_record_free);
    CardRecord *record = g_new0(CardRecord, 1);

    record->id = id;
    record->name = g_strdup("EOS");
    record->state = card;
    record->ended_ms = ended;
    g_ptr_array_add(records, record);
    return records;
}

/* Whether it is news; then it is sent. */
static bool card_is_news(Memory *memory, int64_t id, CardState card, int64_t ended)
{
    g_autoptr(GPtrArray) records = cards_of(id, card, ended);
    g_auto(News) news = { 0 };

    news_see_cards(memory, records);
    news_init(&news);
    if (news_is_card(memory, records->pdata[0]))
        news_add_card(&news, records->pdata[0]);
    bool is = !news_is_empty(&news);
    if (is)
        news_sent(memory, &news, NOW);
    return is;
}

static void a_card_is_news_with_each_verdict_and_each_end(void **state)
{
    g_auto(Memory) memory = { 0 };

    (void) state;
    memory_init(&memory);
    assert_false(card_is_news(&memory, 1, CARD_SAFE, 100)); /* it was there before the notice */
    assert_false(card_is_news(&memory, 1, CARD_READING, 100));
    assert_true(card_is_news(&memory, 1, CARD_HELD, 0));
    assert_false(card_is_news(&memory, 1, CARD_HELD, 0));
    assert_false(card_is_news(&memory, 1, CARD_READING, 0));
    assert_true(card_is_news(&memory, 1, CARD_HELD, 0));
    assert_true(card_is_news(&memory, 1, CARD_INTERRUPTED, 150));
    assert_true(card_is_news(&memory, 1, CARD_SAFE, 200));
    assert_false(card_is_news(&memory, 1, CARD_SAFE, 200));
    assert_true(card_is_news(&memory, 1, CARD_SAFE, 300));
    assert_false(card_is_news(&memory, 2, CARD_READING, 0));
    assert_true(card_is_news(&memory, 2, CARD_NOT_SAFE, 400));
}

/* ---- marks ---- */

static void the_memory_comes_back_from_its_marks(void **state)
{
    g_auto(Memory) memory = { 0 }, back = { 0 };

    (void) state;
    memory_init(&memory);
    memory_init(&back);
    follow(&memory, ALL, NULL, "ab", 100);
    memory_find(&memory, "a")->failed = 150;
    memory_find(&memory, "a")->batch = 160;
    memory_find(&memory, "b")->held = 1;
    memory_keep_card(&memory, 7, 1234, "safe");
    memory.knows_cards = true;
    memory.sent_wall_ms = 55;
    g_autoptr(GArray) marks = memory_marks(&memory);
    memory_read(&back, marks);
    assert_false(back.changed);
    check_mark(&back, "a", 150, 100);
    assert_int_equal(memory_find(&back, "a")->batch, 160);
    assert_int_equal(memory_find(&back, "a")->idle, 100);
    assert_int_equal(memory_find(&back, "a")->held, 0);
    assert_int_equal(memory_find(&back, "b")->held, 1);
    assert_int_equal(memory_find(&back, "")->held, 0);
    assert_int_equal(memory_find(&back, "")->failed, MEMORY_NONE);
    assert_string_equal(memory_find_card(&back, 7)->state, "safe");
    assert_int_equal(memory_find_card(&back, 7)->ended_ms, 1234);
    assert_true(back.knows_cards);
    assert_int_equal(back.sent_wall_ms, 55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_stays_held_is_news_once),
        cmocka_unit_test(a_folder_that_flaps_is_no_news),
        cmocka_unit_test(a_state_that_the_notice_is_not_about_counts_as_sent),
        cmocka_unit_test(a_batch_is_over_when_nothing_is_to_be_done_for_some_time),
        cmocka_unit_test(a_batch_that_is_over_stays_news_while_the_next_one_goes_on),
        cmocka_unit_test(after_a_restart_it_waits_for_the_rest_of_the_time),
        cmocka_unit_test(only_what_ended_behind_the_mark_is_news),
        cmocka_unit_test(what_is_new_in_a_notice_reports_no_history),
        cmocka_unit_test(a_folder_that_is_not_configured_now_keeps_its_mark),
        cmocka_unit_test(a_card_is_news_with_each_verdict_and_each_end),
        cmocka_unit_test(the_memory_comes_back_from_its_marks),
    };

    return cmocka_run_group_tests_name("news", tests, NULL, NULL);
}
