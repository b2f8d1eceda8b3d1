/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What metrics say of a picture that needed several attempts. */
#include "daemon/jobs/tally.h"
#include "daemon/metrics/metrics.h"
#include "tests/unit/check.h"

static const Error late = { .kind = ERROR_TRANSIENT };
static const Error broken = { .kind = ERROR_PICTURE };

/* An attempt, which took from 100 ms to 350 ms, at a picture of 5000 bytes. */
static Job attempt_at(const char *source, int attempt)
{
    static char folder_name[] = "f";
    static const Folder folder = { .name = folder_name };

    return (Job){
        .folder = &folder,
        .row = { .source = (char *) (uintptr_t) source, .attempt = attempt, .file.size = 5000 },
        .started_ms = 100,
        .made_ms = 350,
        .waited_ms = 2000,
        .staging = (Staging *) (uintptr_t) 1,
        .publish.bytes = 700
    };
}

static int set_up(void **state)
{
    const char *const none[] = { NULL };

    (void) state;
    metrics_retain(none);
    return 0;
}

static void assert_says(const char *line)
{
    g_autofree char *text = metrics_text(FALSE);

    if (!strstr(text, line))
        fail_msg("expected:\n%s\n, not\n%s", line, text);
}

static void assert_is_silent_about(const char *part)
{
    g_autofree char *text = metrics_text(FALSE);

    if (strstr(text, part))
        fail_msg("'%s' is in\n%s", part, text);
}

static void a_picture_counts_once_however_often_it_was_tried(void **state)
{
    Job first = attempt_at("a.jpg", 1), last = attempt_at("a.jpg", 3);

    (void) state;
    tally_end(&first, JOB_DEFERRED, &late);
    tally_end(&first, JOB_DEFERRED, &late);
    assert_is_silent_about("hotfolder_jobs_total");
    tally_end(&last, JOB_DONE, NULL);
    assert_says("hotfolder_jobs_total{folder=\"f\",state=\"done\",error_kind=\"\"} 1\n");
    assert_says(
        "hotfolder_attempts_total{folder=\"f\",result=\"deferred\",error_kind=\"transient\"} "
        "2\n");
    assert_says("hotfolder_attempts_total{folder=\"f\",result=\"done\",error_kind=\"\"} 1\n");
    assert_says("hotfolder_original_bytes_total{folder=\"f\"} 5000\n");
    assert_says("hotfolder_output_bytes_total{folder=\"f\"} 700\n");
    assert_says("hotfolder_work_seconds_sum{folder=\"f\"} 0.25\n");
    assert_is_silent_about("hotfolder_ready_to_start_seconds"); /* it waited for its retries, too */
}

static void a_picture_that_fails_counts_with_the_kind_of_its_error(void **state)
{
    Job job = attempt_at("a.jpg", 1);

    (void) state;
    tally_folder("f");
    assert_says("hotfolder_jobs_total{folder=\"f\",state=\"failed\",error_kind=\"picture\"} 0\n");
    tally_end(&job, JOB_FAILED, &broken);
    assert_says("hotfolder_jobs_total{folder=\"f\",state=\"failed\",error_kind=\"picture\"} 1\n");
    assert_says("hotfolder_jobs_total{folder=\"f\",state=\"done\",error_kind=\"\"} 0\n");
    assert_is_silent_about("hotfolder_original_bytes_total");
    assert_is_silent_about("hotfolder_work_seconds");
}

static void a_picture_waited_until_its_first_attempt(void **state)
{
    Job job = attempt_at("a.jpg", 1);

    (void) state;
    tally_end(&job, JOB_DONE, NULL);
    assert_says("hotfolder_ready_to_start_seconds_sum{folder=\"f\"} 2\n");
}

/* An original that came back after its picture had ended, and the test of a folder. */
static void what_is_no_new_picture_is_not_counted(void **state)
{
    Job back = attempt_at("a.jpg", 1), probe = attempt_at("hotfolder-probe-0123abcd.jpg", 1);

    (void) state;
    back.row.missing = true;
    tally_end(&back, JOB_DONE, NULL);
    tally_end(&probe, JOB_DONE, NULL);
    assert_is_silent_about("hotfolder_jobs_total");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_picture_counts_once_however_often_it_was_tried, set_up),
        cmocka_unit_test_setup(a_picture_that_fails_counts_with_the_kind_of_its_error, set_up),
        cmocka_unit_test_setup(a_picture_waited_until_its_first_attempt, set_up),
        cmocka_unit_test_setup(what_is_no_new_picture_is_not_counted, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
