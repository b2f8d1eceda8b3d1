/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A page of the status fits on every terminal, and begins with what needs a person. */
#include "command/screen.h"
#include "tests/unit/check.h"

static void assert_shortened(const char *text, int columns, const char *expected)
{
    g_autofree char *shown = screen_shorten(text, columns);

    assert_string_equal(shown, expected);
    assert_true(screen_width(shown) <= columns);
}

static void a_long_text_loses_its_middle(void **state)
{
    (void) state;
    assert_shortened("beach.jpg", 9, "beach.jpg");
    assert_shortened("IMG_20240501_140211.jpg", 13, "IMG_2...1.jpg");
    assert_shortened("abcdef", 3, "...");
    assert_shortened("abcdef", 1, ".");
    assert_shortened("abcdef", 0, "");
    assert_shortened("海辺...jpg", 10, "海辺...jpg");
    assert_shortened("e\xcc\x81t\xc3\xa9", 3, "e\xcc\x81t\xc3\xa9"); /* é in two ways: 3 columns */
}

static void add_folder(cJSON *folders, const char *name, const char *state, const char *reason,
                       double queued)
{
    cJSON *folder = cJSON_CreateObject();

    cJSON_AddStringToObject(folder, "name", name);
    cJSON_AddStringToObject(folder, "state", state);
    if (reason)
        cJSON_AddStringToObject(folder, "reason", reason);
    cJSON_AddNumberToObject(folder, "queued", queued);
    if (queued > 0) {
        cJSON_AddStringToObject(folder, "oldest_queued", "a picture of a beach at noon, large.jpg");
        cJSON_AddStringToObject(folder, "oldest_queued_since", "2024-05-01T14:02:00Z");
        cJSON_AddNumberToObject(folder, "time_left_s", 200);
    }
    cJSON_AddItemToArray(folders, folder);
}

static cJSON *status_of(int quiet, int jobs)
{
    cJSON *status = cJSON_CreateObject();
    cJSON *folders = cJSON_AddArrayToObject(status, "folders");
    cJSON *list = cJSON_AddArrayToObject(status, "jobs");

    cJSON_AddStringToObject(status, "version", "1.0");
    for (int i = 0; i < quiet; i++) {
        g_autofree char *name = g_strdup_printf("quiet %d", i);
        add_folder(folders, name, "available", NULL, 0);
    }
    add_folder(folders, "busy", "available", NULL, 3);
    add_folder(folders, "paused", "paused", "by ann since 14:02", 1);
    add_folder(folders, "held", "held", "the disk is full", 1);
    add_folder(folders, "gone", "unavailable", "the directory is missing", 0);
    for (int i = 0; i < jobs; i++) {
        cJSON *job = cJSON_CreateObject();
        cJSON_AddStringToObject(job, "folder", "busy");
        cJSON_AddStringToObject(job, "picture", "directory/a picture of a beach at noon.jpg");
        cJSON_AddNumberToObject(job, "for_s", 100);
        cJSON_AddItemToArray(list, job);
    }
    return status;
}

static char *page(const cJSON *status, int rows, int columns)
{
    g_autoptr(GArray) lines = screen_lines(status, NULL, rows, columns);
    GString *text = g_string_new(NULL);

    assert_true((int) lines->len <= rows);
    for (guint i = 0; i < lines->len; i++) {
        const ScreenLine *line = &g_array_index(lines, ScreenLine, i);
        assert_true(screen_width(line->text) <= columns);
        g_string_append_printf(text, "%s\n", line->text);
    }
    return g_string_free(text, FALSE);
}

static void every_page_fits(void **state)
{
    (void) state;
    for (int folders = 0; folders < 40; folders += 13)
        for (int jobs = 0; jobs < 20; jobs += 9) {
            cJSON *status = status_of(folders, jobs);
            for (int rows = 1; rows < 60; rows++)
                for (int columns = 1; columns < 140; columns += 23)
                    g_free(page(status, rows, columns));
            cJSON_Delete(status);
        }
}

static void what_needs_a_person_comes_first_and_the_rest_is_counted(void **state)
{
    cJSON *status = status_of(20, 3);
    g_autofree char *text = page(status, 24, 79);
    static const char *const order[] = { "\nfolder ",
                                         "\ngone ",
                                         "\n  the directory is missing\n",
                                         "\nheld ",
                                         "\n  the disk is full\n",
                                         "\npaused ",
                                         "\n  by ann since 14:02\n",
                                         "\nbusy ",
                                         "\nquiet 0 ",
                                         "\nand 11 more folders: `hotfolder status`\n",
                                         "\nworker: busy: ",
                                         ", for 2 min\n" };

    (void) state;
    const char *at = text;
    for (size_t i = 0; at && i < G_N_ELEMENTS(order); i++) {
        const char *found = strstr(at, order[i]);
        if (!found)
            fail_msg("%s is not there, or not behind the one before, in:\n%s", order[i], text);
        at = found;
    }
    cJSON_Delete(status);
}

static void where_there_is_room_a_backlog_is_described(void **state)
{
    cJSON *status = status_of(0, 0);
    g_autofree char *text = page(status, 24, 79);

    (void) state;
    assert_non_null(strstr(text, "\n  3 min left; oldest since "));
    assert_null(strstr(text, "more folder"));
    cJSON_Delete(status);
}

static void add_card(cJSON *cards, const char *name, const char *state, bool may)
{
    cJSON *card = cJSON_CreateObject();

    cJSON_AddStringToObject(card, "name", name);
    cJSON_AddStringToObject(card, "state", state);
    cJSON_AddBoolToObject(card, "may_be_pulled", may);
    cJSON_AddNumberToObject(card, "done", 213);
    cJSON_AddNumberToObject(card, "files", 512);
    if (!may)
        cJSON_AddNumberToObject(card, "bytes_per_s", 41 * 1024 * 1024);
    cJSON_AddItemToArray(cards, card);
}

static void a_card_that_is_read_is_shown_and_one_that_has_ended_is_not(void **state)
{
    cJSON *status = status_of(0, 0);
    cJSON *cards = cJSON_AddArrayToObject(status, "cards");

    (void) state;
    add_card(cards, "EOS", "reading", false);
    add_card(cards, "Z9", "safe", true);
    g_autoptr(GArray) lines = screen_lines(status, NULL, 24, 80);
    assert_string_equal(g_array_index(lines, ScreenLine, 1).text,
                        "card EOS: reading, 213 of 512, 41 MB/s; do not pull it");
    for (guint i = 0; i < lines->len; i++)
        assert_null(strstr(g_array_index(lines, ScreenLine, i).text, "Z9"));
    cJSON_Delete(status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_text_loses_its_middle),
        cmocka_unit_test(every_page_fits),
        cmocka_unit_test(what_needs_a_person_comes_first_and_the_rest_is_counted),
        cmocka_unit_test(where_there_is_room_a_backlog_is_described),
        cmocka_unit_test(a_card_that_is_read_is_shown_and_one_that_has_ended_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
