/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever is called, and in whatever order, the ledger does what its header says.
 *
 * A seed makes a story: pictures arrive, several holders take rows, work on them, give them back
 * and come back with rows that others have by now, originals cannot be moved, people cancel
 * and reopen, time passes, the daemon is killed. Each call is made on a ledger and on a reference
 * in memory, and compared.
 *
 *     test_ledger_model            300 stories; the long tier tells 301 to 10,000
 *     test_ledger_model SEED       one of them, printed call by call
 *     test_ledger_model FIRST LAST these */
#include <stdlib.h>

#include "tests/unit/ledger/story.h"

enum { CALLS = 100, FOREVER_HOURS = 100 };

static guint32 first_seed = 1, last_seed = 300;

static void do_something(Story *story)
{
    int chosen = pick(story, 100);

    if (chosen < 50)
        use_row(story);
    else if (chosen < 62)
        take_some(story);
    else if (chosen < 77)
        do_intake(story);
    else if (chosen < 87)
        do_unmoved(story);
    else if (chosen < 90)
        do_history(story);
    else if (chosen < 93)
        do_steering(story);
    else if (chosen < 96)
        let_time_pass(story, 1 + pick(story, 3));
    else if (chosen < 98)
        restart(story);
    else
        check_all(story);
}

static void tell(guint32 seed, bool shown)
{
    Story story;

    story_begin(&story, seed, shown);
    for (int i = 0; i < CALLS; i++)
        do_something(&story);
    check_all(&story);
    let_time_pass(&story, FOREVER_HOURS);
    take_all(&story);
    check_all(&story);
    story_end(&story);
}

static void every_call_does_to_the_ledger_what_its_header_says(void **state)
{
    (void) state;
    for (guint32 seed = first_seed; seed <= last_seed; seed++)
        tell(seed, first_seed == last_seed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_does_to_the_ledger_what_its_header_says),
    };

    if (access("/dev/shm", W_OK) == 0) /* where nothing waits for a disk */
        g_setenv("TMPDIR", "/dev/shm", FALSE);
    if (argc > 1)
        first_seed = last_seed = (guint32) strtoul(argv[1], NULL, 10);
    if (argc > 2)
        last_seed = (guint32) strtoul(argv[2], NULL, 10);
    return cmocka_run_group_tests_name("ledger model", tests, NULL, NULL);
}
