/* When a file is ready: the rule for every kind of look. */
#include "base/clock.h"
#include "daemon/watch/readiness.h"
#include "tests/unit/check.h"

enum { QUIET = 2000, INCOMPLETE = 15000, START = 1000000 };

static const Folder folder = { .quiet_ms = QUIET,
                               .incomplete_ms = INCOMPLETE,
                               .limits.accept = FORMATS_TRUSTED };

static Look picture(Lease lease, Complete complete)
{
    return (Look){
        .sight = SIGHT_FILE,
        .fd = -1,
        .id = { .dev = 1, .ino = 2, .size = 300, .mtime_ns = 4 },
        .ctime_ns = 5,
        .lease = lease,
        .probed = true,
        .probe = { FORMAT_JPEG, complete, "JPEG",
                   complete == COMPLETE_NO ? "its end mark (EOI)" : NULL },
    };
}

static Look other(Format format, const char *kind, Lease lease)
{
    Look look = picture(lease, COMPLETE_UNKNOWN);

    look.probe.format = format;
    look.probe.kind = kind;
    return look;
}

/* The verdict of the same look, taken for the first time and then `after` ms later. */
static Ruling rule_after(Look look, int64_t after)
{
    Past past = { 0 };

    settle_note(&past, &look, START);
    if (after)
        settle_note(&past, &look, START + after);
    return settle_rule(&look, &past, &folder, START + after);
}

static void assert_waits(Look look, int64_t after, const char *reason)
{
    Ruling ruling = rule_after(look, after);

    assert_int_equal(ruling.verdict, VERDICT_WAIT);
    assert_string_equal(ruling.reason, reason);
    assert_true(ruling.again_ms > START + after);
}

static void assert_verdict(Look look, int64_t after, Verdict verdict, const char *reason)
{
    Ruling ruling = rule_after(look, after);

    assert_int_equal(ruling.verdict, verdict);
    if (reason)
        assert_string_equal(ruling.reason, reason);
    else
        assert_null(ruling.reason);
}

static void a_whole_picture_that_nobody_writes_is_ready_at_once(void **state)
{
    (void) state;
    assert_verdict(picture(LEASE_FREE, COMPLETE_YES), 0, VERDICT_READY, NULL);
}

static void a_file_that_somebody_writes_waits_for_as_long_as_it_takes(void **state)
{
    Look look = picture(LEASE_WRITER, COMPLETE_YES);

    (void) state;
    look.probed = false;
    assert_waits(look, 0, "still being written");
    assert_waits(look, INT64_C(86400000), "still being written");
}

static void an_empty_file_waits_for_its_content(void **state)
{
    Look look = picture(LEASE_SILENT, COMPLETE_YES);

    (void) state;
    look.id.size = 0;
    look.probed = false;
    assert_waits(look, 0, "empty");
    assert_waits(look, 3600000, "empty");
}

static void a_download_with_its_control_file_waits(void **state)
{
    Look look = picture(LEASE_FREE, COMPLETE_YES);

    (void) state;
    look.partner = true;
    assert_waits(look, 3600000, "still being downloaded");
}

static void where_the_lease_is_silent_a_whole_picture_must_lie_quiet(void **state)
{
    Look look = picture(LEASE_SILENT, COMPLETE_YES);

    (void) state;
    assert_waits(look, 0, "not known to be finished");
    assert_waits(look, QUIET - 1, "not known to be finished");
    assert_verdict(look, QUIET, VERDICT_READY, NULL);
}

static void where_the_format_is_silent_it_must_lie_quiet(void **state)
{
    Look look = picture(LEASE_FREE, COMPLETE_UNKNOWN);

    (void) state;
    assert_waits(look, 0, "not known to be finished");
    assert_verdict(look, QUIET, VERDICT_READY, NULL);
}

