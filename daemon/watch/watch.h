/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.h - the watcher: it finds files and offers those that are ready to the intake.
 *
 * Each folder has a thread of its own, which makes every call that may hang in a share: a share
 * that does not respond holds up no other folder, also where it is only a part of a folder. One
 * more thread owns libinotifytools, which has one instance a process; it hands events to the
 * folders' threads and notices when one of them hangs. Events are hints: if any of them are lost,
 * the reconcile scan leads to the same state, only later. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/ledger/intake.h"
#include "daemon/settings/snapshot.h"
#include "daemon/watch/report.h"

typedef struct Watch Watch;

/* Starts the threads. They watch and scan every folder of settings, of which they take references,
 * and set the health of folders that become unavailable and available again. Each has a copy of the
 * intake. Waits two seconds at most for the first look at every folder. */
Watch *watch_start(Settings *settings, Intake *intake, Health *health, Error **err);

/* Gives the threads a new snapshot: folders that are gone end, and new ones begin. Returns at
 * once. */
void watch_reload(Watch *watch, Settings *settings);

/* Whether every available folder has been scanned once. Any thread. */
bool watch_initial_scan_done(Watch *watch);

/* The first available folder whose initial scan has not ended: its name, newly allocated, and how
 * many files the scan has found so far; NULL: there is none. Any thread. */
char *watch_scanning(Watch *watch, int *files);

/* What is known of a folder; free it with watch_report_clear(). Any thread. */
WatchReport watch_report(Watch *watch, const char *folder);

/* What is known of a path in a folder: "sub/a.jpg", of a directory "sub/", of the folder itself "";
 * free it with path_report_clear(). Never waits for a disk. Any thread. */
PathReport watch_why(Watch *watch, const char *folder, const char *path);

/* How many directories have a watch, and the message that others have none because the limit is
 * reached, newly allocated as *fix, which says what helps; both NULL: all have one. Any thread. */
char *watch_limit(Watch *watch, int *watched, char **fix);

/* Has the folder scanned, all of it, as soon as it is available. Any thread. */
void watch_scan(Watch *watch, const char *folder);

/* Ends the threads and waits for their end: for ever, if one hangs. */
void watch_stop(Watch *watch);
