/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* budget.h - memory that all workers share: a picture is decoded when there is room for it.
 *
 * First come, first served: small pictures do not overtake a large one that waits. Sizes are in
 * bytes. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Budget Budget;

typedef enum Grant {
    GRANT_YES,       /* the memory is taken, until it is given back */
    GRANT_NEVER,     /* the budget is smaller than that */
    GRANT_STOPPING,  /* nothing was taken: budget_stop() was called */
    GRANT_ABANDONED, /* nothing was taken: the caller's BudgetCare ended the wait */
} Grant;

Budget *budget_new(int64_t bytes);
void budget_free(Budget *budget);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Budget, budget_free)

/* Called a few times a second while budget_take() waits; false ends the wait. */
typedef bool BudgetCare(void *user);

/* Waits until `bytes` (0 or more) are free; callers are served in the order of their calls. `care`
 * may be NULL. */
Grant budget_take(Budget *budget, int64_t bytes, BudgetCare *care, void *user);

/* Takes `bytes` if they are free and no caller waits. */
bool budget_try(Budget *budget, int64_t bytes);

void budget_give(Budget *budget, int64_t bytes);

/* Changes the size of the budget. Memory that is taken stays so, even when that is more. */
void budget_resize(Budget *budget, int64_t bytes);

/* Ends all waits; from now on nothing is granted. */
void budget_stop(Budget *budget);

typedef struct BudgetUse {
    int64_t bytes; /* in all */
    int64_t used;  /* taken */
    int waiting;   /* callers */
} BudgetUse;
BudgetUse budget_use(Budget *budget);
