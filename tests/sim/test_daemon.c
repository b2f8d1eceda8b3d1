/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rooms of the daemon as they are, on fibers: they begin again after a kill at every single point.
 */
#include "daemon/journal/journal.h"
#include "tests/sim/chance.h"
#include "tests/sim/image.h"
#include "tests/sim/schedule.h"
#include "tests/sim/story.h"
#include "tests/unit/check.h"

enum { HISTORIES = 200, SECOND_US = 1000000 };

static void log_two(void *user)
{
    const EventFields fields = { .count = 7 };

    (void) user;
    journal_start();
    journal_send(EVENT_MESSAGES_LOST, &fields);
    nap_us(100);
    journal_send(EVENT_MESSAGES_LOST, &fields);
    journal_stop();
    schedule_stop();
}

static void begin(uint64_t seed)
{
    chance_seed(seed);
    story_reset();
    schedule_reset();
    hurry = (unsigned) (seed % 5);
    fiber_start(PROCESS_DAEMON, "main", log_two, NULL);
}

/* What a history says, newly allocated. kill_at: 0: it is not killed. */
static char *lines_of(uint64_t seed, long kill_at, Ending *ending)
{
    char *text = NULL;
    size_t size = 0;

    image_restore();
    begin(seed);
    story = open_memstream(&text, &size);
    *ending = schedule_run(100LL * SECOND_US, kill_at);
    if (*ending == ENDING_KILL) {
        schedule_kill(PROCESS_DAEMON);
        image_restore();
        fiber_start(PROCESS_DAEMON, "main", log_two, NULL);
        *ending = schedule_run(200LL * SECOND_US, 0);
    }
    fclose(story);
    story = NULL;
    return text;
}

static int count(const char *text, const char *part)
{
    int found = 0;

    for (const char *at = text; (at = strstr(at, part)); at++)
        found++;
    return found;
}

static void the_logger_writes_all_in_every_order(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        Ending ending = ENDING_LATE;
        g_autofree char *text = lines_of(seed, 0, &ending);
        assert_int_equal(ending, ENDING_STOPPED);
        assert_int_equal(count(text, "7"), 2);
    }
}

static void a_killed_logger_begins_again_with_nothing_held(void **state)
{
    Ending ending = ENDING_LATE;

    (void) state;
    g_free(lines_of(3, 0, &ending));
    long points = steps;
    assert_in_range(points, 10, 1000);
    for (long kill_at = 1; kill_at < points; kill_at++) {
        g_autofree char *text = lines_of(3, kill_at, &ending);
        assert_int_equal(ending, ENDING_STOPPED);
        assert_in_range(count(text, "7"), 2, 4);
    }
}

static void a_history_has_its_digest(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        Ending ending = ENDING_LATE;
        g_free(lines_of(seed, 20, &ending));
        uint64_t digest = story_digest;
        g_free(lines_of(seed, 20, &ending));
        assert_true(story_digest == digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_logger_writes_all_in_every_order),
        cmocka_unit_test(a_killed_logger_begins_again_with_nothing_held),
        cmocka_unit_test(a_history_has_its_digest),
    };

    image_keep();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
