/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/beside.h"
#include "command/candidate.h"
#include "command/made.h"
#include "command/numbers.h"
#include "daemon/files/filename.h"
#include "daemon/files/lease.h"
#include "daemon/files/shot.h"
#include "daemon/jobs/dispatch.h"
#include "daemon/journal/journal.h"
#include "daemon/settings/ignore.h"

enum { BURST = 64, STOP_MS = 24 * 3600 * 1000 };

/* One picture's end, on its way from a pool thread to the caller's. */
typedef struct Ending {
    char *source, **outputs, *notes;
    GPtrArray *plan; /* as job.h has it; NULL: it is not asked for */
    Error *error;
    JobEnd end;
} Ending;

typedef struct Batch {
    Settings *settings;
    const BatchOptions *options;
    const BatchReporter *reporter;
    BatchCounts *counts;
    Ledger *ledger;
    Health *health;
    Dispatch *dispatch;
    JobContext context;
    GArray *offers;   /* of LedgerOffer, found but not in the ledger yet */
    Numbers *numbers; /* NULL: no name of the profile has one */
    bool has_output;  /* its directory is there, or nothing is written */
    int taken;        /* pictures of all paths, also of those that came before */
    int signals;
    bool interrupted;
    Error *broken; /* why it cannot continue */
    Beside *beside;
    GHashTable *named;    /* a set: the absolute paths of the files that were named */
    Beside *named_beside; /* of these alone */

    pthread_mutex_t lock;
    GPtrArray *endings;   /* of Ending */
    GHashTable *sidecars; /* by the whole path of its picture: its name */
} Batch;

static void ending_free(void *data)
{
    Ending *ending = data;

    g_free(ending->source);
    g_strfreev(ending->outputs);
    g_free(ending->notes);
    g_clear_pointer(&ending->plan, g_ptr_array_unref);
    error_free(ending->error);
    g_free(ending);
}

/* On a pool thread. */
static void job_ended(void *user, const Job *job, JobEnd end, const char *names, const Error *error)
{
    Batch *batch = user;
    Ending *ending = g_new0(Ending, 1);

    ending->source = filename_join(job->folder->path, job->row.source);
    ending->outputs = names || job->render.no_output ? staging_list(job->staging) : NULL;
    ending->notes = end == JOB_DONE ? job_notes(job) : NULL;
    if ((batch->options->plan || batch->options->measures) && job->render.plan)
        ending->plan = g_ptr_array_ref(job->render.plan);
    ending->error = error ? error_copy(error) : NULL;
    ending->end = end;
    pthread_mutex_lock(&batch->lock);
    g_ptr_array_add(batch->endings, ending);
    pthread_mutex_unlock(&batch->lock);
}

static void count_failed(Batch *batch, const char *source, const Error *error)
{
    batch->counts->failed++;
    batch->reporter->failed(batch->reporter->user, source, error);
}

static void report_found(Batch *batch, const char *path)
{
    batch->taken++;
    if (batch->reporter->found)
        batch->reporter->found(batch->reporter->user, path);
}

/* Of a file that never comes into the ledger. */
static void count_refused(Batch *batch, const char *path, const Error *error)
{
    batch->counts->found++;
    report_found(batch, path);
    count_failed(batch, path, error);
}

static void report_done(Batch *batch, const Ending *ending)
{
    batch->counts->done++;
    batch->counts->already += !ending->outputs;
    batch->counts->without += ending->outputs && !*ending->outputs;
    batch->reporter->done(batch->reporter->user, ending->source, ending->outputs, ending->notes,
                          ending->plan ? (char **) ending->plan->pdata : NULL);
}

