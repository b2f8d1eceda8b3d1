/* watch.h - the watcher's thread: directories, events, scans, and files that are not ready yet.
 *
 * It owns libinotifytools, which is one instance a process. Events are hints: losing any share of
 * them ends in the same state, only later, by the reconcile scan. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/ledger/intake.h"
#include "daemon/settings/snapshot.h"
#include "daemon/watch/report.h"

typedef struct Watch Watch;

/* Starts the thread. It watches and scans every folder of settings (a reference is taken), tells
 * health when one goes away and comes back, and offers ready files to intake. */
Watch *watch_start(Settings *settings, Intake *intake, Health *health, Error **err);

/* Gives the thread a new snapshot: folders that went are dropped, new ones scanned. Returns at
 * once. */
void watch_reload(Watch *watch, Settings *settings);

/* Whether every folder that is there has been scanned once. Any thread. */
bool watch_initial_scan_done(Watch *watch);

/* The first folder that is being looked through for the first time since it is there: its name,
 * newly allocated, and how many files were met so far; NULL: there is none. Any thread. */
char *watch_scanning(Watch *watch, int *files);

/* The folder that keeps the thread from all others, since what it lies on has not answered for ten
 * seconds: its name, newly allocated; NULL: there is none. Any thread. */
char *watch_unresponsive(Watch *watch);

/* What the thread knows of a folder; the arrays are newly allocated. Any thread. */
WatchReport watch_report(Watch *watch, const char *folder);

/* Ends the thread and waits for it. */
void watch_stop(Watch *watch);
