/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exit_note.h - the last message of a worker that cannot continue: the daemon adds it to its
 * report. */
#pragma once

/* Sends the daemon the reason why this process is about to die: the forbidden system call, "" for
 * none, and the texts (at most 8; NULL ends them) joined. Async-signal-safe; it never waits, and
 * the note is lost if the daemon does not read it. */
void exit_note_send(const char *call, const char *const *texts);
