/* command.h - the commands of `hotfolder`: what each can be called with, and the function that
 * runs.
 *
 * Their exit status is 0 for right, 1 when something failed, 2 for wrong usage or configuration. */
#pragma once

#include "base/usage.h"

enum { HOTFOLDER_RUNTIME_DIR = 256 };

extern const Usage usage_hotfolder;
extern const Usage usage_actions, usage_check, usage_profiles, usage_run, usage_status;

/* Runs the command that argv[0] names. */
int command_start(int argc, char **argv, const char *runtime_dir);
