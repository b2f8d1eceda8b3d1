/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is counted, by whatever thread, and how a text says it. */
#include <pthread.h>
#include <string.h>

#include "daemon/metrics/metrics.h"
#include "tests/unit/check.h"

/* Each test begins with no folder. */
static int set_up(void **state)
{
    const char *const none[] = { NULL };

    (void) state;
    metrics_retain(none);
    metrics_clear_gauges();
    return 0;
}

static void assert_says(gboolean openmetrics, const char *lines)
{
    g_autofree char *text = metrics_text(openmetrics);

    if (!strstr(text, lines))
        fail_msg("expected:\n%s\n, not\n%s", lines, text);
}

static void assert_is_silent_about(const char *part)
{
    g_autofree char *text = metrics_text(FALSE);

    if (strstr(text, part))
        fail_msg("'%s' is in\n%s", part, text);
}

static void a_counter_is_the_sum_of_what_was_added(void **state)
{
    (void) state;
    metrics_add(METRIC_JOBS, 0, "b", "failed", "picture");
    metrics_add(METRIC_JOBS, 1, "a", "done", NULL);
    metrics_add(METRIC_JOBS, 2, "a", "done", NULL);
    assert_says(FALSE,
                "# TYPE hotfolder_jobs_total counter\n"
                "hotfolder_jobs_total{folder=\"a\",state=\"done\",error_kind=\"\"} 3\n"
                "hotfolder_jobs_total{folder=\"b\",state=\"failed\",error_kind=\"picture\"} 0\n");
}

static void a_gauge_is_what_was_set_since_gauges_were_cleared(void **state)
{
    (void) state;
    metrics_set(METRIC_QUEUED, 5, "a", NULL, NULL);
    metrics_set(METRIC_QUEUED, 1.5, "a", NULL, NULL);
    assert_says(FALSE,
                "# TYPE hotfolder_queue_depth gauge\nhotfolder_queue_depth{folder=\"a\"} 1.5\n");
    metrics_clear_gauges();
    assert_is_silent_about("hotfolder_queue_depth");
}

static void a_histogram_counts_up_to_each_limit_and_beyond_all(void **state)
{
    (void) state;
    metrics_observe(METRIC_WORK_SECONDS, 0.005, "a");
    metrics_observe(METRIC_WORK_SECONDS, 0.75, "a");
    metrics_observe(METRIC_WORK_SECONDS, 10000, "a");
    assert_says(FALSE, "# TYPE hotfolder_work_seconds histogram\n"
                       "hotfolder_work_seconds_bucket{folder=\"a\",le=\"0.005\"} 1\n"
                       "hotfolder_work_seconds_bucket{folder=\"a\",le=\"0.01\"} 1\n");
    assert_says(FALSE, "hotfolder_work_seconds_bucket{folder=\"a\",le=\"0.5\"} 1\n"
                       "hotfolder_work_seconds_bucket{folder=\"a\",le=\"1.0\"} 2\n");
    assert_says(FALSE, "hotfolder_work_seconds_bucket{folder=\"a\",le=\"7200.0\"} 2\n"
                       "hotfolder_work_seconds_bucket{folder=\"a\",le=\"+Inf\"} 3\n"
                       "hotfolder_work_seconds_sum{folder=\"a\"} 10000.755\n"
                       "hotfolder_work_seconds_count{folder=\"a\"} 3\n");
}

static void a_name_of_any_bytes_stays_one_label_on_one_line(void **state)
{
    (void) state;
    metrics_set(METRIC_QUEUED, 1,
                "a\"b\\c\ne\xff"
                "é",
                NULL, NULL);
    assert_says(FALSE, "hotfolder_queue_depth{folder=\"a\\\"b\\\\c\\\\x0ae\\\\xffé\"} 1\n");
}

