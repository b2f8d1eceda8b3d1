/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* job.h - one picture on its way from the ledger to its outputs, and what each step learns of it.
 *
 * A job belongs to one thread at a time: the dispatcher makes it, the queue hands it over, and a
 * pool thread makes one attempt at it and frees it. */
#pragma once

#include <stdatomic.h>

#include "daemon/folders/health.h"
#include "daemon/jobs/budget.h"
#include "daemon/ledger/parts.h"
#include "daemon/originals/originals.h"
#include "daemon/outputs/named.h"
#include "daemon/outputs/staging.h"
#include "daemon/process/process.h"
#include "formats/format.h"

typedef struct Job Job;

/* What an attempt came to. A step that ends the attempt for a reason of its own says so here;
 * outcome.c has one way to record each. */
typedef enum Outcome {
    OUTCOME_BY_ERROR, /* a step failed; the kind of its error decides what is done */
    OUTCOME_DONE,

    /* before the ledger has begun it */
    OUTCOME_NOT_BEGUN,  /* the row was replaced, or the folder is unavailable */
    OUTCOME_UNRECORDED, /* the ledger could not be read or written */
    OUTCOME_POISON,     /* it crashed the daemon even while it was being failed */
    OUTCOME_FAILING,    /* an earlier attempt failed; only the move to failed/ remains */

    /* before the outputs have their names */
    OUTCOME_SUPERSEDED,            /* the file is gone or was replaced */
    OUTCOME_UNREADABLE,            /* the daemon has no permission to read the file */
    OUTCOME_LOCKED,                /* another program, no hotfolder, has locked the file */
    OUTCOME_UNCONFINED,            /* the sandbox lacks what the folder wants for this format */
    OUTCOME_DUPLICATE_IN_PROGRESS, /* a picture of the same content is in progress */
    OUTCOME_STOPPED,               /* the daemon stops; the picture was not decoded */
    OUTCOME_OUTPUT_LOST, /* an output of an earlier attempt is gone; it must be made again */
} Outcome;

/* How a job ended, as the ledger has recorded it. */
typedef enum JobEnd {
    JOB_DONE,
    JOB_DEFERRED,   /* the ledger offers it again later */
    JOB_HELD,       /* its folder is held; no attempt was spent */
    JOB_BLOCKED,    /* a person or a program keeps it; no attempt was spent, it is tried again */
    JOB_FAILED,     /* given up; the original is in failed/ */
    JOB_SUPERSEDED, /* the file is gone or was replaced; nothing was made */
    JOB_STOPPED,    /* the daemon stops; the job waits in the ledger */
    JOB_NOT_BEGUN,  /* its folder is unavailable, or its row was replaced: the row is given back */
    JOB_TAKEN_OVER, /* another one has its row: nothing was recorded */
    JOB_UNRECORDED, /* the ledger could not be written: it still calls the row ours */
} JobEnd;

/* Pauses and time limits of this room, in milliseconds. */
typedef struct JobTimes {
    int64_t ledger_retry_ms;     /* pause of all folders after a failed write to the ledger */
    int64_t crash_window_ms;     /* time in which ten crashes of workers are a crash loop */
    int64_t cool_down_ms;        /* pause of a folder after a crash loop */
    int64_t slow_job_ms;         /* how long a job stands still until it hangs: see pool.h */
    int64_t unreadable_retry_ms; /* pause before a file that may not be read is tried again */
    int64_t locked_retry_ms;     /* the same for one that another program has locked */
    int64_t unconfined_retry_ms; /* the same for a format that the sandbox is too weak for */
    int64_t duplicate_retry_ms; /* pause while another picture of the same content is in progress */
    int64_t unmoved_retry_ms;   /* pause before an original that can't be moved is tried again */
    int64_t close_outputs_ms;   /* time that a worker has to close its outputs after its result */
} JobTimes;

extern const JobTimes job_times; /* the defaults */

/* What all jobs share. Everything is borrowed and outlives them. */
typedef struct JobContext {
    Ledger *ledger;
    Health *health;
    const JobTimes *times; /* NULL: dispatch_new() sets it to the defaults */
    Budget *budget;        /* set by dispatch_new() */
    Named *named;          /* of a batch: by which times its pictures were named; else NULL */
    Planned *planned;      /* of a dry run: only say what would be made; else NULL */
    bool measures;         /* of a batch: each step is done by itself, and says what it took */
    Process *first;        /* a worker process that runs already, which the pool takes; or NULL */
    atomic_bool stopping;  /* worker processes are being killed because the daemon stops */
    /* Called on the pool's thread when a job ended; names and error may be NULL. May be NULL. */
    void (*ended)(void *user, const Job *job, JobEnd end, const char *names, const Error *error);
    /* The path, relative to the folder, of the XMP file beside a job's picture, newly allocated;
     * NULL: there is none. On the pool's thread. May be NULL. */
    char *(*sidecar)(void *user, const Job *job);
    void *user;
} JobContext;

