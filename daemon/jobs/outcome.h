/* outcome.h - how an attempt at a job ends: what the ledger records, and what is told of it.
 *
 * Each JobEnd is returned as it has been recorded. */
#pragma once

#include "daemon/jobs/job.h"
#include "daemon/originals/originals.h"

/* Lets the context know of an end that is recorded; names and error may be NULL. */
JobEnd job_tell(Job *job, JobEnd end, const char *names, const Error *error);

/* It could not be recorded: its row says still what it said. */
JobEnd job_end_unrecorded(Job *job, const Error *error);

JobEnd job_end_done(Job *job);
JobEnd job_end_superseded(Job *job);                   /* it is about no file any more */
JobEnd job_end_stopped(Job *job, const Error *why);    /* given back, as if it had not been begun */
JobEnd job_end_unfinished(Job *job, const Error *why); /* held, put off or failed: as `why` says */
JobEnd job_end_failing(Job *job);                      /* a failure that was cut off goes on */
/* Failed, and nothing more is done about it. gone: the original is not at its place. */
JobEnd job_end_given_up(Job *job, bool gone, const Error *why);

/* For moving its original: a hidden name, newly allocated, and what originals.h asks for with it.
 */
char *job_hidden_name(const Job *job);
Retiring job_retiring(const Job *job, const char *temp);

/* Removes the hidden outputs of an earlier attempt. The number of the attempt says nothing of
 * whether there are any: one that met a broken world was given back. */
bool job_clear_leftovers(Job *job, Error **err);
