/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a file is ready: the rule for every kind of observation. */
#include <errno.h>

#include "base/clock.h"
#include "daemon/watch/readiness.h"
#include "tests/unit/check.h"

enum { QUIET = 2000, INCOMPLETE = 15000, START = 1000000 };

static const Folder folder = { .quiet_ms = QUIET,
                               .incomplete_ms = INCOMPLETE,
                               .limits.accept = FORMATS_TRUSTED };

static Observation picture(Lease lease, Completeness complete)
{
    return (Observation){
        .presence = PRESENCE_FILE,
        .fd = -1,
        .id = { .dev = 1, .ino = 2, .size = 300, .mtime_ns = 4 },
        .ctime_ns = 5,
        .lease = lease,
        .probed = true,
        .probe = { FORMAT_JPEG, complete, "JPEG",
                   complete == COMPLETE_NO ? "its end marker (EOI)" : NULL },
    };
}

static Observation other(Format format, const char *kind, Lease lease)
{
    Observation observation = picture(lease, COMPLETE_UNKNOWN);

    observation.probe.format = format;
    observation.probe.kind = kind;
    return observation;
}

/* The verdict of the same look, taken for the first time and then `after` ms later. */
static Verdict rule_after(Observation observation, int64_t after)
{
    FileHistory history = { 0 };

    readiness_add(&history, &observation, START);
    if (after)
        readiness_add(&history, &observation, START + after);
    return readiness_verdict(&observation, &history, &folder, START + after);
}

static void assert_waits(Observation observation, int64_t after, const char *reason)
{
    Verdict verdict = rule_after(observation, after);

    assert_int_equal(verdict.kind, VERDICT_PENDING);
    assert_string_equal(verdict.reason, reason);
    assert_true(verdict.again_ms > START + after);
}

static void assert_verdict(Observation observation, int64_t after, VerdictKind kind,
                           const char *reason)
{
    Verdict verdict = rule_after(observation, after);

    assert_int_equal(verdict.kind, kind);
    if (reason)
        assert_string_equal(verdict.reason, reason);
    else
        assert_null(verdict.reason);
}

static void a_whole_picture_without_a_writer_is_ready_at_once(void **state)
{
    (void) state;
    assert_verdict(picture(LEASE_FREE, COMPLETE_YES), 0, VERDICT_READY, NULL);
}

static void a_file_with_a_writer_is_pending_until_it_is_closed(void **state)
{
    Observation observation = picture(LEASE_WRITER, COMPLETE_YES);

    (void) state;
    observation.probed = false;
    assert_waits(observation, 0, "still being written");
    assert_waits(observation, INT64_C(86400000), "still being written");
}

static void an_empty_file_waits_for_its_content(void **state)
{
    Observation observation = picture(LEASE_UNKNOWN, COMPLETE_YES);

    (void) state;
    observation.id.size = 0;
    observation.probed = false;
    assert_waits(observation, 0, "empty");
    assert_waits(observation, 3600000, "empty");
}

static void a_download_with_its_control_file_waits(void **state)
{
    Observation observation = picture(LEASE_FREE, COMPLETE_YES);

    (void) state;
    observation.control_file = true;
    assert_waits(observation, 3600000, "still being downloaded");
}

static void where_the_lease_is_silent_a_whole_picture_must_lie_quiet(void **state)
{
    Observation observation = picture(LEASE_UNKNOWN, COMPLETE_YES);

    (void) state;
    assert_waits(observation, 0, "may be incomplete");
    assert_waits(observation, QUIET - 1, "may be incomplete");
    assert_verdict(observation, QUIET, VERDICT_READY, NULL);
}

static void where_the_format_is_silent_it_must_lie_quiet(void **state)
{
    Observation observation = picture(LEASE_FREE, COMPLETE_UNKNOWN);

    (void) state;
    assert_waits(observation, 0, "may be incomplete");
    assert_verdict(observation, QUIET, VERDICT_READY, NULL);
}

/* NFS without delegations says of every file that it is being written. */
static void where_a_share_says_that_it_is_written_it_is_doubted_in_the_end(void **state)
{
    (void) state;
    assert_waits(picture(LEASE_UNCERTAIN, COMPLETE_YES), 0, "still being written");
    assert_waits(picture(LEASE_UNCERTAIN, COMPLETE_YES), INCOMPLETE - 1, "still being written");
    assert_verdict(picture(LEASE_UNCERTAIN, COMPLETE_YES), INCOMPLETE, VERDICT_READY, NULL);
    assert_verdict(picture(LEASE_UNCERTAIN, COMPLETE_NO), INCOMPLETE, VERDICT_INCOMPLETE,
                   "its end marker (EOI)");
}

