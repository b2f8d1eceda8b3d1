/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
    RETRY_CRASHES = 2,    /* a picture fails that has crashed a worker, or the daemon, this often */
    RETRY_UNFINISHED = 5, /* so does one that was in progress when the daemon died this often */
    RETRY_GIVE_UP = 4,    /* one that crashed the daemon even while it was failed is left alone */
};

/* Whether a picture that begins its attempts-th attempt has no attempt left. Its earlier attempts
 * may have ended with the daemon (kill -9, power cuts) without its fault: so it gets
 * RETRY_UNFINISHED attempts at least. */
bool retry_spent(int attempts, const RetryPolicy *policy);

/* attempts: how many were made, this one included. crashes: how many of them crashed a worker. */
RetryVerdict retry_decide(ErrorKind kind, int attempts, int crashes, const RetryPolicy *policy);

/* Milliseconds until attempt number attempts + 1: first * 2^(attempts-1), at most max; the upper
 * half of that is multiplied with `chance`, from 0 to 1. "Equal jitter", as in Amazon's
 * architecture blog, "Exponential Backoff And Jitter" (2015). */
int64_t retry_delay(int attempts, const RetryPolicy *policy, double chance);
