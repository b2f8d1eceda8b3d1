/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metrics_internal.h - the values of one metric with one set of labels: between metrics.c, which
 * keeps them, and text.c, which gets copies. */
#pragma once

#include <stdint.h>

#include "daemon/metrics/metrics.h"

enum { SERIES_BUCKETS = 16 }; /* beside that of all */

/* Their upper limits, in seconds, growing. */
extern const double series_limits[SERIES_BUCKETS];

typedef struct Series {
    char *values[METRIC_LABELS];      /* of its labels, bytes; "": it does not have this one */
    char *labels;                     /* as a text has them; a GRefString */
    double value;                     /* of a counter or a gauge; of a histogram the sum */
    double created_s;                 /* since 1970 */
    uint64_t count;                   /* of a histogram: all observations, */
    uint64_t buckets[SERIES_BUCKETS]; /* and those above the limit before and up to this one */
} Series;

/* The labels of a row as a text has them, folder="a",state="done", newly allocated. */
char *series_labels(const MetricRow *row, const char *const values[METRIC_LABELS]);

/* Copies of the series of a metric, without `values`, sorted by their labels. */
GArray *metrics_copy(MetricId id);
