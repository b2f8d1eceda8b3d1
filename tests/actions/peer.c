/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/actions/peer.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/actions/check.h"
#include "wire/wire.h"

/* Only a test that hangs takes this time: a worker that dies closes its socket. */
enum { TIMEOUT_MS = 3600 * 1000, FAR = 100 };

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

static int document_file(const char *document)
{
    int fd = memfd_create("profiles", MFD_CLOEXEC);

    assert_int_equal(write(fd, document, strlen(document)), strlen(document));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

Peer peer_start(const char *document)
{
    static const char *const worker[] = { WORKER, "--serve", NULL };

    return peer_start_as(worker, document);
}

Peer peer_start_as(const char *const *command, const char *document)
{
    Peer peer = { .limits.accept = FORMATS_TRUSTED };
    int pair[2];
    char **argv = (char **) (uintptr_t) command;
    int profiles = document_file(document);
    posix_spawn_file_actions_t files;
    g_autofree char *parent = g_strdup_printf("%d", getpid());
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) error = NULL;
    const char *lacks = NULL;
    unsigned type = 0;
    int fd = -1;

    g_setenv("HOTFOLDER_PARENT", parent, TRUE);
    g_setenv("MALLOC_ARENA_MAX", "1", TRUE); /* as the daemon does */
    g_setenv("OMP_NUM_THREADS", "1", TRUE);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(pair[1] != PROTOCOL_SOCKET);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, profiles, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, pair[1], PROTOCOL_SOCKET);
    assert_int_equal(posix_spawn(&peer.pid, argv[0], &files, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    close(pair[1]);
    close(profiles);
    peer.socket = pair[0];
    if (!wire_receive(peer.socket, formats, MESSAGE_COUNT, clock_ms() + TIMEOUT_MS, &type, &body,
                      &fd, &error))
        fail_msg("the worker did not start: %s", error->what);
    assert_int_equal(type, MESSAGE_READY);
    g_variant_get(body, "(&su&s)", NULL, &peer.profiles, &lacks);
    g_strlcpy(peer.lacks, lacks, sizeof(peer.lacks));
    return peer;
}

static void answer(const Peer *peer, Message type, GVariant *body, int fd)
{
    g_autoptr(Error) error = NULL;

    if (!wire_send(peer->socket, type, body, fd, &error))
        fail_msg("%s", error->what);
}

static void give_output(Peer *peer, Talk *talk, GVariant *body)
{
    const char *name = NULL;
    guint32 exists = 0;
    gint64 mtime = 0;

    g_variant_get(body, "(^&ayux)", &name, &exists, &mtime);
    g_ptr_array_add(talk->names, g_strdup(name));
    if (talk->nonsense) {
        answer(peer, MESSAGE_MEMORY_GO, g_variant_new("()"), -1);
    } else if (talk->refuse) {
        answer(peer, MESSAGE_NO, g_variant_new("()"), -1);
    } else if (talk->skip) {
        answer(peer, MESSAGE_OUTPUT_SKIP, g_variant_new("()"), -1);
    } else {
        int file = memfd_create("output", MFD_CLOEXEC);
        g_array_append_val(talk->files, file);
        answer(peer, MESSAGE_OUTPUT_GO, g_variant_new("()"), file);
    }
}

static void note_step(Talk *talk, GVariant *body)
{
    guint32 line = 0;
    const char *action = NULL;

    g_variant_get(body, "(u&s)", &line, &action);
    g_ptr_array_add(talk->steps, g_strdup_printf("%u %s", line, action));
}

static void note_result(Talk *talk, GVariant *body)
{
    guint32 kind = 0;
    gboolean ok = FALSE;
    const char *what = NULL;
    const char *where = NULL;
    const char *fix = NULL;
    const char *notes = NULL;

    g_variant_get(body, "(bu&s&s&s&s)", &ok, &kind, &what, &where, &fix, &notes);
    talk->ok = ok;
    talk->notes = g_strdup(notes);
    if (ok)
        return;
    error_set(&talk->error, (ErrorKind) kind, fix, "%s", what);
    error_set_where(&talk->error, "%s", where);
}

/* One message of the worker; false after the last. */
static bool listen_once(Peer *peer, Talk *talk)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) error = NULL;
    unsigned type = 0;
    int fd = -1;

    talk->died = !wire_receive(peer->socket, formats, MESSAGE_COUNT, clock_ms() + TIMEOUT_MS, &type,
                               &body, &fd, &error);
    if (talk->died)
        return false;
    assert_int_equal(fd, -1);
    switch (type) {
    case MESSAGE_STEP:
        note_step(talk, body);
        return true;
    case MESSAGE_OUTPUT:
        give_output(peer, talk, body);
        return true;
    case MESSAGE_MEMORY:
        g_variant_get(body, "(x)", &talk->memory);
        answer(peer, MESSAGE_MEMORY_GO, g_variant_new("()"), -1);
        return true;
    case MESSAGE_NO_OUTPUT:
        return true;
    case MESSAGE_RENAME:
        g_free(talk->renamed);
        g_variant_get(body, "(^ay)", &talk->renamed);
        return true;
    case MESSAGE_EXIT_NOTE:
        g_free(talk->call);
        g_free(talk->words);
        g_variant_get(body, "(ss)", &talk->call, &talk->words);
        return true;
    case MESSAGE_RESULT:
        note_result(talk, body);
        return false;
    default:
        fail_msg("message %u is not the worker's to send", type);
        return false;
    }
}