/* NFS without delegations says of every file that somebody writes it. */
static void where_a_share_says_that_it_is_written_it_is_doubted_in_the_end(void **state)
{
    (void) state;
    assert_waits(picture(LEASE_DOUBT, COMPLETE_YES), 0, "still being written");
    assert_waits(picture(LEASE_DOUBT, COMPLETE_YES), INCOMPLETE - 1, "still being written");
    assert_verdict(picture(LEASE_DOUBT, COMPLETE_YES), INCOMPLETE, VERDICT_READY, NULL);
    assert_verdict(picture(LEASE_DOUBT, COMPLETE_NO), INCOMPLETE, VERDICT_INCOMPLETE,
                   "its end mark (EOI)");
}

static void a_half_written_file_waits_and_is_offered_in_the_end(void **state)
{
    (void) state;
    for (Lease lease = LEASE_FREE; lease <= LEASE_SILENT; lease++) {
        if (lease == LEASE_WRITER || lease == LEASE_DOUBT)
            continue;
        assert_waits(picture(lease, COMPLETE_NO), 0, "incomplete");
        assert_waits(picture(lease, COMPLETE_NO), INCOMPLETE - 1, "incomplete");
        assert_verdict(picture(lease, COMPLETE_NO), INCOMPLETE, VERDICT_INCOMPLETE,
                       "its end mark (EOI)");
    }
}

static void any_change_begins_the_wait_anew(void **state)
{
    Look look = picture(LEASE_FREE, COMPLETE_NO);
    Look changes[5];
    Past first = { 0 };

    (void) state;
    for (int i = 0; i < 5; i++)
        changes[i] = look;
    changes[0].id.size++;
    changes[1].id.mtime_ns--; /* backwards too: only change counts */
    changes[2].id.ino++;
    changes[3].ctime_ns++;
    changes[4].changed = true;

    settle_note(&first, &look, START);
    for (int i = 0; i < 5; i++) {
        Past past = first;

        settle_note(&past, &changes[i], START + INCOMPLETE - 1);
        changes[i].changed = false;
        assert_int_equal(past.first_ms, START);
        assert_int_equal(settle_rule(&changes[i], &past, &folder, START + INCOMPLETE + 100).verdict,
                         VERDICT_WAIT);
        assert_int_equal(settle_rule(&changes[i], &past, &folder, START + 2 * INCOMPLETE).verdict,
                         VERDICT_INCOMPLETE);
    }
}

/* The kernel counts disks as it finds them, and btrfs has a new number at each mount. */
static void a_disk_that_got_another_number_holds_the_same_files(void **state)
{
    FileId before = picture(LEASE_FREE, COMPLETE_YES).id, after = before;

    (void) state;
    after.dev++;
    assert_true(fileid_same(&before, &after));
    after.mtime_ns++;
    assert_false(fileid_same(&before, &after));
}

static void what_changed_under_our_eyes_is_never_ready(void **state)
{
    Look look = picture(LEASE_FREE, COMPLETE_YES);

    (void) state;
    look.changed = true;
    assert_waits(look, 0, "still changing");
    assert_waits(look, 3600000, "still changing");
}

static void what_has_a_name_is_left_at_once(void **state)
{
    (void) state;
    assert_verdict(other(FORMAT_NONE, "text", LEASE_FREE), 0, VERDICT_LEAVE, "text");
    assert_verdict(other(FORMAT_NONE, "video", LEASE_FREE), 0, VERDICT_LEAVE, "video");
    assert_verdict(other(FORMAT_RAW, "camera RAW", LEASE_FREE), 0, VERDICT_LEAVE,
                   "raw, not yet supported");
}

static void an_unknown_beginning_may_still_become_a_picture(void **state)
{
    (void) state;
    assert_waits(other(FORMAT_NONE, "unknown", LEASE_FREE), 0, "not known to be finished");
    assert_verdict(other(FORMAT_NONE, "unknown", LEASE_FREE), QUIET, VERDICT_LEAVE, "unknown");
    assert_waits(other(FORMAT_NONE, "text", LEASE_SILENT), 0, "not known to be finished");
    assert_verdict(other(FORMAT_NONE, "text", LEASE_SILENT), QUIET, VERDICT_LEAVE, "text");
}

