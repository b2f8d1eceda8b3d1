/* job.h - one picture, from its place in the ledger to its outputs: the straight line. */
#pragma once

#include <stdatomic.h>

#include "daemon/folders/health.h"
#include "daemon/jobs/budget.h"
#include "daemon/ledger/ledger.h"
#include "daemon/outputs/staging.h"
#include "daemon/process/process.h"
#include "formats/format.h"

typedef struct Job Job;

typedef enum JobEnd {
    JOB_DONE,
    JOB_DEFERRED,   /* tried again later, by the ledger */
    JOB_HELD,       /* its folder's world is broken; no attempt spent */
    JOB_BARRED,     /* its file may not be read; no attempt spent, tried again */
    JOB_FAILED,     /* given up; the original is in failed/ */
    JOB_SUPERSEDED, /* the file went away or was replaced; nothing was made */
    JOB_STOPPED,    /* we are stopping; it waits in the ledger */
    JOB_NOT_OURS,   /* somebody else had claimed it, or its folder is not alive: not begun */
    JOB_UNRECORDED, /* the ledger could not be written; its row says `working` still */
} JobEnd;

/* What all jobs share. Everything is borrowed and outlives them. */
typedef struct JobContext {
    Ledger *ledger;
    Health *health;
    Budget *budget;       /* set by the dispatcher */
    bool dry;             /* only say what would be made */
    atomic_bool stopping; /* children are being killed because we stop */
    /* Called on the pool's thread when a job ended; names and error may be NULL. May be NULL. */
    void (*ended)(void *user, const Job *job, JobEnd end, const char *names, const Error *error);
    void *user;
} JobContext;

struct Job {
    JobContext *context;
    Settings *settings; /* owned reference */
    const Folder *folder;
    LedgerRow row; /* owned */
    int64_t started_ms;

    /* while it is worked on */
    int fd; /* the source, open */
    Stage *stage;
    char *names; /* of outputs that a crash or a hitch found placed already; NULL: see stage */
    Origins origins;
    Format format;
    char *step;     /* "step at line 12 (scale)"; NULL before the first */
    int64_t memory; /* taken of the budget */
    bool asked;     /* for memory, by its worker */
    bool numbered;  /* its worker has asked for the sequence number */
    Error *refusal; /* why its worker did not get what it asked for: this ends the job */
    bool claimed, superseded, barred;
    bool placed;  /* its outputs have their names: what is left to do is the original's move */
    Death death;  /* of its worker */
    bool stopped; /* we stop, and it was not decoded yet */
    bool twin_in_work;
    int64_t twin_ms; /* when it is tried again, if it is stuck */
    bool duplicate;  /* its content was finished before: nothing is made */
    bool again;      /* an earlier attempt was cut off while it published, or failed */
};

/* What every event about a job carries. */
#define JOB_FIELDS(job)                                                                            \
    .job = (job)->row.id, .folder = (job)->folder->name, .source = (job)->row.source,              \
    .profile = (job)->folder->profile->name, .attempt = (job)->row.attempt

/* Takes over *row and leaves it empty; a reference of settings is taken. */
Job *job_new(JobContext *context, Settings *settings, const Folder *folder, LedgerRow *row);
void job_free(Job *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)
