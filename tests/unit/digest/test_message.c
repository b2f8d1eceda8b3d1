/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a digest says. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "daemon/digest/message.h"
#include "daemon/ledger/answers.h"
#include "tests/unit/check.h"
#include "wire/notice.h"

static const int64_t two_o_clock = INT64_C(1714572000000); /* 2024-05-01 14:00 UTC */

static FolderNews *add_folder(News *news, const char *name, unsigned kinds)
{
    FolderNews folder = { .folder = g_strdup(name), .kinds = kinds, .state = "available" };

    g_array_append_val(news->folders, folder);
    news->since_wall_ms = MIN(news->since_wall_ms, two_o_clock);
    return &g_array_index(news->folders, FolderNews, news->folders->len - 1);
}

static void add_failed(News *news, const char *name, int64_t failed)
{
    FolderNews *folder = add_folder(news, name, 1U << NOTICE_FAILED);

    folder->failed = failed;
    folder->failed_wall_ms = two_o_clock;
}

static void add_picture(News *news, const char *folder, const char *source, const char *reason)
{
    LedgerEntry entry = { .changed_wall_ms = two_o_clock };

    entry.row.folder = g_strdup(folder);
    entry.row.source = g_strdup(source);
    error_set(&entry.why, ERROR_PICTURE, "send it again", "%s", reason);
    g_array_append_val(news->pictures, entry);
}

static void add_card(News *news, CardState state, const char *verdict)
{
    CardRecord card = { .id = 1,
                        .name = (char *) (uintptr_t) "EOS",
                        .state = state,
                        .verdict = (char *) (uintptr_t) verdict,
                        .ended_ms = two_o_clock };

    news_add_card(news, &card);
}

static const char *environment(const Message *message, const char *name)
{
    return g_environ_getenv(message->environment, name);
}

static double number(const cJSON *json, const char *name)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

static const char *text(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

static void many_failures_are_counted_and_some_are_named(void **state)
{
    g_auto(News) news = { 0 };

    (void) state;
    news_init(&news);
    add_failed(&news, "desk", 10008);
    for (int i = 0; i < 20; i++)
        add_picture(&news, "desk", "a b.jpg", "the file is damaged");
    g_autoptr(Message) message = message_new(&news, "shop", "studio");
    assert_string_equal(message->subject,
                        "hotfolder on studio: 10,008 failed in desk since 2024-05-01 14:00");
    assert_non_null(strstr(message->text, "10,008 pictures failed in desk since 2024-05-01 14:00:\n"
                                          "  a b.jpg: the file is damaged; send it again\n"));
    assert_non_null(strstr(message->text,
                           "  and 9,988 more: `hotfolder list --state failed --folder desk"
                           " --since '2024-05-01 14:00'`\n"));
    assert_non_null(strstr(message->text, "notify \"shop\" of hotfolder on studio\n"));
    cJSON *json = cJSON_Parse(message->json);
    assert_int_equal(number(json, "failed"), 10008);
    assert_int_equal(number(json, "more"), 9988);
    assert_string_equal(text(json, "since"), "2024-05-01T14:00:00Z");
    const cJSON *pictures = cJSON_GetObjectItem(json, "pictures");
    assert_int_equal(cJSON_GetArraySize(pictures), 20);
    assert_string_equal(text(cJSON_GetArrayItem(pictures, 0), "picture"), "a b.jpg");
    assert_string_equal(text(cJSON_GetArrayItem(pictures, 0), "fix"), "send it again");
    assert_string_equal(text(cJSON_GetArrayItem(pictures, 0), "kind"), "picture");
    cJSON_Delete(json);
    assert_string_equal(environment(message, "HOTFOLDER_FAILED"), "10008");
    assert_string_equal(environment(message, "HOTFOLDER_EVENTS"), "failed");
    assert_string_equal(environment(message, "HOTFOLDER_FOLDERS"), "desk");
    assert_string_equal(environment(message, "HOTFOLDER_NOTICE"), "shop");
    assert_string_equal(environment(message, "HOTFOLDER_SUBJECT"), message->subject);
}

static void all_kinds_are_said_the_worst_first(void **state)
{
    g_auto(News) news = { 0 };

    (void) state;
    news_init(&news);
    FolderNews *held = add_folder(&news, "inbox", 1U << NOTICE_HELD | 1U << NOTICE_DONE);
    held->is_held = true;
    held->state = "unavailable";
    held->reason = g_strdup("it is not mounted");
    held->held_wall_ms = held->done_wall_ms = two_o_clock;
    held->done = 1;
    add_failed(&news, "desk", 1);
    add_failed(&news, "shop", 1);
    add_picture(&news, "shop", "a.jpg", "damaged");
    add_folder(&news, "scans", 1U << NOTICE_RESUMED)->held_wall_ms = two_o_clock;
    add_folder(&news, "raws", 1U << NOTICE_IDLE)->batch_done = 240;
    add_card(&news, CARD_SAFE, "SAFE TO FORMAT: 2 of 2 files");
    g_autoptr(Message) message = message_new(&news, "x", "studio");
    assert_string_equal(message->subject,
                        "hotfolder on studio: 2 failed in 2 folders since 2024-05-01 14:00,"
                        " inbox is held, scans works again, card EOS is safe to format, and more");
    assert_non_null(strstr(message->text, "  shop: a.jpg: damaged; send it again\n"
                                          "  and 1 more: `hotfolder list --state failed --since"));
    assert_non_null(strstr(message->text,
                           "inbox is unavailable since 2024-05-01 14:00: it is not mounted\n"
                           "1 picture is done in inbox since 2024-05-01 14:00.\n"));
    assert_non_null(strstr(message->text, "scans works again since 2024-05-01 14:00.\n"));
    assert_non_null(strstr(message->text, "raws is idle: 240 done, 0 failed.\n"));
    assert_non_null(
        strstr(message->text, "Card EOS is safe to format: SAFE TO FORMAT: 2 of 2 files\n"));
    assert_string_equal(environment(message, "HOTFOLDER_EVENTS"),
                        "failed held resumed done idle card");
    assert_string_equal(environment(message, "HOTFOLDER_FOLDERS"),
                        "inbox\ndesk\nshop\nscans\nraws");
    assert_string_equal(environment(message, "HOTFOLDER_DONE"), "1");
}

static void the_ledger_is_no_folder(void **state)
{
    g_auto(News) news = { 0 };

    (void) state;
    news_init(&news);
    FolderNews *ledger = add_folder(&news, "", 1U << NOTICE_HELD);
    ledger->is_held = true;
    ledger->state = "held";
    ledger->reason = g_strdup("the disk is full");
    ledger->held_wall_ms = two_o_clock;
    g_autoptr(Message) message = message_new(&news, "x", "studio");
    assert_string_equal(message->subject, "hotfolder on studio: the ledger cannot be written");
    assert_non_null(strstr(message->text, "The ledger cannot be written since 2024-05-01 14:00:"
                                          " the disk is full\n"));
    cJSON *json = cJSON_Parse(message->json);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "folders")), 0);
    assert_string_equal(text(cJSON_GetObjectItem(json, "ledger"), "reason"), "the disk is full");
    cJSON_Delete(json);
    assert_string_equal(environment(message, "HOTFOLDER_FOLDERS"), "");
}