static void report_ending(Batch *batch, const Ending *ending)
{
    switch (ending->end) {
    case JOB_DONE:
        report_done(batch, ending);
        break;
    case JOB_FAILED:
        count_failed(batch, ending->source, ending->error);
        break;
    case JOB_SUPERSEDED: {
        g_autoptr(Error) error = NULL;
        error_set(&error, ERROR_TRANSIENT, "run the command again", "%s", ending->error->what);
        count_failed(batch, ending->source, error);
        break;
    }
    case JOB_HELD:
    case JOB_UNRECORDED:
        if (!batch->broken)
            batch->broken = error_copy(ending->error);
        break;
    case JOB_DEFERRED:
    case JOB_BLOCKED:
    case JOB_STOPPED:
    case JOB_NOT_BEGUN:
    case JOB_TAKEN_OVER:
        break;
    }
}

static void report_endings(Batch *batch)
{
    pthread_mutex_lock(&batch->lock);
    g_autoptr(GPtrArray) endings = g_steal_pointer(&batch->endings);
    batch->endings = g_ptr_array_new_with_free_func(ending_free);
    pthread_mutex_unlock(&batch->lock);

    for (unsigned i = 0; i < endings->len; i++)
        report_ending(batch, g_ptr_array_index(endings, i));
    batch->reporter->progress(batch->reporter->user, batch->counts);
}

/* ---- between the ledger and the pool ---- */

static void offer_clear(void *data)
{
    LedgerOffer *offer = data;

    g_free(offer->folder);
    g_free(offer->source);
}

/* Before the first picture. A run that finds none leaves no directory behind. */
static bool make_output(Batch *batch, Error **err)
{
    const Folder *pattern = g_ptr_array_index(batch->settings->folders, 0);

    if (!batch->has_output && g_mkdir_with_parents(pattern->output, 0777) < 0)
        return error_errno(err, errno, "cannot create the directory '%s'", pattern->output);
    batch->has_output = true;
    return true;
}

static bool flush_offers(Batch *batch, Error **err)
{
    int added = 0;

    if (!batch->offers->len)
        return true;
    bool ok = make_output(batch, err) &&
              ledger_add(batch->ledger, (LedgerOffer *) (void *) batch->offers->data,
                         batch->offers->len, &added, err);
    g_array_set_size(batch->offers, 0);
    batch->counts->found += added;
    return ok;
}

