/* watch.h - the watcher's thread: it finds files and offers those that are ready to the intake.
 *
 * It owns libinotifytools, which has one instance a process. Events are hints: if any of them are
 * lost, the reconcile scan leads to the same state, only later. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/ledger/intake.h"
#include "daemon/settings/snapshot.h"
#include "daemon/watch/report.h"

typedef struct Watch Watch;

/* Starts the thread. It watches and scans every folder of settings, of which it takes a reference,
 * and sets the health of folders that become unavailable and available again. */
Watch *watch_start(Settings *settings, Intake *intake, Health *health, Error **err);

/* Gives the thread a new snapshot: it drops folders that are gone and scans new ones. Returns at
 * once. */
void watch_reload(Watch *watch, Settings *settings);

/* Whether every available folder has been scanned once. Any thread. */
bool watch_initial_scan_done(Watch *watch);

/* The first available folder whose initial scan has not ended: its name, newly allocated, and how
 * many files the scan has found so far; NULL: there is none. Any thread. */
char *watch_scanning(Watch *watch, int *files);

/* The folder that has blocked the thread for ten seconds, since its share does not respond: its
 * name, newly allocated; NULL: there is none. Any thread. */
char *watch_unresponsive(Watch *watch);

/* What the thread knows of a folder; free it with watch_report_clear(). Any thread. */
WatchReport watch_report(Watch *watch, const char *folder);

/* Ends the thread and waits for its end. */
void watch_stop(Watch *watch);
