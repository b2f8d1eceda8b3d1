/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command.h - the commands of `hotfolder`: what each can be called with, and what runs it.
 *
 * The exit status is 0 for success, 1 when something failed, 2 for wrong usage or configuration. */
#pragma once

#include "config/usage.h"
#include "daemon/settings/snapshot.h"

enum { HOTFOLDER_RUNTIME_DIR = 512 }; /* no command has it as a number of its own */

/* The daemon that a command is about. A command reads it after its options, which may change it. */
typedef struct Target {
    const char *instance;    /* of hotfolder@.service; NULL: none */
    const char *runtime_dir; /* where its control.sock is */
    const char *config;      /* its configuration, unless a command is given another */
} Target;

extern const Usage usage_hotfolder;
extern const Usage usage_actions, usage_add, usage_cancel, usage_check, usage_doctor, usage_dropin,
    usage_import, usage_list, usage_metrics, usage_notify, usage_pause, usage_profiles,
    usage_reload, usage_remove, usage_reprocess, usage_resume, usage_retry, usage_run, usage_scan,
    usage_sheet, usage_status, usage_try, usage_undo, usage_values, usage_why;

/* The service hotfolder.service, or the daemon of this user; borrowed, for the whole process. */
const Target *target_new(void);

/* The configuration to read profiles from: the one that was given, else the target's where it can
 * be read; NULL: none. Borrowed. */
const char *target_readable_config(const Target *from, const char *given);

/* Takes an option of usage_hotfolder; `value` is not copied. */
bool target_take(int letter, const char *value);

/* Runs the command that argv[0] names. */
int command_start(int argc, char **argv, const Target *target);

/* Becomes `hotfolder-worker MODE [argument...]`, NULL ends them; returns only when it can't, an
 * exit status. */
int command_become_worker(const char *mode, char *const *arguments);

/* The settings of a configuration; NULL after printing every error in it. */
Settings *command_settings(const char *config);
