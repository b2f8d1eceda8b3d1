/* process.h - one hotfolder-worker process: started, spoken to, ended.
 *
 * It belongs to one pool thread, which alone starts it: the child dies with the thread that made it
 * (PR_SET_PDEATHSIG). Only child_kill() may be called from elsewhere. */
#pragma once

#include "daemon/settings/snapshot.h"

typedef struct Child Child;

Child *child_new(void);
void child_free(Child *child);

/* Makes sure that it runs, holds the profiles of `settings`, has nothing to say unasked, and has
 * not worked on so many pictures that what they left behind may add up (`unmet`: on none); starts
 * it anew where not. Errors are of kind WORLD: it is no picture's fault. */
bool child_ready(Child *child, Settings *settings, bool unmet, Error **err);

/* Starts it early where it has been ended; why that failed, the next child_ready() tells. */
void child_renew(Child *child, Settings *settings);

/* Our end of the socket; -1 when it isn't running. */
int child_socket(const Child *child);

/* Keeps what a MESSAGE_LAST_WORDS says, for child_end(). */
void child_heed(Child *child, GVariant *words);

typedef struct ChildEnd {
    char *words;       /* "killed by signal 11 (Segmentation fault)", newly allocated */
    int64_t signal;    /* that killed it; 0: none */
    char *call;        /* the system call that it may not use and died of, as it says; or NULL */
    int64_t memory_kb; /* that it had at most, with its last picture (getrusage(2), ru_maxrss) */
    bool starved;      /* it wanted more memory than it may have, or died with nearly all of that */
} ChildEnd;

/* SIGKILL, and reaped. False when it wasn't running. `end` may be NULL. */
bool child_end(Child *child, ChildEnd *end);
void child_end_clear(ChildEnd *end);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChildEnd, child_end_clear)

/* What it may use from now on, for one picture that takes `memory` bytes (0: not known yet):
 * memory, processor time, size of an output. It cannot change these limits itself. */
void child_confine(Child *child, const Limits *limits, int64_t memory);

/* How many bytes that is. */
int64_t child_allowance(const Child *child);

/* Whether it has used more time of processors than the last picture may take: it can look away when
 * its limit tells it so. */
bool child_overspent(const Child *child);

/* Between two pictures it has nothing to do: one that computes all the same, since a picture has
 * taken it over, is killed. Any thread, as long as no picture is in hand. */
void child_rests(Child *child);
void child_keep_at_rest(Child *child);

/* How many threads it has, where they are more than any picture needs; else 0. Notes what memory it
 * has, too, for child_end(). */
int child_swarm(Child *child);

/* SIGKILL from any thread; the pool thread then sees its socket close. */
void child_kill(Child *child);
