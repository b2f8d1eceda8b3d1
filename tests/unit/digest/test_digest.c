/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The threads of senders: they begin, follow reloads, and end. */
#include <poll.h>
#include <pthread.h>

#include "base/thread.h"
#include "daemon/digest/digest.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/marks.h"
#include "tests/unit/digest/desk.h"

/* ---- the other end: run hangs until it is stopped, mail is taken, post is refused ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

typedef struct Tally {
    int number;
    char *json; /* of the last one */
} Tally;

static Tally hanging, stopped, taken, refused;

static void count(Tally *tally, const char *json)
{
    pthread_mutex_lock(&lock);
    tally->number++;
    g_free(tally->json);
    tally->json = g_strdup(json);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Waits until there are so many, and looks whether the last one has this text. */
static void await(const Tally *tally, int wanted, const char *text)
{
    pthread_mutex_lock(&lock);
    while (tally->number < wanted)
        pthread_cond_wait(&changed, &lock);
    assert_non_null(strstr(tally->json, text));
    pthread_mutex_unlock(&lock);
}

static int number_of(const Tally *tally)
{
    pthread_mutex_lock(&lock);
    int number = tally->number;
    pthread_mutex_unlock(&lock);
    return number;
}

static void forget(Tally *tally)
{
    g_clear_pointer(&tally->json, g_free);
    tally->number = 0;
}

static bool send_it(const NoticeCall *call, int stop, Error **err)
{
    struct pollfd until = { .fd = stop, .events = POLLIN };

    if (!strcmp(call->way, "mail")) {
        count(&taken, call->json);
        return true;
    }
    if (!strcmp(call->way, "post")) {
        count(&refused, call->json);
        return error_set(err, ERROR_TRANSIENT, "see whether it is up", "it answered 503");
    }
    count(&hanging, call->json);
    poll(&until, 1, -1);
    count(&stopped, call->json);
    return error_set(err, ERROR_TRANSIENT, NULL, "hotfolder stops");
}

/* ---- this end ---- */

static int set_up_digest(void **state)
{
    Desk *desk = g_new0(Desk, 1);

    desk->bench = bench_new();
    reopen(desk->bench);
    desk->health = health_new();
    *state = desk;
    return 0;
}

static int tear_down_digest(void **state)
{
    Desk *desk = *state;

    health_free(desk->health);
    ledger_close(desk->bench->ledger);
    check_rmdir(desk->bench->dir);
    g_free(desk->bench->path);
    g_free(desk->bench);
    g_free(desk);
    forget(&hanging);
    forget(&stopped);
    forget(&taken);
    forget(&refused);
    return 0;
}

/* Of each letter a notice by that way about what fails in "inbox", at once: r, m or p. */
static Settings *settings_of(const char *ways)
{
    Settings *settings = settings_new("a.conf");

    add_folder(settings, "inbox");
    for (; *ways; ways++) {
        Notice *notice = g_new0(Notice, 1);
        notice->name = g_strndup(ways, 1);
        notice->on = 1U << NOTICE_FAILED;
        if (*ways == 'r')
            notice->run = g_strsplit("/bin/tell", " ", 0);
        notice->mail = *ways == 'm' ? g_strdup("desk@example.org") : NULL;
        notice->post = *ways == 'p' ? g_strdup("http://example.org") : NULL;
        g_ptr_array_add(settings->notices, notice);
    }
    return settings;
}

static Digest *start(const Desk *desk, const char *ways)
{
    g_autoptr(Settings) settings = settings_of(ways);
    const CourierParts parts = { .ledger = desk->bench->ledger,
                                 .health = desk->health,
                                 .state_dir = desk->bench->dir,
                                 .send = send_it };

    return digest_start(&parts, settings);
}

static void reload(Digest *digest, const char *ways)
{
    g_autoptr(Settings) settings = settings_of(ways);

    digest_reload(digest, settings);
}

static void a_way_that_hangs_delays_no_other_one_and_no_stop(void **state)
{
    Desk *desk = *state;
    Digest *digest = start(desk, "rm");

    fail_some(desk, 1);
    await(&hanging, 1, "failed");
    await(&taken, 1, "failed");
    fail_some(desk, 1);
    await(&taken, 2, "failed");
    digest_stop(digest);
    assert_int_equal(number_of(&hanging), 1);
    assert_int_equal(number_of(&stopped), 1);
}

static void what_a_stop_has_ended_comes_after_the_next_start(void **state)
{
    Desk *desk = *state;
    Digest *digest = start(desk, "r");

    fail_some(desk, 3);
    await(&hanging, 1, "failed");
    digest_stop(digest);
    reopen(desk->bench);
    digest = start(desk, "r");
    await(&hanging, 2, "\"failed\":3");
    digest_stop(digest);
}

static void a_reload_begins_ends_and_keeps_senders(void **state)
{
    Desk *desk = *state;
    Digest *digest = start(desk, "r");

    fail_some(desk, 2);
    await(&hanging, 1, "failed");
    reload(digest, "rm"); /* one more, which reports no history */
    fail_some(desk, 1);
    await(&taken, 1, "\"failed\":1");
    reload(digest, "r");
    fail_some(desk, 1);
    reload(digest, "mr"); /* it begins again */
    fail_some(desk, 1);
    await(&taken, 2, "\"failed\":1");
    assert_int_equal(number_of(&stopped), 0);
    reload(digest, "m");
    await(&stopped, 1, "failed");
    digest_stop(digest);
    g_autoptr(GArray) marks = ledger_marks_new();
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_read_marks(desk->bench->ledger, "mail:m", marks, &error), error);
    assert_true(marks->len > 0);
}

