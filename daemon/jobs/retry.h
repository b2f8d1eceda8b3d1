/* retry.h - whether and when a job is tried again: pure functions. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "daemon/settings/snapshot.h"

typedef enum RetryVerdict {
    RETRY_AGAIN, /* after retry_delay() */
    RETRY_HOLD,  /* the folder is held; no attempt is spent */
    RETRY_FAIL,  /* the picture is failed */
} RetryVerdict;

enum {
    RETRY_CRASHES = 2,    /* a picture that crashed a worker, or the daemon, this often is failed */
    RETRY_UNFINISHED = 5, /* and one that was in progress when the daemon was killed this often */
    RETRY_GIVE_UP = 4 /* one that crashes the daemon even while it is failed is not touched again */
};

/* Whether a picture that begins its attempts-th attempt has used up what it can get. Its earlier
 * attempts may have ended with the daemon (kill -9, power cuts), which no picture in progress need
 * have caused: so it gets RETRY_UNFINISHED of them at least. */
bool retry_spent(int attempts, const RetryPolicy *policy);

/* attempts: how many were made, this one included. crashes: how many of them crashed a worker. */
RetryVerdict retry_decide(ErrorKind kind, int attempts, int crashes, const RetryPolicy *policy);

/* Milliseconds until attempt number attempts + 1: first * 2^(attempts-1), at most max; the upper
 * half of that is multiplied with `chance`, from 0 to 1. "Equal jitter", as in Amazon's
 * architecture blog, "Exponential Backoff And Jitter" (2015). */
int64_t retry_delay(int attempts, const RetryPolicy *policy, double chance);
