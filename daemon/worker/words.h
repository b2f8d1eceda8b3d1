/* words.h - what a worker says when it can't go on: the daemon puts it into the evidence. */
#pragma once

/* Tells the daemon why this process is about to die: the system call that it may not use, "" for
 * none, and the texts (at most 8; NULL ends them) one after the other. Async-signal-safe; it never
 * waits, and is lost where the daemon does not listen.
 */
void last_words(const char *call, const char *const *texts);