/* What the claim learns of the source. */
typedef struct JobSource {
    int fd;      /* open for reading; -1: not open */
    int sidecar; /* the XMP file beside it, the same; -1: it has none */
    char *sidecar_name;
    Format format;
    Provenance provenance;
    const char *note;           /* what is wrong with a picture that can be done; static, or NULL */
    bool duplicate;             /* its content was finished before: nothing is made */
    int64_t duplicate_delay_ms; /* until the next try of the picture of the same content */
} JobSource;

/* What the conversation with the worker learns. */
typedef struct JobRender {
    char *step;      /* "web.conf:12 (scale)"; NULL before the first */
    char *notes;     /* of the worker about the picture, "; " between them; NULL: none */
    GPtrArray *plan; /* of char *, NULL ends it: how it is made, where the context asks for that;
                      * NULL: not known */
    int64_t memory;  /* bytes taken of the budget */
    bool memory_requested;
    int program_file; /* what the worker writes for a program; -1: nothing */
    bool no_output;   /* the worker says that the profile makes none of this picture */
    Error *refusal;   /* why the worker did not get what it requested: this ends the job */
    CrashCause crash; /* of the worker */
} JobRender;

/* What publishing learns. */
typedef struct JobPublish {
    bool complete; /* all outputs have their names: only the original is left to move */
    int64_t bytes; /* of outputs that this attempt has published */
    char *names;   /* of outputs that an earlier attempt recorded; NULL: the staging knows them */
} JobPublish;

/* The other files of its shot. */
typedef struct JobParts {
    GArray *list;   /* of LedgerPart; NULL: there are none */
    char *names;    /* of all, for people; NULL: there are none */
    GString *moved; /* of those that this attempt has moved; NULL: none */
    bool only;      /* of a picture that has ended: its original is not to be moved, they are */
    Error *unmoved; /* why some stay; NULL: all were moved */
} JobParts;

/* What became of the original, in the ledger's words. */
static inline LedgerOriginal job_original_end(bool gone, bool missing)
{
    return missing ? ORIGINAL_MISSING : gone ? ORIGINAL_MOVED : ORIGINAL_STAYS;
}

struct Job {
    JobContext *context;
    Settings *settings; /* owned reference */
    const Folder *folder;
    LedgerRow row; /* owned */

    int64_t started_ms, made_ms; /* when the attempt began, and when the outputs were made */
    int64_t waited_ms;           /* from when its row was queued until then */
    bool resumed;                /* an earlier attempt was cut off while it published or failed */
    bool made;    /* the attempt may publish; else `error` or the outcome says why not */
    Error *error; /* that the attempt ends with, owned */
    Outcome outcome;
    atomic_bool waits;        /* for memory, which others have */
    atomic_bool runs_program; /* its worker waits for that */
    atomic_bool cancelled;    /* another one has its row: its worker is ended */
    JobSource source;
    Staging *staging; /* NULL until the attempt renders */
    JobRender render;
    JobPublish publish;
    JobParts parts;
    Error *unmoved; /* why the original stays when the picture ends; NULL: it moved */
};

/* Whether it is of a batch: that looks at each file once, waits for no person, and leaves every
 * original untouched. */
static inline bool job_is_batch(const Job *job)
{
    return job->folder->originals == ORIGINALS_UNTOUCHED;
}

/* Whether nothing is made of a content that was finished before. One that is made again is made. */
static inline bool job_skips_duplicates(const Job *job)
{
    return job->folder->duplicates == DUPLICATES_SKIP && !job->row.remake;
}

/* What every event about a job carries. */
#define JOB_FIELDS(job)                                                                            \
    .job = (job)->row.id, .folder = (job)->folder->name, .source = (job)->row.source,              \
    .profile = (job)->folder->profile->name, .attempt = (job)->row.attempt

/* Takes over *row and leaves it empty; a reference of settings is taken. */
Job *job_new(JobContext *context, Settings *settings, const Folder *folder, LedgerRow *row);
void job_free(Job *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)

/* Closes the source, and the outputs, of which those without a final name are removed. The last
 * step of an attempt: on a share that hangs this may take long. */
void job_close_files(Job *job);

/* What is noted of a picture that is done, by the claim, by the worker, of its outputs' names and
 * of its original's, newly allocated; NULL: nothing. */
char *job_notes(const Job *job);

/* The hidden name through which the job moves its original, newly allocated. */
char *job_hidden_name(const Job *job);

/* The job's original as originals.h takes it; `temp`, from job_hidden_name(), and `missing` are
 * borrowed. */
Original job_original(const Job *job, const char *temp, bool *missing);

/* Removes the hidden outputs that an earlier attempt left behind. */
bool job_remove_leftovers(const Job *job, Error **err);
