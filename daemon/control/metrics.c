/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/metrics/metrics.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/control/answers.h"
#include "daemon/jobs/tally.h"
#include "daemon/ledger/answers.h"
#include "daemon/ledger/unmoved.h"

/* Around the gauges, which belong to one answer at a time, and `started_s`. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void set(MetricId id, double value, const char *folder)
{
    metrics_set(id, value, folder, NULL, NULL);
}

/* ---- a folder ---- */

static void set_waiting(const ControlView *view, const char *folder)
{
    g_autofree char *source = NULL;
    g_autoptr(Error) unknown = NULL;
    int64_t arrived_ms = 0;

    if (!ledger_oldest_queued(view->ledger, folder, &source, &arrived_ms, &unknown))
        return;
    int64_t waits_ms = source ? MAX(clock_wall_ms() - arrived_ms, 0) : 0;
    set(METRIC_OLDEST_SECONDS, (double) waits_ms / 1000, folder);
}

/* What the ledger does not say now is left out. */
static void set_pictures(const ControlView *view, const char *folder)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) unknown = NULL, unknown_too = NULL;
    LedgerCounts counts = { 0 };
    int64_t unmoved = 0;

    if (ledger_count(view->ledger, folder, &counts, &unknown)) {
        set(METRIC_QUEUED, (double) counts.queued, folder);
        set(METRIC_IN_PROGRESS, (double) ledger_in_progress(&counts), folder);
        set(METRIC_FAILED, (double) counts.failed, folder);
    }
    if (unmoved_count(view->ledger, folder, 0, &unmoved, &groups, &unknown_too))
        set(METRIC_UNMOVED, (double) unmoved, folder);
    set_waiting(view, folder);
}

static void set_state(const ControlView *view, const char *folder)
{
    HealthState is = health_get(view->health, folder, NULL);

    for (HealthState state = HEALTH_AVAILABLE; state <= HEALTH_PAUSED; state++)
        metrics_set(METRIC_FOLDER_STATE, state == is, folder, health_word(state), NULL);
}

static void set_folder(const ControlView *view, const char *folder)
{
    WatchReport report = watch_report(view->watch, folder);

    set(METRIC_PENDING, report.pending, folder);
    watch_report_clear(&report);
    set_state(view, folder);
    set_pictures(view, folder);
}

/* What can happen to a folder is in the text before it has happened. */
static void begin_counters(const char *folder)
{
    static const MetricId counters[] = { METRIC_BYTES_READ, METRIC_BYTES_WRITTEN,
                                         METRIC_CRASH_LOOPS, METRIC_HELD_SECONDS };

    tally_folder(folder);
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
        metrics_add(counters[i], 0, folder, NULL, NULL);
}

/* ---- the daemon ---- */

/* proc_pid_statm(5): the second number, in pages. */
static double resident_bytes(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) numbers = NULL;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return 0;
    numbers = g_strsplit(text, " ", 3);
    return numbers[0] && numbers[1]
               ? g_ascii_strtod(numbers[1], NULL) * (double) sysconf(_SC_PAGESIZE)
               : 0;
}

static void set_daemon(const ControlView *view)
{
    static double started_s; /* stays the same where the wall clock is set */
    double now_s = (double) clock_wall_ms() / 1000;
    BudgetUse memory = dispatch_memory(view->dispatch);

    if (started_s == 0)
        started_s = now_s - (double) (clock_ms() - view->started_ms) / 1000;
    set(METRIC_WORKERS, view->settings->workers, NULL);
    set(METRIC_MEMORY_BYTES, (double) memory.bytes, NULL);
    set(METRIC_MEMORY_USED_BYTES, (double) memory.used, NULL);
    metrics_set(METRIC_RESIDENT_BYTES, resident_bytes(), "daemon", NULL, NULL);
    metrics_set(METRIC_RESIDENT_BYTES, (double) dispatch_resident_bytes(view->dispatch), "workers",
                NULL, NULL);
    set(METRIC_START_TIME_SECONDS, started_s, NULL);
    set(METRIC_HEARTBEAT_SECONDS, now_s, NULL);
    set(METRIC_INFO, 1, HOTFOLDER_VERSION);
}

static void begin_daemon_counters(void)
{
    static const MetricId counters[] = { METRIC_OVERFLOWS, METRIC_WORKERS_STARTED,
                                         METRIC_WORKERS_RESTARTED, METRIC_WORKERS_DIED };

    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
        metrics_add(counters[i], 0, NULL, NULL, NULL);
}

static void begin_notice(const Notice *notice)
{
    const bool goes[] = {
        [NOTICE_RUN] = notice->run, [NOTICE_MAIL] = notice->mail, [NOTICE_POST] = notice->post
    };

    for (NoticeWay way = 0; way < NOTICE_WAYS; way++) {
        if (!goes[way])
            continue;
        metrics_add(METRIC_NOTICES, 0, notice->name, notice_way_word(way), "sent");
        metrics_add(METRIC_NOTICES, 0, notice->name, notice_way_word(way), "failed");
    }
}

static void set_all(const ControlView *view)
{
    const GPtrArray *folders = view->settings->folders;
    g_autofree const char **names = g_new0(const char *, folders->len + 1);

    for (guint i = 0; i < folders->len; i++)
        names[i] = ((const Folder *) folders->pdata[i])->name;
    metrics_clear_gauges();
    metrics_retain(names);
    begin_daemon_counters();
    for (guint i = 0; i < view->settings->notices->len; i++)
        begin_notice(view->settings->notices->pdata[i]);
    health_count_time(view->health);
    set_daemon(view);
    for (guint i = 0; i < folders->len; i++) {
        begin_counters(names[i]);
        set_folder(view, names[i]);
    }
}

/* ---- the answer ---- */

void answer_metrics(const ControlView *view, const Request *request, Answer *answer)
{
    const char *format = request_text(request, "format");
    bool openmetrics = format && !strcmp(format, "openmetrics");

    if (format && !openmetrics && strcmp(format, "text") != 0) {
        answer_refuse(answer, ANSWER_WRONG, "give text or openmetrics",
                      "there is no format of that name");
        return;
    }
    pthread_mutex_lock(&lock);
    set_all(view);
    char *text = metrics_text(openmetrics);
    pthread_mutex_unlock(&lock);
    answer_set_bytes(answer, openmetrics ? METRICS_TYPE_OPENMETRICS : METRICS_TYPE_TEXT,
                     g_bytes_new_take(text, strlen(text)));
}
