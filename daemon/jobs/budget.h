/* budget.h - memory that all workers share: a picture is decoded when there is room for it.
 *
 * First come, first served: a large picture that waits is not overtaken for ever by small ones.
 * Safe to call from any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Budget Budget;

typedef enum Grant {
    GRANT_YES,   /* it is taken, until it is given back */
    GRANT_NEVER, /* it is more than there is in all */
    GRANT_STOP,  /* budget_stop() was called: it was not waited for any longer */
    GRANT_LEFT,  /* nor here, as `care` said */
} Grant;

Budget *budget_new(int64_t bytes);
void budget_free(Budget *budget);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Budget, budget_free)

/* What the caller looks after while it waits, a few times a second; false: it waits no longer. */
typedef bool BudgetCare(void *user);

/* Waits until `bytes` (0 or more) are free, in the order of the calls. `care` may be NULL. */
Grant budget_take(Budget *budget, int64_t bytes, BudgetCare *care, void *user);

/* Takes `bytes` if they are free and nobody waits. */
bool budget_try(Budget *budget, int64_t bytes);

void budget_give(Budget *budget, int64_t bytes);

/* Another size from now on. What is taken stays so, even when that is more. */
void budget_resize(Budget *budget, int64_t bytes);

/* Nobody waits any longer, and nothing is granted any more. */
void budget_stop(Budget *budget);

typedef struct BudgetUse {
    int64_t bytes, used; /* in all, and taken */
    int waiting;         /* callers */
} BudgetUse;
BudgetUse budget_use(Budget *budget);
