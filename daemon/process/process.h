/* process.h - one hotfolder-worker process: started, spoken to, ended.
 *
 * It belongs to one pool thread, which alone starts it: the worker dies with the thread that
 * started it (PR_SET_PDEATHSIG). Only child_kill() and child_keep_at_rest() may be called by
 * another thread. */
#pragma once

#include "daemon/settings/snapshot.h"

typedef struct Child Child;

Child *child_new(void);
void child_free(Child *process);

/* Makes sure that it runs, has the profiles of `settings`, has sent nothing unasked, and has not
 * worked on so many pictures that what they left behind may add up (`fresh`: on none); else starts
 * a new one. Errors are of kind WORLD: no picture is at fault. */
bool child_ready(Child *process, Settings *settings, bool fresh, Error **err);

/* Starts it early where it has ended; child_ready() reports a failure. */
void child_renew(Child *process, Settings *settings);

/* Our end of the socket; -1 when it isn't running. */
int child_socket(const Child *process);

/* Keeps the exit note, a MESSAGE_LAST_WORDS, for child_end(). */
void child_heed(Child *process, GVariant *words);

typedef struct ChildEnd {
    char *words;       /* "killed by signal 11 (Segmentation fault)", newly allocated */
    int64_t signal;    /* that ended it; 0: none */
    char *call;        /* the forbidden system call that ended it, as its exit note says; or NULL */
    int64_t memory_kb; /* the most that it had, during its last picture (getrusage(2), ru_maxrss) */
    bool starved;      /* it wanted more memory than its limit, or died near that */
} ChildEnd;

/* Kills and reaps it. False where it was not running. `end` may be NULL. */
bool child_end(Child *process, ChildEnd *end);
void child_end_clear(ChildEnd *end);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChildEnd, child_end_clear)

/* Limits what it may use from now on, for one picture that takes `memory` bytes (0: not known yet):
 * memory, processor time, size of an output. The worker cannot change these limits itself. */
void child_confine(Child *process, const Limits *limits, int64_t memory);

/* The limit of memory, in bytes. */
int64_t child_allowance(const Child *process);

/* Whether it has used more processor time than the picture may take: a worker can ignore the signal
 * of its own limit. */
bool child_overspent(const Child *process);

/* Between two pictures it has nothing to do. child_rests() notes its processor time;
 * child_keep_at_rest() kills a worker that has computed since, which a picture must have taken
 * over. Any thread, while it has no picture. */
void child_rests(Child *process);
void child_keep_at_rest(Child *process);

/* The number of its threads, where it is more than any picture needs; else 0. Also notes its
 * memory, for child_end(). */
int child_swarm(Child *process);

/* Kills it, from any thread; the pool thread then sees its socket close. */
void child_kill(Child *process);
