/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's side of a conversation with a worker that its picture has taken over: whatever that
 * one says, the job ends by its deadline, everything stays inside the output directory, nothing
 * appears in it that was not published, and nothing hidden is left.
 *
 * The worker is a socket that holds all its messages already. Of the first byte, 1 leaves it open:
 * then only the deadline ends the job. With 2 it holds on to its outputs, which then must not
 * appear. */
#include <errno.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/jobs/conversation.h"
#include "daemon/journal/journal.h"
#include "daemon/outputs/publish.h"
#include "tests/fuzz/pieces.h"

enum { DEADLINE_MS = 20, SLACK_MS = 8000, DEPTH = 60, STAYS_OPEN = 1, HOLDS_ON = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

/* ---- a process that is nothing but its socket, in the place of daemon/process/process.c ---- */

struct Process {
    int socket, other_end;
    bool holds_on;
    char *words;
    int begun;
};

int process_socket(const Process *process)
{
    return process->socket;
}

void process_keep_exit_note(Process *process, GVariant *words)
{
    g_free(process->words);
    g_variant_get(words, "(&ss)", NULL, &process->words);
}

bool process_end(Process *process, ProcessEnd *end)
{
    if (end)
        end->words = g_strdup_printf("killed: %s", process->words ? process->words : "");
    return true;
}

void process_end_clear(ProcessEnd *end)
{
    g_clear_pointer(&end->words, g_free);
}

void process_start_early(Process *process G_GNUC_UNUSED, Settings *settings G_GNUC_UNUSED)
{
}

int64_t process_memory_limit(const Process *process G_GNUC_UNUSED)
{
    return 1 << 30;
}

/* A picture begins once, and with it what it may use. */
void process_set_limits(Process *process, const Limits *limits G_GNUC_UNUSED, int64_t memory)
{
    process->begun += !memory;
    demand(process->begun == 1);
}

bool process_is_over_cpu_time(const Process *process G_GNUC_UNUSED)
{
    return false;
}

int process_excess_threads(Process *process G_GNUC_UNUSED)
{
    return 0;
}

void process_kill(Process *process G_GNUC_UNUSED)
{
}

bool process_ensure_ready(Process *process G_GNUC_UNUSED, Settings *settings G_GNUC_UNUSED,
                          bool unmet G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    return true;
}

void process_free(Process *process G_GNUC_UNUSED)
{
}

Process *process_new(void)
{
    return NULL;
}

/* What came over the socket: a byte goes into each output. */
static void write_outputs(int socket)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    char bytes[1024];
    struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) };

    for (;;) {
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = control.bytes,
                                  .msg_controllen = sizeof(control.bytes) };
        int fd = -1;
        if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
            return;
        if (!CMSG_FIRSTHDR(&message))
            continue;
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
        if (write(fd, "x", 1) < 0) /* the picture can't be written */
            demand(errno == EBADF);
        close(fd);
    }
}

static Process *talking; /* the process of this conversation */

/* The linker has conversation.c ask here: at the end the worker has written, and let go or not. */
bool __wrap_staging_is_closed(const Staging *staging);
bool __real_staging_is_closed(const Staging *staging);

bool __wrap_staging_is_closed(const Staging *staging)
{
    if (!talking->holds_on)
        write_outputs(talking->other_end);
    return __real_staging_is_closed(staging);
}

/* Time that is slept has passed, and is not waited for. */
static atomic_int_fast64_t slept_ms;

int __wrap_usleep(useconds_t usec);
int64_t __wrap_clock_ms(void);
int64_t __real_clock_ms(void);

int __wrap_usleep(useconds_t usec)
{
    atomic_fetch_add(&slept_ms, usec / 1000);
    return 0;
}

int64_t __wrap_clock_ms(void)
{
    return __real_clock_ms() + atomic_load(&slept_ms);
}

/* ---- the house that it lives in ---- */

static struct {
    char *top, *output;
    ProfileText profile;
    Folder folder;
    JobContext context;
    int picture;
} house;

static void leave_house(void)
{
    rmdir(house.top);
}

