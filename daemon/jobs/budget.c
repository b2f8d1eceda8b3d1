/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/budget.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"

enum { CARE_MS = 200 }; /* between two calls of a BudgetCare */

struct Budget {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t bytes, used;
    uint64_t last_ticket;
    GQueue waiting; /* of tickets, in the order of the calls */
    bool stopped;
};

Budget *budget_new(int64_t bytes)
{
    Budget *budget = g_new0(Budget, 1);
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&budget->lock, NULL);
    pthread_cond_init(&budget->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    g_queue_init(&budget->waiting);
    budget->bytes = bytes;
    return budget;
}

void budget_free(Budget *budget)
{
    if (!budget)
        return;
    g_assert(g_queue_is_empty(&budget->waiting));
    pthread_cond_destroy(&budget->changed);
    pthread_mutex_destroy(&budget->lock);
    g_free(budget);
}

/* Whether `bytes` fit into the budget, but not into what is free of it now. */
static bool must_wait(const Budget *budget, int64_t bytes)
{
    return bytes <= budget->bytes && bytes > budget->bytes - budget->used;
}

/* Calls it without the lock. */
static bool call_care(Budget *budget, BudgetCare *care, void *user)
{
    pthread_mutex_unlock(&budget->lock);
    bool on = care(user);
    pthread_mutex_lock(&budget->lock);
    return on;
}

/* A change wakes all that wait; each checks whether it is its turn now. */
Grant budget_take(Budget *budget, int64_t bytes, BudgetCare *care, void *user)
{
    struct timespec care_due = clock_after(CARE_MS);
    bool on = true;

    pthread_mutex_lock(&budget->lock);
    gpointer ticket = GSIZE_TO_POINTER(++budget->last_ticket);
    g_queue_push_tail(&budget->waiting, ticket);
    while (on && !budget->stopped &&
           (g_queue_peek_head(&budget->waiting) != ticket || must_wait(budget, bytes))) {
        if (pthread_cond_timedwait(&budget->changed, &budget->lock, &care_due) != ETIMEDOUT)
            continue;
        on = !care || call_care(budget, care, user);
        care_due = clock_after(CARE_MS);
    }
    g_queue_remove(&budget->waiting, ticket);
    Grant grant = !on                      ? GRANT_ABANDONED
                  : budget->stopped        ? GRANT_STOPPING
                  : bytes <= budget->bytes ? GRANT_YES
                                           : GRANT_NEVER;
    if (grant == GRANT_YES)
        budget->used += bytes;
    pthread_cond_broadcast(&budget->changed); /* the next caller's turn has come */
    pthread_mutex_unlock(&budget->lock);
    return grant;
}

bool budget_try(Budget *budget, int64_t bytes)
{
    pthread_mutex_lock(&budget->lock);
    bool taken = !budget->stopped && g_queue_is_empty(&budget->waiting) &&
                 bytes <= budget->bytes - budget->used;
    if (taken)
        budget->used += bytes;
    pthread_mutex_unlock(&budget->lock);
    return taken;
}

void budget_give(Budget *budget, int64_t bytes)
{
    pthread_mutex_lock(&budget->lock);
    budget->used -= bytes;
    pthread_cond_broadcast(&budget->changed);
    pthread_mutex_unlock(&budget->lock);
}

void budget_resize(Budget *budget, int64_t bytes)
{
    pthread_mutex_lock(&budget->lock);
    budget->bytes = bytes;
    pthread_cond_broadcast(&budget->changed);
    pthread_mutex_unlock(&budget->lock);
}

void budget_stop(Budget *budget)
{
    pthread_mutex_lock(&budget->lock);
    budget->stopped = true;
    pthread_cond_broadcast(&budget->changed);
    pthread_mutex_unlock(&budget->lock);
}

BudgetUse budget_use(Budget *budget)
{
    pthread_mutex_lock(&budget->lock);
    BudgetUse use = { budget->bytes, budget->used, (int) g_queue_get_length(&budget->waiting) };
    pthread_mutex_unlock(&budget->lock);
    return use;
}
