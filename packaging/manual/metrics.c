/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Metrics: what each of them counts or measures. */
#include "daemon/metrics/metrics.h"

#include <stdio.h>

#include "document.h"
#include "scd.h"

static const char *const types[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_HISTOGRAM] = "histogram",
    [METRIC_GAUGE] = "gauge",
};

static void print_metric(const MetricRow *row)
{
    g_autofree char *name = scd_text(row->name), *help = scd_text(row->help);

    printf("*%s*, %s", name, types[row->type]);
    for (const char *const *label = row->labels; *label; label++) {
        g_autofree char *shown = scd_text(*label);
        printf("%s%s", label == row->labels ? ": " : ", ", shown);
    }
    printf("\n\t%s\n\n", help);
}

bool part_metrics(const char *about)
{
    for (MetricId id = 0; id < METRIC_COUNT; id++)
        print_metric(metric_row(id));
    return !*about;
}
