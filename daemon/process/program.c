/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "daemon/process/peer.h"
#include "wire/program.h"
#include "wire/wire.h"

enum {
    ANSWER_MS = 500, /* for an answer that has begun to come */
    TEXT_MAX = 400,
};

static const char *const formats[PROGRAM_COUNT] = PROGRAM_FORMATS;

static const PeerKind hotfolder_program = {
    .name = "hotfolder-program",
    .variable = "HOTFOLDER_PROGRAM_SOCKET",
    .purpose = "a program to be run",
    .path = paths_program,
    .kind = ERROR_TRANSIENT,
};

struct Helper {
    Peer peer;
};

int helper_socket(const Helper *helper)
{
    return helper->peer.socket;
}

Helper *helper_ask(const Program *program, int picture, int64_t deadline_ms, int64_t most,
                   Error **err)
{
    g_autoptr(Helper) helper = g_new0(Helper, 1);
    g_autofree char *version = wire_version(formats, PROGRAM_COUNT);

    helper->peer.socket = -1;
    if (!peer_start(&helper->peer, &hotfolder_program, err) ||
        !wire_send(helper->peer.socket, PROGRAM_RUN,
                   g_variant_new("(s^asssxx)", version, program->run,
                                 format_extension(program->takes), format_extension(program->gives),
                                 deadline_ms, most),
                   picture, err))
        return NULL;
    return g_steal_pointer(&helper);
}

/* ---- its answer ---- */

static bool failed(const Program *program, GVariant *body, Error **err)
{
    static const ErrorKind kinds[PROGRAM_FAILURES] = { [PROGRAM_CANNOT] = ERROR_TRANSIENT,
                                                       [PROGRAM_EXITED] = ERROR_PICTURE,
                                                       [PROGRAM_DIED] = ERROR_TRANSIENT };
    const char *what = NULL, *last = NULL;
    guint32 failure = 0;

    g_variant_get(body, "(u&s&s)", &failure, &what, &last);
    g_autofree char *did = text_shorten(what, TEXT_MAX), *line = text_shorten(last, TEXT_MAX);
    g_autofree char *path = text_escape(*program->run);
    g_autofree char *fix = g_strdup_printf("run %s by hand on the picture", path);
    return error_set(err, failure < PROGRAM_FAILURES ? kinds[failure] : ERROR_TRANSIENT, fix,
                     "program %s %s%s%s", program->name, did, *line ? ": " : "", line);
}

/* Whether nothing changes the file, which is not believed. Files that have no seals give -1. */
static bool is_sealed(int fd)
{
    const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && (seals & needed) == needed;
}

bool helper_take(const Helper *helper, const Program *program, int *result, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    unsigned type = 0;
    int fd = -1;

    if (!wire_receive(helper->peer.socket, formats, PROGRAM_COUNT, clock_ms() + ANSWER_MS, &type,
                      &body, &fd, &why))
        return error_set(err, ERROR_TRANSIENT, "read its messages in the journal",
                         "hotfolder-program has ended without an answer: %s", why->what);
    if (type == PROGRAM_DONE && fd >= 0 && is_sealed(fd)) {
        *result = fd;
        return true;
    }
    if (fd >= 0)
        close(fd);
    if (type == PROGRAM_FAILED)
        return failed(program, body, err);
    return error_set(err, ERROR_TRANSIENT, NULL,
                     "hotfolder-program sent an answer that is not valid");
}

void helper_free(Helper *helper)
{
    if (!helper)
        return;
    peer_end(&helper->peer);
    g_free(helper);
}
