/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* paths.h - where our own parts lie, and the paths that our programs agree on.
 *
 * A build tree has every program in bin/ and the shipped profiles in profiles/ beside it; a program
 * started from there uses those. Each path is newly allocated; none is checked to exist unless the
 * function says so. */
#pragma once

/* The program hotfolder-worker: $HOTFOLDER_WORKER, if it is set. */
char *paths_worker(void);

/* The program hotfolder-program, beside it: $HOTFOLDER_PROGRAM, if it is set. */
char *paths_program(void);

/* The program hotfolder-notice, beside it: $HOTFOLDER_NOTICE_PROGRAM, if it is set. */
char *paths_notice(void);

/* The program hotfolder-ptp, beside it: $HOTFOLDER_PTP, if it is set. */
char *paths_ptp(void);

/* What to do where one of them cannot be started, by errno; NULL: it is not there. */
const char *paths_worker_fix(int code);

/* The directory of the shipped profiles. */
char *paths_profiles(void);

/* The user's own configuration, $XDG_CONFIG_HOME/hotfolder/hotfolder.conf. */
char *paths_own_config(void);

/* The configuration: the user's own where that file exists and the user is not root, else
 * HOTFOLDER_CONFIG. */
char *paths_config(void);

/* $STATE_DIRECTORY (the first directory in it, as systemd sets it), else
 * $XDG_STATE_HOME/hotfolder. */
char *paths_state_dir(void);

/* $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/hotfolder, else /run/hotfolder for root, else run/
 * below the state directory. */
char *paths_runtime_dir(void);

/* The runtime directory of the daemon to talk to: our own if it holds a control.sock, else the
 * system service's. */
char *paths_daemon_dir(void);

/* Configuration and runtime directory of hotfolder@NAME.service, as its unit sets them. */
char *paths_instance_config(const char *name);
char *paths_instance_dir(const char *name);

/* The state directory of that service, or of hotfolder.service (NULL), as its unit sets it. */
char *paths_instance_state_dir(const char *name);
