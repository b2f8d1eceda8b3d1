/* retry.h - when to try again: pure functions. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "daemon/settings/snapshot.h"

typedef enum RetryVerdict {
    RETRY_AGAIN, /* after retry_delay() */
    RETRY_HOLD,  /* the folder's world is broken: spend no attempt, wait for it */
    RETRY_FAIL,  /* give it up and tell why */
} RetryVerdict;

enum {
    RETRY_CRASHES = 2, /* a picture that took a worker, or the daemon, down this often is failed */
    RETRY_UNFINISHED = 5, /* and one that was in hand when the daemon was killed this often */
    RETRY_GIVE_UP = 4     /* when even failing it takes the daemon down, it is left where it is */
};

/* Whether a picture that is begun for the attempts-th time has used up what it can get when its
 * earlier attempts may have ended with the daemon itself (kill -9, power cuts), of which no picture
 * in hand need be the cause. */
bool retry_spent(int attempts, const RetryPolicy *policy);

/* attempts: how many were made, this one included. crashes: how many of them killed a worker. */
RetryVerdict retry_decide(ErrorKind kind, int attempts, int crashes, const RetryPolicy *policy);

/* Milliseconds until attempt number attempts + 1: first * 2^(attempts-1), at most max, of which
 * the upper half is chance: `chance` is from 0 to 1. "Equal jitter", as in Amazon's architecture
 * blog, "Exponential Backoff And Jitter" (2015). */
int64_t retry_delay(int attempts, const RetryPolicy *policy, double chance);
