/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list in pages has each picture once. */
#include "daemon/control/answers.h"
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

static void pages_of_any_length_have_each_picture_of_a_state_once(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
    g_autoptr(Error) error = NULL;
    ControlView view = { .settings = settings_new("x"), .health = health_new() };

    (void) state;
    assert_ok(ledger_open(path, &view.ledger, &error), error);
    fill(view.ledger);
    health_set(view.health, "full", HEALTH_HELD, "its disk is full");
    for (int limit = 1; limit <= PICTURES + 1; limit++)
        assert_pages(&view, limit);
    ledger_close(view.ledger);
    health_free(view.health);
    settings_unref(view.settings);
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_of_any_length_have_each_picture_of_a_state_once),
    };

    return cmocka_run_group_tests_name("control list", tests, NULL, NULL);
}
