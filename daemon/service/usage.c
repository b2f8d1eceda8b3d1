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
    { 1, "it could not start or go on" },
    { USAGE_ERROR, "wrong usage, or a mistake in the configuration" },
    { 0 },
};

const Usage usage_hotfolderd = {
    .name = "hotfolderd",
    .arguments = "",
    .summary = "watch hot folders and have every picture dropped into them finished",
    .text = "Watches hot folders and has every picture that is dropped into them finished.\n\n"
            "SIGHUP reads the configuration again; SIGTERM stops after the pictures in hand.",
    .version = true,
    .options = options,
    .exits = exits,
};
