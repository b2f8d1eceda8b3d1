/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* process.h - one hotfolder-worker process: its start, its limits and its end.
 *
 * It belongs to one pool thread at a time, which hands it over under the pool's lock. The worker
 * dies with the thread that started it (PR_SET_PDEATHSIG; see spawn.h), which outlives the pool's.
 * Only process_kill(), process_kill_if_busy(), process_cpu_ms() and process_resident_bytes() may be
 * called by another thread.
 */
#pragma once

#include "daemon/settings/snapshot.h"

typedef struct Process Process;

Process *process_new(void);
void process_free(Process *process);

/* From its next start on it has a low priority, of processor and disk. */
void process_set_background(Process *process);

/* Makes sure that it runs, has the profiles of `settings` and the tracks that these name as they
 * are now, has sent nothing unasked, and has not processed so many pictures that their remains may
 * add up (`fresh`: on none); else starts a new one. Errors are of kind ENVIRONMENT: no picture is
 * at fault. */
bool process_ensure_ready(Process *process, Settings *settings, bool fresh, Error **err);

/* Starts it with a document that is not checked yet. It writes what it finds there, as `worker
 * --check` does, to `answer` and closes that (daemon/settings/profiles.h). process_end_check()
 * waits until it is ready for pictures; false: it has ended, for the reason in *err.
 * process_keep_checked(): from then on it counts as started with these settings. */
bool process_start_check(Process *process, const char *document, bool fonts, int answer,
                         Error **err);
bool process_end_check(Process *process, Error **err);
void process_keep_checked(Process *process, Settings *settings);

/* Starts it early where it has ended; process_ensure_ready() reports a failure. */
void process_start_early(Process *process, Settings *settings);

/* Our end of the socket; -1 when it isn't running. */
int process_socket(const Process *process);

/* Keeps the exit note, a MESSAGE_EXIT_NOTE, for process_end(). */
void process_keep_exit_note(Process *process, GVariant *words);

typedef struct ProcessEnd {
    char *words;       /* "killed by signal 11 (Segmentation fault)", newly allocated */
    int64_t signal;    /* that ended it; 0: none */
    char *call;        /* the forbidden system call that ended it, as its exit note says; or NULL */
    int64_t memory_kb; /* the most that it had, during its last picture (getrusage(2), ru_maxrss) */
    bool memory_exhausted; /* it wanted more memory than its limit, or died near that */
} ProcessEnd;

/* Kills and reaps it. False where it was not running. `end` may be NULL. */
bool process_end(Process *process, ProcessEnd *end);
void process_end_clear(ProcessEnd *end);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ProcessEnd, process_end_clear)

/* Limits what it may use from now on, for one picture that takes `memory` bytes (0: not known yet):
 * memory, processor time, size of an output. The worker cannot change these limits itself. */
void process_set_limits(Process *process, const Limits *limits, int64_t memory);

/* The limit of memory, in bytes. */
int64_t process_memory_limit(const Process *process);

/* Whether it has used more processor time than the picture may take: a worker can ignore the signal
 * of its own limit. */
bool process_is_over_cpu_time(const Process *process);

/* Between two pictures it has nothing to do. process_set_idle() records its processor time;
 * process_kill_if_busy() kills a worker that has computed since, which a picture must have taken
 * over. Any thread, while it has no picture. */
void process_set_idle(Process *process);
void process_kill_if_busy(Process *process);

/* The processor time that it has used; 0: it is not running, or is being ended. Any thread; never
 * waits. */
int64_t process_cpu_ms(Process *process);

/* The same of its resident memory. */
int64_t process_resident_bytes(Process *process);

/* The number of its threads, where it is more than any picture needs; else 0. Also
 * records its memory, for process_end(). */
int process_excess_threads(Process *process);

/* Kills it, from any thread; the pool thread then sees its socket close. */
void process_kill(Process *process);
