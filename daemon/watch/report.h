/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.h - what the watcher knows of a folder, for `status`. */
#pragma once

#include "daemon/watch/counters.h"

typedef struct WatchReport {
    char *method;              /* "events", "polling every 10 s"; NULL: not known yet */
    int directories;           /* watched */
    int pending;               /* files that are not ready yet */
    GArray *pending_by_reason; /* of ReasonCount, most files first */
    GArray *ignored_by_reason; /* the same of ignored files */
} WatchReport;

void watch_report_clear(WatchReport *report);
