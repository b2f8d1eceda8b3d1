/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/crash.h"

#include <signal.h>

#include "base/clock.h"
#include "base/units.h"
#include "daemon/journal/journal.h"
#include "daemon/metrics/metrics.h"

bool crash_out_of_memory(const Job *job, const Process *process, const char *what, Error **err)
{
    int64_t max = job->folder->limits.max_memory;
    g_autofree char *most =
        max ? units_bytes_text(max) : units_bytes_rounded(process_memory_limit(process));
    g_autofree char *rule = max ? g_strdup_printf("max_memory = %s allows", most)
                                : g_strdup_printf("the %s that a picture of its size gets", most);

    return error_set(err, ERROR_MEMORY,
                     max ? "raise `max_memory`, or make the picture smaller"
                         : "set the folder's `max_memory` to more than that; if the machine has "
                           "too little memory, lower `workers`",
                     "%s: the picture needed more memory than %s", what, rule);
}

/* How the worker ended. */
typedef struct Crash {
    bool overdue; /* no result at the deadline */
    bool busy;    /* it used up its processor time */
    bool rogue;   /* it broke the protocol or a limit, which is ERROR_INTERNAL here */
    ProcessEnd end;
} Crash;

/* Ends the worker, if it runs still. `why` is the error that broke the conversation. */
static Crash end_worker(Process *process, bool overdue, const Error *why)
{
    Crash crash = { .overdue = overdue, .rogue = why->kind == ERROR_INTERNAL };
    bool overspent = process_is_over_cpu_time(process);

    if (overdue || overspent)
        process_kill(process);
    if (!process_end(process, &crash.end))
        crash.end.words = g_strdup("had ended already");
    crash.busy = crash.end.signal == SIGXCPU || overspent;
    return crash;
}

/* A decoder gave up or crashed, nearly always because of the picture. A system call that is not
 * allowed ends a worker too, and is named instead. */
static bool is_fault(const Crash *crash)
{
    static const int faults[] = { SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };

    for (size_t i = 0; !crash->rogue && !crash->end.call && i < G_N_ELEMENTS(faults); i++)
        if (crash->end.signal == faults[i])
            return true;
    return false;
}

/* While a save encodes, decoders run too: the picture may be good, and the encoder have given up,
 * as libjxl does without memory. */
static bool is_saving(const Job *job)
{
    return job->render.step && g_str_has_suffix(job->render.step, "(save)");
}

static char *fault_text(const Job *job, const Crash *crash)
{
    Format format = job->source.format;

    return is_saving(job)
               ? g_strdup_printf("the worker %s while it saved the picture of a %s",
                                 crash->end.words, format_name(format))
               : g_strdup_printf("the worker %s over a %s, which %s decodes", crash->end.words,
                                 format_name(format), format_library(format));
}

static char *fault_advice(const Job *job)
{
    return is_saving(job)
               ? g_strdup("raise `max_memory`, or save it in another format; if a viewer does not "
                          "show the picture, it is damaged")
               : g_strdup_printf("open it in a viewer; if that shows it, save it there in another "
                                 "format, or install updates of %s",
                                 format_library(job->source.format));
}

static char *crash_text(const Job *job, const Crash *crash, const Error *why)
{
    if (crash->overdue)
        return g_strdup_printf("no result within %g s (deadline)",
                               (double) job->folder->deadline_ms / 1000);
    if (crash->rogue)
        return g_strdup(why->what);
    if (crash->busy)
        return g_strdup_printf("no result within %g s of computing (max_cpu)",
                               (double) job->folder->limits.max_cpu / 1000);
    if (is_fault(crash))
        return fault_text(job, crash);
    return g_strdup_printf("the worker %s", crash->end.words);
}

/* `most_ms` is the present limit. A batch has no folder of the user's: `defaults` give it its
 * limits. Newly allocated. */
static char *raise_limit(const Job *job, const char *setting, int64_t most_ms)
{
    g_autofree char *twice = units_duration_text(MIN(2 * most_ms, ATTEMPT_MS_MAX));

    if (most_ms >= ATTEMPT_MS_MAX)
        return g_strdup_printf("make the picture smaller: `%s` cannot be more", setting);
    if (!job_is_batch(job))
        return g_strdup_printf("if the picture is only large, raise the folder's `%s`", setting);
    return g_strdup_printf("if the picture is only large, write a larger one, as in defaults { %s "
                           "= %s }, into a configuration, and name that with --config",
                           setting, twice);
}

/* Newly allocated; NULL: none. */
static char *crash_advice(const Job *job, const Crash *crash)
{
    if (crash->overdue)
        return raise_limit(job, "deadline", job->folder->deadline_ms);
    if (crash->busy)
        return raise_limit(job, "max_cpu", job->folder->limits.max_cpu);
    if (crash->end.signal == SIGKILL && !crash->rogue)
        return g_strdup(
            "if memory ran out, lower `memory` or `workers`, or raise MemoryMax= of the "
            "service");
    return is_fault(crash) ? fault_advice(job) : NULL;
}

/* A worker that the daemon killed in order to stop is not reported. */
static void report_crash(Job *job, const Crash *crash, const char *evidence, int64_t took_ms)
{
    if (atomic_load(&job->context->stopping)) {
        job->outcome = OUTCOME_STOPPED;
        return;
    }
    metrics_add(METRIC_WORKERS_DIED, 1, NULL, NULL, NULL);
    journal_event(EVENT_WORKER_DIED, JOB_FIELDS(job), .reason = evidence, .step = job->render.step,
                  .signal = crash->end.signal, .call = crash->end.call,
                  .memory_kb = crash->end.memory_kb, .duration_ms = took_ms);
}

bool crash_end(Job *job, Process *process, bool overdue, const Error *why, Error **err)
{
    int64_t took_ms = clock_ms() - job->started_ms;
    Crash crash = end_worker(process, overdue, why);
    g_autofree char *text = crash_text(job, &crash, why);
    g_autofree char *advice = crash_advice(job, &crash);
    g_autofree char *evidence =
        g_strdup_printf("%s (after %.1f s, with %.0f MB of memory at most)", text,
                        (double) took_ms / 1000, (double) crash.end.memory_kb / 1024);

    job->render.crash = overdue || crash.busy ? CRASH_TIMEOUT : CRASH_UNKNOWN;
    report_crash(job, &crash, evidence, took_ms);
    if (crash.end.memory_exhausted && !overdue && !crash.busy && !crash.rogue)
        crash_out_of_memory(job, process, evidence, err);
    else
        error_set(err, ERROR_TRANSIENT, advice, "%s", evidence);
    process_end_clear(&crash.end);
    return job->render.step ? error_set_where(err, "%s", job->render.step) : false;
}
