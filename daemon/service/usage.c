/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/service/usage.h"

static const UsageOption options[] = {
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", USAGE_CONFIG },
    { DAEMON_STATE_DIR, COMPLETE_WITH_DIRECTORIES, "state-dir", "DIR",
      "where the ledger lies (default $STATE_DIRECTORY, else $XDG_STATE_HOME/hotfolder)" },
    { DAEMON_RUNTIME_DIR, COMPLETE_WITH_DIRECTORIES, "runtime-dir", "DIR",
      "where control.sock lies (default $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/hotfolder)" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "it was asked to stop" },
    { 1, "it could not start or continue" },
    { USAGE_ERROR, "wrong usage, or an error in the configuration" },
    { 0 },
};

const Usage usage_hotfolderd = {
    .name = "hotfolderd",
    .arguments = "",
    .summary = "watch hot folders and process every picture that arrives in them",
    .text = "Watches hot folders and processes every picture that arrives in them.\n\n"
            "SIGHUP reads the configuration again; SIGTERM stops it when the "
            "pictures in progress are finished.",
    .version = true,
    .options = options,
    .exits = exits,
};