/* ---- what is said of them ---- */

static void keep_reason(void *user, const DigestState *state)
{
    char **reason = user;

    assert_string_equal(state->notice, "p");
    assert_string_equal(state->way, "post");
    *reason = g_strdup(state->courier.reason);
}

static void what_cannot_be_delivered_is_said_of_its_sender(void **state)
{
    Desk *desk = *state;
    Digest *digest = start(desk, "p");
    char *reason = NULL;

    fail_some(desk, 1);
    await(&refused, 1, "failed");
    while (!reason) {
        digest_for_each(digest, keep_reason, &reason);
        g_usleep(1000);
    }
    assert_string_equal(reason, "it answered 503");
    g_free(reason);
    digest_set_ledger(digest, "the disk is full");
    digest_set_ledger(digest, NULL);
    digest_stop(digest);
}

static Digest *tested;

static void *test_it(void *data)
{
    g_autoptr(Error) error = NULL;

    assert_false(digest_test(tested, data, NOTICE_RUN, &error));
    return NULL;
}

static void a_stop_ends_a_test_too(void **state)
{
    Desk *desk = *state;
    g_autoptr(Settings) settings = settings_of("rm");
    g_autoptr(Error) error = NULL;
    pthread_t thread;

    tested = start(desk, "rm");
    assert_ok(digest_test(tested, settings->notices->pdata[1], NOTICE_MAIL, &error), error);
    assert_int_equal(number_of(&taken), 1);
    assert_int_equal(thread_start(&thread, test_it, settings->notices->pdata[0]), 0);
    await(&hanging, 1, "failed");
    digest_halt(tested);
    pthread_join(thread, NULL);
    digest_stop(tested);
    assert_int_equal(number_of(&stopped), 1);
}

static void without_notices_there_is_nothing_to_stop(void **state)
{
    Desk *desk = *state;
    Digest *digest = start(desk, "");

    reload(digest, "");
    digest_set_ledger(digest, "the disk is full");
    digest_stop(digest);
    digest_stop(NULL);
    digest_set_ledger(NULL, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_digest, tear_down_digest)
    const struct CMUnitTest tests[] = {
        TEST(a_way_that_hangs_delays_no_other_one_and_no_stop),
        TEST(what_a_stop_has_ended_comes_after_the_next_start),
        TEST(a_reload_begins_ends_and_keeps_senders),
        TEST(what_cannot_be_delivered_is_said_of_its_sender),
        TEST(a_stop_ends_a_test_too),
        TEST(without_notices_there_is_nothing_to_stop),
    };

    journal_mute();
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
