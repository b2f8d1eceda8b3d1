/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events, with a daemon that the test plays: it stands in for forward.c. */
#include <string.h>

#include "base/clock.h"
#include "page/stream.h"
#include "tests/unit/check.h"

#define SECOND INT64_C(1000)

struct ForwardCall {
    ForwardDone done;
    void *user;
};

static ForwardCall asking;
static char asked[64]; /* what the hub asks; "" where it asks nothing */

ForwardCall *forward_begin(Forward *forward, ForwardLane lane, const ForwardRequest *request,
                           ForwardDone done, void *user)
{
    (void) forward;
    assert_int_equal(lane, FORWARD_POLL);
    assert_string_equal(asked, "");
    g_strlcpy(asked, request->target, sizeof(asked));
    asking = (ForwardCall){ done, user };
    return &asking;
}

void forward_cancel(ForwardCall *call)
{
    assert_ptr_equal(call, &asking);
    asked[0] = '\0';
}

/* The daemon's answer to the question `target`. */
static void reply(const char *target, int status, const char *text)
{
    g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
    const ForwardAnswer answer = { .status = status, .type = "application/json", .body = body };

    assert_string_equal(asked, target);
    asked[0] = '\0';
    asking.done(asking.user, &answer);
}

/* All answers of a poll. */
static void reply_all(const char *status, const char *list)
{
    reply("/v1/status", 200, status);
    if (!strcmp(asked, "/v1/list?limit=20"))
        reply("/v1/list?limit=20", 200, list);
    if (!strcmp(asked, "/v1/cards"))
        reply("/v1/cards", 200, "[]");
    assert_string_equal(asked, "");
}

static int wakes;

static void on_wake(void *user)
{
    (void) user;
    wakes++;
}

/* What a client reads until there is nothing, in parts of `part` bytes; newly allocated. */
static char *read_all(Hub *hub, Stream *stream, size_t part, int64_t now_ms)
{
    GString *text = g_string_new(NULL);
    char bytes[256];
    size_t got = 0;

    while ((got = stream_read(hub, stream, bytes, MIN(part, sizeof(bytes)), now_ms)))
        g_string_append_len(text, bytes, (gssize) got);
    return g_string_free(text, FALSE);
}

static void expect(Hub *hub, Stream *stream, int64_t now_ms, const char *text)
{
    g_autofree char *got = read_all(hub, stream, 7, now_ms);

    assert_string_equal(got, text);
}

#define OPEN    "retry: 2000\n\nevent: page\ndata: {\"steer\": true}\n\n"
#define ALIVE   "event: daemon\ndata: {\"alive\": true}\n\n"
#define DEAD    "event: daemon\ndata: {\"alive\": false}\n\n"
#define CHANGED "event: changed\ndata: {}\n\n"

static void one_poll_a_second_is_for_all_streams(void **state)
{
    Hub *hub = hub_new(NULL, true);

    (void) state;
    hub_turn(hub, 0);
    assert_string_equal(asked, "");
    assert_int_equal(hub_until(hub), CLOCK_NEVER);
    Stream *one = hub_add(hub, on_wake, NULL, 0), *other = hub_add(hub, on_wake, NULL, 0);
    assert_int_equal(hub_until(hub), 0);
    hub_turn(hub, 0);
    reply_all("{\n\t\"a\":\t1\n}", "{}");
    hub_turn(hub, SECOND - 1);
    assert_string_equal(asked, "");
    expect(hub, one, 0, OPEN ALIVE "event: status\ndata: {\t\"a\":\t1}\n\n");
    expect(hub, other, 0, OPEN ALIVE "event: status\ndata: {\t\"a\":\t1}\n\n");
    hub_turn(hub, SECOND);
    assert_string_equal(asked, "/v1/status");
    hub_remove(hub, one);
    assert_string_equal(asked, "/v1/status");
    hub_remove(hub, other); /* nothing is asked for no stream */
    assert_string_equal(asked, "");
    assert_int_equal(hub_until(hub), CLOCK_NEVER);
    hub_free(hub);
}

static void what_has_not_changed_is_not_sent_again(void **state)
{
    Hub *hub = hub_new(NULL, true);
    int64_t start_ms = clock_ms() + SECOND;
    Stream *stream = hub_add(hub, on_wake, NULL, clock_ms());

    (void) state;
    wakes = 0;
    hub_turn(hub, start_ms);
    reply_all("{\"uptime_s\":\t1,\"done\":1}", "{\"n\":1}");
    expect(hub, stream, clock_ms(),
           OPEN ALIVE "event: status\ndata: {\"uptime_s\":\t1,\"done\":1}\n\n");
    hub_turn(hub, start_ms + SECOND);
    reply("/v1/status", 200, "{\"uptime_s\":\t22,\"done\":1}");
    assert_string_equal(asked, "");
    assert_int_equal(wakes, 0);
    hub_turn(hub, start_ms + 2 * SECOND);
    reply_all("{\"uptime_s\":\t3,\"done\":2}", "{\"n\":2}");
    assert_int_equal(wakes, 1);
    expect(hub, stream, clock_ms(),
           "event: status\ndata: {\"uptime_s\":\t3,\"done\":2}\n\n" CHANGED);
    hub_turn(hub, start_ms + 3 * SECOND);
    reply_all("{\"uptime_s\":\t4,\"done\":3}", "{\"n\":2}"); /* pictures are as they were */
    expect(hub, stream, clock_ms(), "event: status\ndata: {\"uptime_s\":\t4,\"done\":3}\n\n");
    hub_remove(hub, stream);
    hub_free(hub);
}

