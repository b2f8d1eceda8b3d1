/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/usage.h"

static const UsageOption options[] = {
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", USAGE_CONFIG },
    { PAGE_RUNTIME_DIR, COMPLETE_WITH_DIRECTORIES, "runtime-dir", "DIR",
      "where the daemon has control.sock; default: that of your own daemon, else "
      "/run/hotfolder" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "it was asked to stop, or systemd listens for it, and no browser is connected or the "
         "configuration has changed" },
    { 1, "it could not start" },
    { USAGE_ERROR, "wrong usage, or an error in the configuration" },
    { PAGE_CHANGED, "the configuration has changed, and it listens itself: start it again" },
    { 0 },
};

const Usage usage_hotfolder_page = {
    .name = "hotfolder-page",
    .arguments = "",
    .summary = "show hotfolder in a browser",
    .text = "Serves the page, the interface of the daemon and /metrics by HTTP, where http { } in "
            "the configuration says.\n\n"
            "It does not watch or process anything: it asks the daemon over its socket. SIGTERM "
            "stops it. When the configuration or the token changes, it answers no further request "
            "and ends: systemd starts it again.",
    .version = true,
    .options = options,
    .exits = exits,
};
