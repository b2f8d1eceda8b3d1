/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list in pages has each picture once, and so has what changes many pictures. */
#include "daemon/control/answers.h"
#include "daemon/control/pages.h"
#include "tests/unit/check.h"

enum { PICTURES = 5 };

/* "b.jpg" is the only one of a folder that is held. */
static const char *const sources[PICTURES] = { "e.jpg", "d.jpg", "c.jpg", "b.jpg", "a.jpg" };

static void fill(Ledger *ledger)
{
    g_autoptr(Error) error = NULL;

    for (int i = 0; i < PICTURES; i++) {
        const char *folder = !strcmp(sources[i], "b.jpg") ? "full" : "inbox";
        LedgerOffer offer = { .folder = (char *) (uintptr_t) folder,
                              .source = (char *) (uintptr_t) sources[i],
                              .file = { .ino = 1 + (uint64_t) i } };
        int added = 0;
        assert_ok(ledger_add(ledger, &offer, 1, &added, &error), error);
        assert_int_equal(added, 1);
    }
}

/* Appends the sources of a page, and returns what follows it; newly allocated, NULL: nothing. */
static char *read_page(const ControlView *view, const char *after, int limit, GString *read)
{
    g_autoptr(Request) request = request_new(0);
    g_autoptr(Answer) answer = answer_new();
    const cJSON *picture = NULL;

    g_hash_table_insert(request->values, g_strdup("state"), g_strdup("queued"));
    g_hash_table_insert(request->values, g_strdup("limit"), g_strdup_printf("%d", limit));
    if (after)
        g_hash_table_insert(request->values, g_strdup("after"), g_strdup(after));
    answer_list(view, request, answer);
    assert_int_equal(answer->status, ANSWER_OK);
    cJSON_ArrayForEach(picture, cJSON_GetObjectItem(answer->json, "pictures"))
        g_string_append_printf(read, "%s ",
                               cJSON_GetStringValue(cJSON_GetObjectItem(picture, "source")));
    return g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(answer->json, "next")));
}

static void assert_pages(const ControlView *view, int limit)
{
    g_autoptr(GString) read = g_string_new(NULL);
    char *after = NULL;

    do {
        g_autofree char *before = after;
        after = read_page(view, before, limit, read);
    } while (after);
    assert_string_equal(read->str, "a.jpg c.jpg d.jpg e.jpg ");
}

static double number_at(const Answer *answer, const char *name)
{
    const cJSON *number = cJSON_GetObjectItem(answer->json, name);

    return cJSON_IsNumber(number) ? number->valuedouble : -1;
}

/* All that are queued, of folders that are not configured: each is looked at. */
static char *retry_part(const ControlView *view, const char *after, double *looked_at)
{
    g_autoptr(Request) request = request_new(0);
    g_autoptr(Answer) answer = answer_new();

    g_hash_table_insert(request->values, g_strdup("all"), g_strdup("true"));
    if (after)
        g_hash_table_insert(request->values, g_strdup("after"), g_strdup(after));
    answer_retry(view, request, answer);
    assert_int_equal(answer->status, ANSWER_OK);
    assert_true(number_at(answer, "total") == (after ? -1 : PICTURES));
    *looked_at += number_at(answer, "looked_at");
    return g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(answer->json, "next")));
}

static int count_parts(const ControlView *view)
{
    char *after = NULL;
    double looked_at = 0;
    int parts = 0;

    do {
        g_autofree char *before = after;
        after = retry_part(view, before, &looked_at);
        parts++;
    } while (after);
    assert_true(looked_at == PICTURES);
    return parts;
}

static int set_up(void **state)
{
    ControlView *view = g_new0(ControlView, 1);
    g_autofree char *path = NULL;
    g_autoptr(Error) error = NULL;

    view->settings = settings_new("x");
    view->health = health_new();
    view->user = check_mkdir();
    path = g_build_filename(view->user, "ledger.db", NULL);
    assert_ok(ledger_open(path, &view->ledger, &error), error);
    fill(view->ledger);
    health_set(view->health, "full", HEALTH_HELD, "its disk is full");
    *state = view;
    return 0;
}

static int tear_down(void **state)
{
    ControlView *view = *state;

    ledger_close(view->ledger);
    health_free(view->health);
    settings_unref(view->settings);
    check_rmdir(view->user);
    g_free(view);
    return 0;
}

static void pages_of_any_length_have_each_picture_of_a_state_once(void **state)
{
    for (int limit = 1; limit <= PICTURES + 1; limit++)
        assert_pages(*state, limit);
}

static void cancel(Ledger *ledger, const char *source)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_history(ledger, "inbox", source, 1, entries, &error), error);
    assert_ok(ledger_cancel(ledger, &g_array_index(entries, LedgerEntry, 0).row, "ann",
                            CANCEL_ASKED, &error),
              error);
}

static void pages_have_what_is_left_when_pictures_change_between_them(void **state)
{
    const ControlView *view = *state;
    g_autoptr(GString) read = g_string_new(NULL);

    g_autofree char *second = read_page(view, NULL, 2, read);
    cancel(view->ledger, "a.jpg");
    cancel(view->ledger, "d.jpg");
    g_autofree char *third = read_page(view, second, 2, read);
    assert_string_equal(read->str, "a.jpg c.jpg e.jpg ");
    assert_null(third);
}

static void an_answer_that_has_taken_its_time_leaves_the_rest_to_the_next_one(void **state)
{
    ControlView *view = *state;

    assert_int_equal(count_parts(view), 1);
    view->turn_ms = -1;
    assert_int_equal(count_parts(view), PICTURES);
    assert_pages(view, PICTURES);
}

/* Of pictures in any state: those of a folder that are looked at by name. */
static void names_in_parts_are_as_many_as_their_total(void **state)
{
    ControlView *view = *state;
    Folder folder = { .name = (char *) (uintptr_t) "inbox" };
    double looked_at = 0, total = -1;
    char *after = NULL;

    view->turn_ms = -1;
    do {
        g_autofree char *before = after;
        g_autoptr(Request) request = request_new(0);
        g_autoptr(Answer) answer = answer_new();
        g_autoptr(Error) error = NULL;
        g_auto(Pages) pages = { 0 };

        if (before)
            g_hash_table_insert(request->values, g_strdup("after"), g_strdup(before));
        pages_begin_names(&pages, view, request, &folder);
        assert_true(pages_add_total(&pages, request, answer));
        total = before ? total : number_at(answer, "total");
        while (pages_next(&pages, &error))
            continue;
        assert_null(error);
        pages_end(&pages, answer);
        looked_at += number_at(answer, "looked_at");
        after = g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(answer->json, "next")));
    } while (after);
    assert_true(looked_at == PICTURES - 1 && total == looked_at);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_of_any_length_have_each_picture_of_a_state_once),
        TEST(pages_have_what_is_left_when_pictures_change_between_them),
        TEST(names_in_parts_are_as_many_as_their_total),
        TEST(an_answer_that_has_taken_its_time_leaves_the_rest_to_the_next_one),
    };

    return cmocka_run_group_tests_name("control list", tests, NULL, NULL);
}
