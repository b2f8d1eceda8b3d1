/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/retry.h"

bool retry_spent(int attempts, const RetryPolicy *policy)
{
    return attempts > MAX(policy->attempts, RETRY_UNFINISHED);
}

RetryVerdict retry_decide(ErrorKind kind, int attempts, int crashes, const RetryPolicy *policy)
{
    switch (kind) {
    case ERROR_ENVIRONMENT:
        return RETRY_HOLD;
    case ERROR_PICTURE:
        return RETRY_FAIL;
    case ERROR_TRANSIENT:
    case ERROR_MEMORY:
    case ERROR_CONFIG:
    case ERROR_INTERNAL:
    case ERROR_TAKEN:
        break;
    }
    return attempts >= policy->attempts || crashes >= RETRY_CRASHES ? RETRY_FAIL : RETRY_AGAIN;
}

int64_t retry_delay(int attempts, const RetryPolicy *policy, double chance)
{
    int64_t delay = policy->first_ms;

    for (int i = 1; i < attempts && delay < policy->max_ms; i++)
        delay *= 2;
    delay = MIN(delay, policy->max_ms);
    int64_t sure = delay / 2;
    return sure + (int64_t) ((double) (delay - sure) * chance);
}
