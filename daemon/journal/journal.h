/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal.h - hands events (events.h) to the systemd journal.
 *
 * An event goes into a bounded ring, and a thread of its own hands it to the journal, because a
 * journal that hangs must never stop work. Without a journal, plain lines go to stderr. Of many
 * messages of one kind only the first are logged, then how many more came (ratelimit.h).
 *
 * An event is logged once, by the code that decides what happens; actions and helpers never log.
 * Any thread, but for start, stop and mute: main thread. */
#pragma once

#include "daemon/journal/events.h"

/* journal_event(EVENT_DONE, .folder = "inbox", .source = "beach.jpg"). Never blocks. */
#define journal_event(id, ...) journal_send(id, &(EventFields){ __VA_ARGS__ })
void journal_send(EventId id, const EventFields *fields);

/* Starts the logger thread. Before it, and after journal_stop(), events go straight to stderr. */
void journal_start(void);
void journal_stop(void); /* after everything in the ring was logged, or five seconds */

/* After journal_stop() of a process that ends soon after its start: gives journald the time to read
 * from /proc which unit the messages are of. It reads that when it takes a message, and of a
 * process that has ended it finds nothing: `journalctl -u` would not show its messages. */
void journal_linger(void);

/* From now on nothing is logged: for a program that shows its own lines (hotfolder run). */
void journal_mute(void);