static void close_file(void *file)
{
    close(*(int *) file);
}

void peer_send_job(const Peer *peer, const char *profile, const char *dir, const char *name, int fd)
{
    const Limits *limits = &peer->limits;

    answer(peer, MESSAGE_JOB,
           g_variant_new("(ss^ay^ayx(xxx)x(udix)u)", profile, "inbox", dir, name,
                         (gint64) 1714566659, (gint64) 42, (gint64) 7, (gint64) 3,
                         (gint64) (peer->asks ? 0 : PROTOCOL_FEW_BYTES), limits->accept,
                         limits->max_pixels, limits->max_pages, limits->max_metadata,
                         (guint32) TELLS_NOTHING),
           fd);
}

void peer_send_sidecar(const Peer *peer, const char *name, int fd)
{
    answer(peer, MESSAGE_SIDECAR, g_variant_new("(^ay)", name), fd);
    close(fd);
}

void peer_job(Peer *peer, Talk *talk, const char *profile, const char *dir, const char *name,
              int fd)
{
    talk->steps = g_ptr_array_new_with_free_func(g_free);
    talk->names = g_ptr_array_new_with_free_func(g_free);
    talk->files = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_set_clear_func(talk->files, close_file);
    peer_send_job(peer, profile, dir, name, fd);
    close(fd);
    for (int i = 0; i < FAR && listen_once(peer, talk); i++)
        ;
}

void talk_clear(Talk *talk)
{
    g_ptr_array_unref(talk->steps);
    g_ptr_array_unref(talk->names);
    g_array_unref(talk->files);
    error_free(talk->error);
    g_free(talk->notes);
    g_free(talk->renamed);
    g_free(talk->call);
    g_free(talk->words);
    *talk = (Talk){ 0 };
}

int peer_stop(Peer *peer)
{
    int status = 0;

    close(peer->socket);
    while (waitpid(peer->pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

long peer_memory(const Peer *peer)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int) peer->pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) numbers = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    numbers = g_strsplit(text, " ", 3);
    return (long) g_ascii_strtoll(numbers[1], NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

long peer_peak(const Peer *peer)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int) peer->pid);
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    const char *line = strstr(text, "VmHWM:");
    assert_non_null(line);
    return (long) g_ascii_strtoll(line + strlen("VmHWM:"), NULL, 10);
}
