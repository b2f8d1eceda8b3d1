/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* judge.h - the promises, a row each with its sentence, and what has happened to each picture. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/sim/schedule.h"

typedef enum Rule {
    RULE_ENDS,      /* every ready picture ends once */
    RULE_ONCE,      /* no output twice, counted at the link, also where a reader takes it away */
    RULE_WHOLE,     /* what is under a final name is whole */
    RULE_ONE_PLACE, /* each original lies in exactly one place */
    RULE_TIDY,      /* nothing hidden is left */
    RULE_RETRY,     /* a retry begins within twice its delay and what is in progress */
    RULE_FAIR,      /* new pictures go on beside retries */
    RULE_HANG,   /* one mount's hang delays no other folder by more than 100 ms, and is said in 12 s
                  */
    RULE_STOP,   /* SIGTERM ends in its time */
    RULE_LOCK,   /* a lock is never held across a call that can hang */
    RULE_COUNTS, /* status adds up */
    RULE_CALM,   /* after the last fault all is still within the longest delay */
    RULE_STARTS, /* the daemon starts after each kill */
    RULE_GOES_ON, /* something goes on, and no memory is used wrongly */
    RULES
} Rule;
extern const char *const judge_sentences[RULES];

void judge_reset(void);

/* What people did. A picture has a number; a version for each content that had its name. */
void judge_sent(unsigned picture, unsigned version, const char *path);
void judge_gone(unsigned picture,
                unsigned version); /* a person took its original away or replaced it */
void judge_renamed(unsigned picture, const char *path);

/* What the daemon did, from disk_on_named and from workers. */
void judge_named(const char *path, ino_t inode, ProcessId by);
void judge_begun(unsigned picture);
void judge_made(unsigned picture);

/* A rule is broken; the first one counts, and the history stops. */
void judge_break(Rule rule, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* At the end, when all is still: looks at the disk and the ledger. */
void judge_end(void);

/* The rule that was broken, or RULES; *why lives until the next history. */
Rule judge_broken(const char **why);