static void openmetrics_names_families_units_and_the_end(void **state)
{
    (void) state;
    metrics_add(METRIC_HELD_SECONDS, 0.1, "a", NULL, NULL);
    metrics_observe(METRIC_WORK_SECONDS, 1, "a");
    metrics_set(METRIC_INFO, 1, "1.0", NULL, NULL);
    assert_says(TRUE,
                "# TYPE hotfolder_held_seconds counter\n# UNIT hotfolder_held_seconds seconds\n"
                "# HELP hotfolder_held_seconds ");
    assert_says(TRUE, "hotfolder_held_seconds_total{folder=\"a\"} 0.1\n"
                      "hotfolder_held_seconds_created{folder=\"a\"} ");
    assert_says(TRUE, "hotfolder_work_seconds_count{folder=\"a\"} 1\n"
                      "hotfolder_work_seconds_created{folder=\"a\"} ");
    assert_says(TRUE, "# TYPE hotfolder info\n");
    assert_says(TRUE, "hotfolder_info{version=\"1.0\"} 1\n# EOF\n");
    assert_is_silent_about("# EOF");
    assert_is_silent_about("_created");
}

static void a_folder_that_is_no_longer_configured_is_forgotten(void **state)
{
    const char *const left[] = { "a", NULL };

    (void) state;
    metrics_add(METRIC_JOBS, 1, "a", "done", NULL);
    metrics_add(METRIC_JOBS, 1, "b", "done", NULL);
    metrics_observe(METRIC_WORK_SECONDS, 1, "b");
    metrics_add(METRIC_NOTICES, 1, "desk", "mail", "sent");
    metrics_retain(left);
    assert_says(FALSE, "hotfolder_jobs_total{folder=\"a\"");
    assert_says(FALSE, "notice=\"desk\",way=\"mail\",result=\"sent\"");
    assert_is_silent_about("folder=\"b\"");
}

/* What promtool wants of names, and what a sentence of the manual is. */
static void each_row_is_named_and_explained_as_prometheus_wants(void **state)
{
    (void) state;
    for (MetricId id = 0; id < METRIC_COUNT; id++) {
        const MetricRow *row = metric_row(id);
        assert_true(g_str_has_prefix(row->name, "hotfolder_"));
        assert_int_equal(g_str_has_suffix(row->name, "_total"), row->type == METRIC_COUNTER);
        if (row->type == METRIC_HISTOGRAM)
            assert_true(g_str_has_suffix(row->name, "_seconds"));
        assert_true(g_str_has_suffix(row->help, "."));
        assert_null(strpbrk(row->help, "\\\"\n"));
        for (MetricId other = 0; other < id; other++)
            assert_string_not_equal(row->name, metric_row(other)->name);
    }
}

enum { THREADS = 4, TIMES = 2000 };

static void *count(void *data)
{
    for (int i = 0; i < TIMES; i++) {
        metrics_add(METRIC_BYTES_READ, 1, data, NULL, NULL);
        metrics_observe(METRIC_PUBLISH_SECONDS, 0.001, "all");
        if (i % 100 == 0)
            g_free(metrics_text(i % 200 == 0));
    }
    return NULL;
}

static void threads_count_beside_each_other_and_lose_nothing(void **state)
{
    char names[THREADS][2] = { "a", "b", "a", "b" };
    pthread_t threads[THREADS];

    (void) state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_says(FALSE, "hotfolder_original_bytes_total{folder=\"a\"} 4000\n"
                       "hotfolder_original_bytes_total{folder=\"b\"} 4000\n");
    assert_says(FALSE, "hotfolder_publish_seconds_count{folder=\"all\"} 8000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_counter_is_the_sum_of_what_was_added, set_up),
        cmocka_unit_test_setup(a_gauge_is_what_was_set_since_gauges_were_cleared, set_up),
        cmocka_unit_test_setup(a_histogram_counts_up_to_each_limit_and_beyond_all, set_up),
        cmocka_unit_test_setup(a_name_of_any_bytes_stays_one_label_on_one_line, set_up),
        cmocka_unit_test_setup(openmetrics_names_families_units_and_the_end, set_up),
        cmocka_unit_test_setup(a_folder_that_is_no_longer_configured_is_forgotten, set_up),
        cmocka_unit_test_setup(each_row_is_named_and_explained_as_prometheus_wants, set_up),
        cmocka_unit_test_setup(threads_count_beside_each_other_and_lose_nothing, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
