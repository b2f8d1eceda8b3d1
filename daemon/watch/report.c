/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/report.h"

void watch_report_clear(WatchReport *report)
{
    g_clear_pointer(&report->method, g_free);
    g_clear_pointer(&report->pending_by_reason, g_array_unref);
    g_clear_pointer(&report->ignored_by_reason, g_array_unref);
}

void path_report_clear(PathReport *report)
{
    g_clear_pointer(&report->ignored_dir, g_free);
}