static void links_and_devices_are_left(void **state)
{
    Look look = { .sight = SIGHT_ODD, .fd = -1, .odd = "symbolic link" };

    (void) state;
    assert_verdict(look, 0, VERDICT_LEAVE, "symbolic link");
}

static void what_is_gone_is_forgotten(void **state)
{
    Look look = { .sight = SIGHT_GONE, .fd = -1 };

    (void) state;
    assert_verdict(look, 0, VERDICT_GONE, NULL);
}

static void what_cannot_be_read_costs_no_looks(void **state)
{
    Look look = { .sight = SIGHT_BARRED, .fd = -1 };
    Ruling ruling = rule_after(look, 0);

    (void) state;
    assert_int_equal(ruling.verdict, VERDICT_WAIT);
    assert_string_equal(ruling.reason, "not readable");
    assert_int_equal(ruling.again_ms, START + SETTLE_TELL_MS);
    assert_int_equal(rule_after(look, SETTLE_TELL_MS).again_ms, CLOCK_NEVER);
}

static void looks_come_soon_at_first_and_rarely_later(void **state)
{
    Look look = picture(LEASE_WRITER, COMPLETE_YES);

    (void) state;
    assert_int_equal(rule_after(look, 0).again_ms, START + 2);
    assert_int_equal(rule_after(look, 100).again_ms, START + 150);
    assert_int_equal(rule_after(look, 30000).again_ms, START + 31000);
    assert_int_equal(rule_after(look, 3600000).again_ms, START + 3610000);
    look.lease = LEASE_FREE;
    look.probe.complete = COMPLETE_NO;
    assert_int_equal(rule_after(look, 0).again_ms, START + 50);
    assert_int_equal(rule_after(look, 2000).again_ms, START + 3000);
}

static void an_event_makes_the_next_looks_soon_again(void **state)
{
    Look look = picture(LEASE_WRITER, COMPLETE_YES);
    Past past = { 0 };

    (void) state;
    settle_note(&past, &look, START);
    past.news_ms = START + 10000;
    assert_int_equal(settle_rule(&look, &past, &folder, START + 10000).again_ms, START + 10002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_picture_that_nobody_writes_is_ready_at_once),
        cmocka_unit_test(a_file_that_somebody_writes_waits_for_as_long_as_it_takes),
        cmocka_unit_test(an_empty_file_waits_for_its_content),
        cmocka_unit_test(a_download_with_its_control_file_waits),
        cmocka_unit_test(where_the_lease_is_silent_a_whole_picture_must_lie_quiet),
        cmocka_unit_test(where_the_format_is_silent_it_must_lie_quiet),
        cmocka_unit_test(where_a_share_says_that_it_is_written_it_is_doubted_in_the_end),
        cmocka_unit_test(a_half_written_file_waits_and_is_offered_in_the_end),
        cmocka_unit_test(any_change_begins_the_wait_anew),
        cmocka_unit_test(a_disk_that_got_another_number_holds_the_same_files),
        cmocka_unit_test(what_changed_under_our_eyes_is_never_ready),
        cmocka_unit_test(what_has_a_name_is_left_at_once),
        cmocka_unit_test(an_unknown_beginning_may_still_become_a_picture),
        cmocka_unit_test(links_and_devices_are_left),
        cmocka_unit_test(what_is_gone_is_forgotten),
        cmocka_unit_test(what_cannot_be_read_costs_no_looks),
        cmocka_unit_test(looks_come_soon_at_first_and_rarely_later),
        cmocka_unit_test(an_event_makes_the_next_looks_soon_again),
    };

    return cmocka_run_group_tests_name("readiness", tests, NULL, NULL);
}