static void a_half_written_file_waits_and_is_offered_in_the_end(void **state)
{
    (void) state;
    for (Lease lease = LEASE_FREE; lease <= LEASE_UNKNOWN; lease++) {
        if (lease == LEASE_WRITER || lease == LEASE_UNCERTAIN)
            continue;
        assert_waits(picture(lease, COMPLETE_NO), 0, "incomplete");
        assert_waits(picture(lease, COMPLETE_NO), INCOMPLETE - 1, "incomplete");
        assert_verdict(picture(lease, COMPLETE_NO), INCOMPLETE, VERDICT_INCOMPLETE,
                       "its end marker (EOI)");
    }
}

static void any_change_starts_the_wait_again(void **state)
{
    Observation observation = picture(LEASE_FREE, COMPLETE_NO);
    Observation changes[5];
    FileHistory first = { 0 };

    (void) state;
    for (int i = 0; i < 5; i++)
        changes[i] = observation;
    changes[0].id.size++;
    changes[1].id.mtime_ns--; /* backwards too: only change counts */
    changes[2].id.ino++;
    changes[3].ctime_ns++;
    changes[4].changed = true;

    readiness_add(&first, &observation, START);
    for (int i = 0; i < 5; i++) {
        FileHistory history = first;

        readiness_add(&history, &changes[i], START + INCOMPLETE - 1);
        changes[i].changed = false;
        assert_int_equal(history.first_ms, START);
        assert_int_equal(
            readiness_verdict(&changes[i], &history, &folder, START + INCOMPLETE + 100).kind,
            VERDICT_PENDING);
        assert_int_equal(
            readiness_verdict(&changes[i], &history, &folder, START + 2 * INCOMPLETE).kind,
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

static void a_file_that_changed_while_it_was_observed_is_not_ready(void **state)
{
    Observation observation = picture(LEASE_FREE, COMPLETE_YES);

    (void) state;
    observation.changed = true;
    assert_waits(observation, 0, "still changing");
    assert_waits(observation, 3600000, "still changing");
}

static void a_known_kind_that_is_no_picture_is_ignored_at_once(void **state)
{
    (void) state;
    assert_verdict(other(FORMAT_NONE, "text", LEASE_FREE), 0, VERDICT_IGNORE, "text");
    assert_verdict(other(FORMAT_NONE, "video", LEASE_FREE), 0, VERDICT_IGNORE, "video");
    assert_verdict(other(FORMAT_RAW, "camera RAW", LEASE_FREE), 0, VERDICT_IGNORE,
                   "camera RAW, which this folder does not accept: `accept += { raw }` adds it");
}

static void an_unknown_beginning_may_still_become_a_picture(void **state)
{
    (void) state;
    assert_waits(other(FORMAT_NONE, "unknown", LEASE_FREE), 0, "may be incomplete");
    assert_verdict(other(FORMAT_NONE, "unknown", LEASE_FREE), QUIET, VERDICT_IGNORE, "unknown");
    assert_waits(other(FORMAT_NONE, "text", LEASE_UNKNOWN), 0, "may be incomplete");
    assert_verdict(other(FORMAT_NONE, "text", LEASE_UNKNOWN), QUIET, VERDICT_IGNORE, "text");
}

/* A text that is dropped as x.jpg is meant to be a picture: its user hears that it is none. */
static void what_is_a_picture_by_its_name_alone_is_offered_in_the_end(void **state)
{
    Observation text = other(FORMAT_NONE, "text", LEASE_FREE);
    Observation unknown = other(FORMAT_NONE, "unknown", LEASE_UNKNOWN);

    (void) state;
    text.promised = FORMAT_JPEG;
    unknown.promised = FORMAT_HEIF;
    assert_waits(text, 0, "may be incomplete");
    assert_waits(text, INCOMPLETE - 1, "may be incomplete");
    assert_verdict(text, INCOMPLETE, VERDICT_INCOMPLETE, "text");
    assert_waits(unknown, INCOMPLETE - 1, "may be incomplete");
    assert_verdict(unknown, INCOMPLETE, VERDICT_INCOMPLETE, "unknown");
}

static void a_name_promises_no_format_that_the_folder_does_not_accept(void **state)
{
    Observation text = other(FORMAT_NONE, "text", LEASE_FREE);
    Observation jxl = other(FORMAT_JXL, "JPEG XL", LEASE_FREE);

    (void) state;
    text.promised = FORMAT_PDF;
    assert_verdict(text, 0, VERDICT_IGNORE, "text");
    jxl.promised = FORMAT_JPEG;
    assert_verdict(jxl, 0, VERDICT_IGNORE,
                   "JPEG XL, which this folder does not accept: `accept += { jxl }` adds it");
}

static void links_and_devices_are_ignored(void **state)
{
    Observation observation = { .presence = PRESENCE_IRREGULAR,
                                .fd = -1,
                                .irregular = "symbolic link" };

    (void) state;
    assert_verdict(observation, 0, VERDICT_IGNORE, "symbolic link");
}

static void a_file_that_is_gone_is_forgotten(void **state)
{
    Observation observation = { .presence = PRESENCE_GONE, .fd = -1 };

    (void) state;
    assert_verdict(observation, 0, VERDICT_GONE, NULL);
}

static void an_unreadable_file_is_not_checked_again_and_again(void **state)
{
    Observation observation = { .presence = PRESENCE_UNREADABLE, .fd = -1, .error = EACCES };
    Verdict verdict = rule_after(observation, 0);

    (void) state;
    assert_int_equal(verdict.kind, VERDICT_PENDING);
    assert_string_equal(verdict.reason,
                        "not readable; give the service the right to read it, as with `chmod g+r`");
    observation.error = EIO;
    assert_string_equal(rule_after(observation, 0).reason,
                        "not readable; check the disk or the share that it is on");
    assert_int_equal(verdict.again_ms, START + READINESS_REPORT_MS);
    assert_int_equal(rule_after(observation, READINESS_REPORT_MS).again_ms, CLOCK_NEVER);
}

static void checks_come_soon_at_first_and_rarely_later(void **state)
{
    Observation observation = picture(LEASE_WRITER, COMPLETE_YES);

    (void) state;
    assert_int_equal(rule_after(observation, 0).again_ms, START + 2);
    assert_int_equal(rule_after(observation, 100).again_ms, START + 150);
    assert_int_equal(rule_after(observation, 30000).again_ms, START + 31000);
    assert_int_equal(rule_after(observation, 3600000).again_ms, START + 3610000);
    observation.lease = LEASE_FREE;
    observation.probe.complete = COMPLETE_NO;
    assert_int_equal(rule_after(observation, 0).again_ms, START + 50);
    assert_int_equal(rule_after(observation, 2000).again_ms, START + 3000);
}

/* The end of a lock has no event. */
static void a_locked_file_is_checked_every_second_however_long_it_waits(void **state)
{
    FileHistory history = { .first_ms = START, .event_ms = START };
    Verdict verdict = readiness_locked(&history, START);

    (void) state;
    assert_int_equal(verdict.kind, VERDICT_PENDING);
    assert_string_equal(verdict.reason, "locked by another program");
    assert_int_equal(verdict.again_ms, START + 50);
    assert_int_equal(readiness_locked(&history, START + 3600000).again_ms, START + 3601000);
}

static void after_an_event_checks_come_soon_again(void **state)
{
    Observation observation = picture(LEASE_WRITER, COMPLETE_YES);
    FileHistory history = { 0 };

    (void) state;
    readiness_add(&history, &observation, START);
    history.event_ms = START + 10000;
    assert_int_equal(readiness_verdict(&observation, &history, &folder, START + 10000).again_ms,
                     START + 10002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_picture_without_a_writer_is_ready_at_once),
        cmocka_unit_test(a_file_with_a_writer_is_pending_until_it_is_closed),
        cmocka_unit_test(an_empty_file_waits_for_its_content),
        cmocka_unit_test(a_download_with_its_control_file_waits),
        cmocka_unit_test(where_the_lease_is_silent_a_whole_picture_must_lie_quiet),
        cmocka_unit_test(where_the_format_is_silent_it_must_lie_quiet),
        cmocka_unit_test(where_a_share_says_that_it_is_written_it_is_doubted_in_the_end),
        cmocka_unit_test(a_half_written_file_waits_and_is_offered_in_the_end),
        cmocka_unit_test(any_change_starts_the_wait_again),
        cmocka_unit_test(a_disk_that_got_another_number_holds_the_same_files),
        cmocka_unit_test(a_file_that_changed_while_it_was_observed_is_not_ready),
        cmocka_unit_test(a_known_kind_that_is_no_picture_is_ignored_at_once),
        cmocka_unit_test(an_unknown_beginning_may_still_become_a_picture),
        cmocka_unit_test(what_is_a_picture_by_its_name_alone_is_offered_in_the_end),
        cmocka_unit_test(a_name_promises_no_format_that_the_folder_does_not_accept),
        cmocka_unit_test(links_and_devices_are_ignored),
        cmocka_unit_test(a_file_that_is_gone_is_forgotten),
        cmocka_unit_test(an_unreadable_file_is_not_checked_again_and_again),
        cmocka_unit_test(checks_come_soon_at_first_and_rarely_later),
        cmocka_unit_test(a_locked_file_is_checked_every_second_however_long_it_waits),
        cmocka_unit_test(after_an_event_checks_come_soon_again),
    };

    return cmocka_run_group_tests_name("readiness", tests, NULL, NULL);
}
