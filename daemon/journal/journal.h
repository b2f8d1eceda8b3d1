/* journal.h - telling: how an event (events.h) gets to the journal.
 *
 * An event goes into a bounded ring and a thread of its own hands it to the journal, because a
 * journal that hangs must never stop work. Where there is no journal, plain lines go to stderr.
 * Many messages of one kind are told by their count (ratelimit.h).
 * Log once, where it is decided; actions and helpers never log. */
#pragma once

#include "daemon/journal/events.h"

/* journal_event(EVENT_DONE, .folder = "inbox", .source = "beach.jpg"). Never blocks. */
#define journal_event(id, ...) journal_send(id, &(EventFields){ __VA_ARGS__ })
void journal_send(EventId id, const EventFields *fields);

/* Starts the logger thread. Before it, and after journal_stop(), events go straight to stderr. */
void journal_start(void);
void journal_stop(void); /* after everything in the ring was told */

/* Nothing is told at all: for a program that shows its own lines (hotfolder run). */
void journal_mute(void);