static void take_signal(Batch *batch)
{
    struct signalfd_siginfo info;

    if (read(batch->signals, &info, sizeof(info)) != sizeof(info))
        return;
    batch->interrupted = true;
    /* A second Ctrl-C ends at once: what has no name yet vanishes with us. */
    signal(SIGINT, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Gives what fits, waits for something to end (not at all with `walking`), and reports it. */
static bool turn(Batch *batch, bool walking, Error **err)
{
    struct pollfd ready[] = { { .fd = dispatch_fd(batch->dispatch), .events = POLLIN },
                              { .fd = batch->signals, .events = POLLIN } };
    int64_t next_ms = INT64_MAX;

    if (!dispatch_turn(batch->dispatch, &next_ms, err))
        return false;
    int64_t wait = next_ms == INT64_MAX ? 1000 : CLAMP(next_ms - clock_ms(), 0, 1000);
    if (poll(ready, 2, walking ? 0 : (int) wait) > 0 && (ready[1].revents & POLLIN))
        take_signal(batch);
    report_endings(batch);
    return true;
}

static bool may_continue(const Batch *batch)
{
    return !batch->interrupted && !batch->broken;
}

/* ---- finding the pictures ---- */

/* The folder for a root, whose name is its path: a copy of the pattern, added before other threads
 * see the settings. */
static void add_root(Settings *settings, const char *path)
{
    const Folder *pattern = g_ptr_array_index(settings->folders, 0);

    if (settings_find_folder(settings, path))
        return;
    Folder *folder = g_memdup2(pattern, sizeof(*pattern));
    folder->name = g_strdup(path);
    folder->path = g_strdup(path);
    folder->output = g_strdup(pattern->output);
    folder->ignore = g_strdupv(pattern->ignore);
    folder->file = g_strdup(pattern->file);
    g_ptr_array_add(settings->folders, folder);
}

/* On a pool thread. */
static char *find_sidecar(void *user, const Job *job)
{
    Batch *batch = user;
    g_autofree char *path = filename_join(job->folder->path, job->row.source);
    g_autofree char *dir = NULL, *name = NULL;

    pthread_mutex_lock(&batch->lock);
    g_autofree char *sidecar = g_strdup(g_hash_table_lookup(batch->sidecars, path));
    pthread_mutex_unlock(&batch->lock);
    filename_split(job->row.source, &dir, &name);
    return sidecar ? filename_join(dir, sidecar) : NULL;
}

static void note_sidecar(Batch *batch, const Folder *folder, const char *path)
{
    char *sidecar = beside_sidecar(batch->beside, folder, path);

    if (!sidecar)
        return;
    pthread_mutex_lock(&batch->lock);
    g_hash_table_insert(batch->sidecars, g_strdup(path), sidecar);
    pthread_mutex_unlock(&batch->lock);
}

static bool offer(Batch *batch, const Folder *folder, const char *path, const FileId *file,
                  Error **err)
{
    LedgerOffer offer = {
        .folder = g_strdup(folder->name),
        .source = g_strdup(path + strlen(folder->path) + (strcmp(folder->path, "/") ? 1 : 0)),
        .file = *file,
        .sequence =
            batch->numbers ? numbers_draw(batch->numbers, folder->path, path) : (Sequence){ 0 },
    };

    note_sidecar(batch, folder, path);
    report_found(batch, path);
    g_array_append_val(batch->offers, offer);
    return batch->offers->len < BURST || (flush_offers(batch, err) && turn(batch, true, err));
}

/* Takes a picture into the batch, and reports any other file. */
static bool take_file(Batch *batch, const Folder *folder, const char *path, bool named, Error **err)
{
    g_auto(Candidate) candidate = { 0 };

    candidate_judge(folder, path, named, &candidate);
    switch (candidate.state) {
    case CANDIDATE_PICTURE:
        return offer(batch, folder, path, &candidate.file, err);
    case CANDIDATE_IGNORED:
        batch->reporter->ignored(batch->reporter->user, path, candidate.reason);
        return true;
    case CANDIDATE_FAILED:
        count_refused(batch, path, candidate.error);
        return true;
    }
    g_assert_not_reached();
}

/* Of a shot all of whose files were named, as IMG_1.*, that one which a tree would give. */
static bool take_named(Batch *batch, const Folder *folder, const char *path, Error **err)
{
    const char *reason = beside_reason(batch->named_beside, folder, path);

    if (!reason)
        reason = beside_companion(batch->named_beside, folder, path);
    if (!reason)
        return take_file(batch, folder, path, true, err);
    batch->reporter->ignored(batch->reporter->user, path, reason);
    return true;
}

/* As the service walks a tree: a directory's files first, then its directories. */
static int by_name(const FTSENT **a, const FTSENT **b)
{
    int directories = ((*a)->fts_info == FTS_D) - ((*b)->fts_info == FTS_D);

    return directories ? directories : strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Without a word: the user knows that the results are there. */
static bool is_output(const Folder *folder, const struct stat *st)
{
    struct stat output;

    return stat(folder->output, &output) == 0 && st->st_dev == output.st_dev &&
           st->st_ino == output.st_ino;
}

/* Ignored directories are not entered. */
static void take_directory(Batch *batch, const Folder *folder, FTS *walk, FTSENT *entry)
{
    const char *reason = NULL;

    if (entry->fts_level == FTS_ROOTLEVEL)
        return;
    if (!is_output(folder, entry->fts_statp)) {
        if (!(reason = ignore_reason(folder, entry->fts_name, true)))
            return;
        g_autofree char *shown = g_strconcat(entry->fts_path, "/", NULL);
        batch->reporter->ignored(batch->reporter->user, shown, reason);
    }
    fts_set(walk, entry, FTS_SKIP);
}

/* A companion says nothing without its picture; sound and films say what they are. */
static bool is_sidecar(const char *name)
{
    ShotKind kind = shot_kind(name);

    return shot_kind_is_companion(kind) && !shot_kind_is_common(kind);
}

static bool take_entry(Batch *batch, const Folder *folder, FTS *walk, FTSENT *entry, Error **err)
{
    const char *reason = NULL;

    switch (entry->fts_info) {
    case FTS_D:
        take_directory(batch, folder, walk, entry);
        return true;
    case FTS_F:
        reason = ignore_reason(folder, entry->fts_name, false);
        if (!reason && is_sidecar(entry->fts_name))
            reason = ignore_sidecar;
        if (!reason)
            reason = beside_reason(batch->beside, folder, entry->fts_path);
        if (!reason)
            return take_file(batch, folder, entry->fts_path, false, err);
        break;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS: {
        g_autoptr(Error) why = NULL;
        error_errno(&why, entry->fts_errno, "cannot read it");
        count_refused(batch, entry->fts_path, why);
        return true;
    }
    case FTS_SL:
    case FTS_SLNONE:
    case FTS_DEFAULT:
        reason = file_refusal(entry->fts_statp->st_mode);
        break;
    default: /* a directory after its entries */
        return true;
    }
    batch->reporter->ignored(batch->reporter->user, entry->fts_path, reason);
    return true;
}

static bool walk_tree(Batch *batch, const Folder *folder, Error **err)
{
    char *roots[] = { folder->path, NULL };
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    FTSENT *entry = NULL;
    bool ok = true;

    if (!walk)
        return error_errno(err, errno, "cannot read the directory '%s'", folder->path);
    while (ok && may_continue(batch) && (entry = fts_read(walk)))
        ok = take_entry(batch, folder, walk, entry, err);
    fts_close(walk);
    return ok;
}

static bool take_tree(Batch *batch, const Folder *folder, const char *typed, Error **err)
{
    int before = batch->taken;
    bool ok = walk_tree(batch, folder, err);

    if (ok && may_continue(batch) && batch->taken == before)
        batch->reporter->without(batch->reporter->user, typed);
    return ok;
}

/* A path as it was typed: a tree, or one file, whose directory is then the root. */
static bool take_path(Batch *batch, const char *typed, Error **err)
{
    g_autofree char *path = realpath(typed, NULL);
    struct stat st;

    if (!path || stat(path, &st) < 0) {
        g_autoptr(Error) why = NULL;
        error_errno(&why, errno, "cannot find it");
        count_refused(batch, typed, why);
        return true;
    }
    g_autofree char *root = S_ISDIR(st.st_mode) ? g_strdup(path) : g_path_get_dirname(path);
    const Folder *folder = settings_find_folder(batch->settings, root);
    if (!folder) {
        g_autoptr(Error) why = NULL;
        error_set(&why, ERROR_CONFIG, "run the command again",
                  "it did not exist when the run began");
        count_refused(batch, typed, why);
        return true;
    }
    return S_ISDIR(st.st_mode) ? take_tree(batch, folder, typed, err)
                               : take_named(batch, folder, path, err);
}

/* Every root becomes a folder before any job holds the settings. */
static void add_roots(Batch *batch, Settings *settings, char **paths)
{
    for (char **typed = paths; *typed; typed++) {
        g_autofree char *path = realpath(*typed, NULL);
        if (!path)
            continue;
        bool tree = g_file_test(path, G_FILE_TEST_IS_DIR);
        g_autofree char *root = tree ? g_strdup(path) : g_path_get_dirname(path);
        add_root(settings, root);
        if (!tree)
            g_hash_table_add(batch->named, g_steal_pointer(&path));
    }
}

/* ---- the batch ---- */

/* Whether its text has one of these words, in any case: only then can a name have that value. */
static bool mentions_any(const ProfileText *profile, const char *const *values)
{
    for (; *values; values++)
        if (strcasestr(profile->text, *values))
            return true;
    return false;
}

/* Pictures that have outputs keep their numbers, and the times by which they were named; to know
 * them costs a look at every output. */
static void read_outputs(Batch *batch)
{
    static const char *const numbers[] = { "seq", NULL };
    static const char *const times[] = { "taken", "mtime", NULL };
    const Folder *pattern = g_ptr_array_index(batch->settings->folders, 0);
    bool numbered = mentions_any(pattern->profile, numbers);

    if (!numbered && !mentions_any(pattern->profile, times))
        return;
    batch->context.named = named_new();
    batch->numbers = numbered ? numbers_new(clock_local_day(clock_wall_ms())) : NULL;
    made_read(pattern->output, batch->context.named, batch->numbers);
}

static bool work(Batch *batch, Error **err)
{
    bool ok = true;

    for (char **path = batch->options->paths; ok && *path && may_continue(batch); path++)
        ok = take_path(batch, *path, err);
    ok = ok && flush_offers(batch, err);
    batch->counts->all_found = ok && may_continue(batch);
    while (ok && may_continue(batch)) {
        int64_t open_rows = 0;
        ok = ledger_count_unfinished(batch->ledger, &open_rows, err);
        if (!ok || !open_rows)
            break;
        ok = turn(batch, false, err);
    }
    return ok;
}

static bool start(Batch *batch, Error **err)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if ((batch->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
        return error_errno(err, errno, "cannot receive signals");
    batch->context.ledger = batch->ledger;
    batch->context.health = batch->health;
    return (batch->dispatch = dispatch_new(batch->settings, &batch->context, err)) &&
           dispatch_start(batch->dispatch, err);
}

bool batch_run(Settings *settings, const BatchOptions *options, const BatchReporter *reporter,
               BatchCounts *counts, bool *interrupted, Error **err)
{
    Batch batch = {
        .settings = settings,
        .options = options,
        .reporter = reporter,
        .counts = counts,
        .has_output = options->dry,
        .signals = -1,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .context = { .ended = job_ended,
                     .sidecar = find_sidecar,
                     .user = &batch,
                     .first = options->worker,
                     .measures = options->measures },
    };

    if (options->dry)
        batch.context.planned = planned_new();
    journal_mute();
    batch.health = health_new();
    batch.offers = g_array_new(FALSE, FALSE, sizeof(LedgerOffer));
    g_array_set_clear_func(batch.offers, offer_clear);
    batch.beside = beside_new(NULL);
    batch.named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    batch.named_beside = beside_new(batch.named);
    batch.sidecars = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    batch.endings = g_ptr_array_new_with_free_func(ending_free);
    add_roots(&batch, settings, options->paths);
    read_outputs(&batch);

    bool ok = ledger_open(NULL, &batch.ledger, err) && start(&batch, err) && work(&batch, err);
    if (batch.dispatch)
        dispatch_stop(batch.dispatch, STOP_MS);
    report_endings(&batch);
    if (ok && batch.broken) {
        *err = g_steal_pointer(&batch.broken);
        ok = false;
    }
    *interrupted = batch.interrupted;

    beside_free(batch.beside);
    beside_free(batch.named_beside);
    g_hash_table_unref(batch.named);
    error_free(batch.broken);
    dispatch_free(batch.dispatch);
    ledger_close(batch.ledger);
    health_free(batch.health);
    numbers_free(batch.numbers);
    named_free(batch.context.named);
    planned_free(batch.context.planned);
    process_free(batch.context.first);
    g_array_unref(batch.offers);
    g_ptr_array_unref(batch.endings);
    g_hash_table_unref(batch.sidecars);
    if (batch.signals >= 0)
        close(batch.signals);
    settings_unref(settings);
    return ok;
}