/* Whatever names and reasons there are, a message has room, and each count stays true. */
static void what_is_long_is_cut_and_counted(void **state)
{
    g_autofree char *bytes = g_strnfill(4000, '\xff');
    g_auto(News) news = { 0 };

    (void) state;
    news_init(&news);
    for (int i = 0; i < 1000; i++)
        add_failed(&news, bytes, 1);
    for (int i = 0; i < 20; i++)
        add_picture(&news, bytes, bytes, bytes);
    for (int i = 0; i < 100; i++)
        add_card(&news, CARD_NOT_SAFE, bytes);
    g_autoptr(Message) message = message_new(&news, bytes, bytes);
    assert_true(strlen(message->json) <= NOTICE_JSON_MAX);
    assert_true(strlen(message->text) <= NOTICE_TEXT_MAX);
    assert_true(g_utf8_validate(message->text, -1, NULL));
    assert_null(strchr(message->subject, '\n'));
    assert_true(strlen(message->subject) < 500);
    cJSON *json = cJSON_Parse(message->json);
    assert_non_null(json);
    assert_int_equal(number(json, "failed"), 1000);
    int named = cJSON_GetArraySize(cJSON_GetObjectItem(json, "pictures"));
    assert_int_equal(number(json, "more"), 1000 - named);
    cJSON_Delete(json);
}

static void a_test_says_that_it_is_one(void **state)
{
    g_auto(News) news = { 0 };

    (void) state;
    news_init(&news);
    news.is_test = true;
    g_autoptr(Message) message = message_new(&news, "desk", "studio");
    assert_string_equal(message->subject, "hotfolder on studio: this is a test");
    assert_non_null(strstr(message->text, "This is a test"));
    assert_string_equal(environment(message, "HOTFOLDER_EVENTS"), "test");
    assert_non_null(strstr(message->json, "\"events\":[\"test\"]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_failures_are_counted_and_some_are_named),
        cmocka_unit_test(all_kinds_are_said_the_worst_first),
        cmocka_unit_test(the_ledger_is_no_folder),
        cmocka_unit_test(what_is_long_is_cut_and_counted),
        cmocka_unit_test(a_test_says_that_it_is_one),
    };

    g_setenv("TZ", "UTC", TRUE);
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