static void build_house(void)
{
    g_autoptr(Error) error = NULL;
    const char *memory = "/dev/shm"; /* where a sync costs nothing */

    journal_mute();
    house.top = g_build_filename(access(memory, W_OK) ? g_get_tmp_dir() : memory,
                                 "hotfolder-fuzz.XXXXXX", NULL);
    demand(mkdtemp(house.top) != NULL);
    atexit(leave_house);
    house.output = g_build_filename(house.top, "output", NULL);
    house.profile = (ProfileText){ .name = g_strdup("web"), .file = g_strdup("studio.conf") };
    house.folder = (Folder){ .name = g_strdup("inbox"),
                             .path = g_strdup("/srv/in"),
                             .output = house.output,
                             .profile = &house.profile,
                             .deadline_ms = DEADLINE_MS,
                             .limits = { .max_outputs = 20, .max_output_bytes = 1 << 20 } };
    demand(ledger_open(NULL, &house.context.ledger, &error));
    house.context.budget = budget_new(1 << 20);
    house.context.times = &job_times;
    house.picture = memfd_create("picture", MFD_CLOEXEC);
}

static LedgerRow begin_job(void)
{
    static unsigned count;
    g_autofree char *source = g_strdup_printf("a/%u.jpg", ++count);
    LedgerOffer offer = { house.folder.name, source, { .size = 5 }, false, { 0 } };
    g_autoptr(Error) error = NULL;
    LedgerTake take = { .folder = house.folder.name, .limit = 1 };
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));

    demand(ledger_add(house.context.ledger, &offer, 1, NULL, &error) &&
           ledger_take(house.context.ledger, &take, rows, &error) && rows->len == 1);
    LedgerRow row = g_array_index(rows, LedgerRow, 0);
    demand(ledger_begin(house.context.ledger, &row, NULL, &error));
    return row;
}

static int files;

static int judge(const char *path, const struct stat *st, int type, struct FTW *where)
{
    if (where->level == 1)
        demand(!strcmp(path + where->base, "output")); /* something was made beside it */
    if (!S_ISDIR(st->st_mode)) {
        demand(S_ISREG(st->st_mode) && type != FTW_NS);
        demand(!g_str_has_prefix(path + where->base, ".hotfolder-"));
        files++;
    }
    return 0;
}

static int clear(const char *path, const struct stat *st G_GNUC_UNUSED, int type G_GNUC_UNUSED,
                 struct FTW *where)
{
    if (where->level > 0)
        demand(remove(path) == 0);
    return 0;
}

/* Publishes as attempt.c does, where the worker said that all went well. */
static void finish(Job *job, bool ok, bool holds_on)
{
    g_autoptr(Error) error = NULL;
    bool published = ok && publish_outputs(job->staging, &error);
    g_autofree char *names = published ? staging_names(job->staging) : NULL;

    demand(!ok || published || (error && error->what));
    demand(!published || !holds_on || !names);
    g_clear_pointer(&job->staging, staging_free);
    files = 0;
    demand(nftw(house.top, judge, DEPTH, FTW_PHYS) == 0);
    demand(!files == !names);
    demand(nftw(house.top, clear, DEPTH, FTW_DEPTH | FTW_PHYS) == 0);
}

static void converse(const uint8_t *data, size_t size, unsigned how)
{
    LedgerRow row = begin_job();
    const Provenance provenance = { .source = 1 };
    Job job = { .context = &house.context,
                .folder = &house.folder,
                .row = row,
                .source = { .fd = house.picture, .sidecar = -1 } };
    Pieces pieces = { data, size, STDIN_FILENO };
    int pair[2];

    demand(mkdir(house.output, 0755) == 0);
    demand(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    while (pieces_send(&pieces, pair[1]))
        ;
    if (!(how & STAYS_OPEN))
        shutdown(pair[1], SHUT_WR);
    Process process = { .socket = pair[0], .other_end = pair[1], .holds_on = how & HOLDS_ON };
    talking = &process;
    job.staging = staging_new(&house.folder, &row, &provenance, house.context.ledger, NULL);

    int64_t began = clock_ms();
    g_autoptr(Error) error = NULL;
    bool ok = conversation_run(&job, &process, &error);
    demand(clock_ms() - began < DEADLINE_MS + SLACK_MS);
    demand(ok ? !error : error && error->what && *error->what);
    demand(job.render.memory == 0 && budget_use(house.context.budget).used == 0);
    finish(&job, ok, process.holds_on);
    error_free(job.render.refusal);

    close(pair[0]);
    close(pair[1]);
    g_free(process.words);
    g_free(job.render.step);
    ledger_row_clear(&job.row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int lowest = -1, after = -1;

    if (!house.top)
        build_house();
    if (!size)
        return 0;
    lowest = dup(STDIN_FILENO);
    close(lowest);
    converse(data + 1, size - 1, data[0]);
    after = dup(STDIN_FILENO);
    demand(after == lowest); /* else a descriptor is still open */
    close(after);
    return 0;
}
