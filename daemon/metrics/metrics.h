/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metrics.h - numbers for Prometheus: what the daemon counts and measures since its start, and
 * their text.
 *
 * One table has every metric: its name, type, help, and its labels; the manual, the dashboard's
 * test and the text come from it. Counters and histograms are added to where something happens: a
 * lock for the time of a look-up, which no text and no disk ever holds. What is a state (queue
 * depth, memory) is asked right before the text is made. Any thread. */
#pragma once

#include <glib.h>

typedef enum MetricId {
    /* counters */
    METRIC_JOBS,              /* pictures that ended: folder, state, kind of error */
    METRIC_ATTEMPTS,          /* folder, result, kind of error */
    METRIC_BYTES_READ,        /* of originals of pictures that are done: folder */
    METRIC_BYTES_WRITTEN,     /* of outputs that were published: folder */
    METRIC_OVERFLOWS,         /* of the kernel's event queue */
    METRIC_WORKERS_STARTED,   /* processes */
    METRIC_WORKERS_RESTARTED, /* those that took the place of an earlier one */
    METRIC_WORKERS_DIED,      /* unexpectedly */
    METRIC_CRASH_LOOPS,       /* folder */
    METRIC_HELD_SECONDS,      /* folder */
    METRIC_NOTICES,           /* notice, way, result: sent or failed */
    /* histograms, in seconds: folder */
    METRIC_READY_SECONDS,   /* from the event to ready */
    METRIC_START_SECONDS,   /* from ready to the start of the attempt */
    METRIC_WORK_SECONDS,    /* claim and render */
    METRIC_PUBLISH_SECONDS, /* outputs get their names, until the picture is done */
    /* gauges: their values are given with metrics_set() right before the text is made */
    METRIC_QUEUED,             /* pictures: folder */
    METRIC_IN_PROGRESS,        /* pictures: folder */
    METRIC_PENDING,            /* files that are not ready: folder */
    METRIC_FAILED,             /* pictures that have failed and were not tried again: folder */
    METRIC_UNMOVED,            /* originals that could not be moved: folder */
    METRIC_OLDEST_SECONDS,     /* for how long the picture that waits longest has waited: folder */
    METRIC_FOLDER_STATE,       /* 1 for the state that it is in: folder, state */
    METRIC_WORKERS,            /* that may process at the same time */
    METRIC_MEMORY_BYTES,       /* that pictures in progress may use */
    METRIC_MEMORY_USED_BYTES,  /* that they use */
    METRIC_RESIDENT_BYTES,     /* process: daemon, or workers */
    METRIC_START_TIME_SECONDS, /* since 1970 */
    METRIC_HEARTBEAT_SECONDS,  /* since 1970: when the text was made */
    METRIC_INFO,               /* 1: version */
    METRIC_COUNT
} MetricId;

typedef enum MetricType { METRIC_COUNTER, METRIC_HISTOGRAM, METRIC_GAUGE } MetricType;

enum { METRIC_LABELS = 3 };

typedef struct MetricRow {
    const char *name; /* "hotfolder_jobs_total" */
    MetricType type;
    const char *labels[METRIC_LABELS + 1]; /* names; NULL ends them */
    const char *help;                      /* a sentence */
} MetricRow;

const MetricRow *metric_row(MetricId id);

/* Adds to a counter (0: from now on it is in the text), sets a gauge, or observes a value of a
 * histogram; the values of its labels in the order of the row, bytes, NULL for those that it does
 * not have. */
void metrics_add(MetricId id, double value, const char *a, const char *b, const char *c);
void metrics_set(MetricId id, double value, const char *a, const char *b, const char *c);
void metrics_observe(MetricId id, double seconds, const char *folder);

/* Forgets gauges, which are set again before each text. */
void metrics_clear_gauges(void);

/* Forgets the series of folders that are not among these names, which NULL ends. */
void metrics_retain(const char *const *folders);

/* Prometheus' text format 0.0.4, or OpenMetrics 1.0; newly allocated. */
char *metrics_text(gboolean openmetrics);

/* The media types of the two. */
#define METRICS_TYPE_TEXT        "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_TYPE_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"