static void a_daemon_that_is_gone_and_back_is_said_once_each(void **state)
{
    Hub *hub = hub_new(NULL, true);
    Stream *stream = hub_add(hub, on_wake, NULL, 0);

    (void) state;
    hub_turn(hub, 0);
    reply_all("{}", "{}");
    expect(hub, stream, 0, OPEN ALIVE "event: status\ndata: {}\n\n");
    for (int i = 1; i < 4; i++) {
        hub_turn(hub, i * SECOND);
        reply("/v1/status", 502, "");
        expect(hub, stream, 0, i == 1 ? DEAD : "");
    }
    Stream *late = hub_add(hub, on_wake, NULL, 0);
    expect(hub, late, 0, OPEN DEAD);
    hub_turn(hub, 4 * SECOND);
    reply_all("{}", "{}");
    expect(hub, stream, 0, ALIVE "event: status\ndata: {}\n\n");
    expect(hub, late, 0, ALIVE "event: status\ndata: {}\n\n");
    hub_remove(hub, stream);
    hub_remove(hub, late);
    hub_free(hub);
}

static void a_slow_reader_gets_the_newest_state_and_holds_one_event(void **state)
{
    Hub *hub = hub_new(NULL, true);
    Stream *stream = hub_add(hub, on_wake, NULL, 0);
    char bytes[8];

    (void) state;
    hub_turn(hub, 0);
    reply_all("{\"n\":0}", "{}");
    expect(hub, stream, 0, OPEN ALIVE "event: status\ndata: {\"n\":0}\n\n");
    hub_turn(hub, SECOND);
    reply_all("{\"n\":1}", "{}");
    assert_int_equal(stream_read(hub, stream, bytes, sizeof(bytes), 0), sizeof(bytes));
    for (int i = 2; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("{\"n\":%d}", i);
        hub_turn(hub, i * SECOND);
        reply_all(text, "{}");
    }
    expect(hub, stream, 0, "tatus\ndata: {\"n\":1}\n\nevent: status\ndata: {\"n\":49}\n\n");
    hub_remove(hub, stream);
    hub_free(hub);
}

static void a_reader_that_reads_no_more_is_stuck(void **state)
{
    Hub *hub = hub_new(NULL, true);
    Stream *stream = hub_add(hub, on_wake, NULL, 0);
    char bytes[8];

    (void) state;
    expect(hub, stream, 0, OPEN);
    assert_false(stream_is_stuck(stream, 3600 * SECOND)); /* there is nothing to read */
    hub_turn(hub, 0);
    reply_all("{}", "{}");
    stream_read(hub, stream, bytes, sizeof(bytes), 0);
    assert_false(stream_is_stuck(stream, 59 * SECOND));
    assert_true(stream_is_stuck(stream, 60 * SECOND));
    hub_remove(hub, stream);
    hub_free(hub);
}

static void silence_is_broken_for_proxies(void **state)
{
    Hub *hub = hub_new(NULL, true);
    int64_t now_ms = clock_ms();
    Stream *stream = hub_add(hub, on_wake, NULL, now_ms);

    (void) state;
    hub_turn(hub, now_ms);
    reply_all("{}", "{}");
    expect(hub, stream, now_ms, OPEN ALIVE "event: status\ndata: {}\n\n");
    expect(hub, stream, now_ms + 14 * SECOND, "");
    char bytes[8] = "";
    assert_int_equal(stream_read(hub, stream, bytes, sizeof(bytes), now_ms + 15 * SECOND), 3);
    assert_memory_equal(bytes, ":\n\n", 3);
    hub_remove(hub, stream);
    hub_free(hub);
}

static void there_are_no_more_streams_than_may_be(void **state)
{
    Hub *hub = hub_new(NULL, true);
    Stream *streams[STREAMS_MAX];

    (void) state;
    for (int i = 0; i < STREAMS_MAX; i++)
        assert_non_null(streams[i] = hub_add(hub, on_wake, NULL, 0));
    assert_null(hub_add(hub, on_wake, NULL, 0));
    for (int i = 0; i < STREAMS_MAX; i++)
        hub_remove(hub, streams[i]);
    hub_free(hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_poll_a_second_is_for_all_streams),
        cmocka_unit_test(what_has_not_changed_is_not_sent_again),
        cmocka_unit_test(a_daemon_that_is_gone_and_back_is_said_once_each),
        cmocka_unit_test(a_slow_reader_gets_the_newest_state_and_holds_one_event),
        cmocka_unit_test(a_reader_that_reads_no_more_is_stuck),
        cmocka_unit_test(silence_is_broken_for_proxies),
        cmocka_unit_test(there_are_no_more_streams_than_may_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
