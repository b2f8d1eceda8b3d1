/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies are read back in their order, each destination's for itself. */
#include <semaphore.h>

#include "daemon/import/prover.h"
#include "tests/unit/check.h"

enum { LANES = 2, JOBS = 20 };

/* What the owner of a prover has. */
typedef struct Owner {
    sem_t may_read[LANES]; /* one for each job */
    GString *read[LANES];  /* by the lane's thread */
} Owner;

static void read_job(void *user, ProverJob *job)
{
    Owner *owner = user;

    while (sem_wait(&owner->may_read[job->lane]) < 0)
        ;
    g_string_append_printf(owner->read[job->lane], "%s ", job->name);
    job->end = PROOF_RIGHT;
    job->content.size = job->expected.size;
}

static void allow(Owner *owner, unsigned lane, int count)
{
    for (int i = 0; i < count; i++)
        sem_post(&owner->may_read[lane]);
}

static Prover *begin(Owner *owner)
{
    for (unsigned i = 0; i < LANES; i++) {
        sem_init(&owner->may_read[i], 0, 0);
        owner->read[i] = g_string_new(NULL);
    }
    return prover_new(LANES, read_job, owner);
}

static void end(Owner *owner, Prover *prover)
{
    prover_free(prover);
    for (unsigned i = 0; i < LANES; i++) {
        sem_destroy(&owner->may_read[i]);
        g_string_free(owner->read[i], TRUE);
    }
}

static void add(Prover *prover, unsigned lane, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ProverJob *job = g_new(ProverJob, 1);
        *job = (ProverJob){
            .lane = lane,
            .index = i,
            .name = g_strdup_printf("%u", i),
            .expected = { .size = i },
        };
        prover_add(prover, job);
    }
}

static void take(Prover *prover, unsigned lane, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        g_autoptr(ProverJob) job = NULL;
        while (!(job = prover_next(prover)))
            prover_wait(prover, 1);
        assert_int_equal(job->lane, lane);
        assert_int_equal(job->index, i);
        assert_int_equal(job->end, PROOF_RIGHT);
        assert_int_equal(job->content.size, i);
    }
}

static void a_destination_that_hangs_holds_up_no_other(void **state)
{
    Owner owner;
    Prover *prover = begin(&owner);

    (void) state;
    assert_true(prover_wait(prover, 0));
    add(prover, 0, JOBS);
    add(prover, 1, JOBS);
    allow(&owner, 1, JOBS);
    take(prover, 1, JOBS);
    assert_false(prover_wait(prover, 0));
    assert_null(prover_next(prover));
    allow(&owner, 0, JOBS);
    take(prover, 0, JOBS);
    assert_true(prover_wait(prover, 0));
    assert_string_equal(owner.read[0]->str, owner.read[1]->str);
    assert_true(g_str_has_prefix(owner.read[0]->str, "0 1 2 3 "));
    end(&owner, prover);
}

static void it_ends_while_copies_wait(void **state)
{
    Owner owner;
    Prover *prover = begin(&owner);

    (void) state;
    add(prover, 0, JOBS);
    allow(&owner, 0, 1);
    take(prover, 0, 1);
    allow(&owner, 0, JOBS);
    end(&owner, prover);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_destination_that_hangs_holds_up_no_other),
        cmocka_unit_test(it_ends_while_copies_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
