/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/notice.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "daemon/process/peer.h"
#include "wire/notice.h"
#include "wire/wire.h"

enum {
    LATE_MS = 1000,  /* after the deadline: by then it has said that it missed it */
    ANSWER_MS = 500, /* for an answer that has begun to come */
    TEXT_MAX = 400,
};

static const char *const formats[NOTICE_COUNT] = NOTICE_FORMATS;

static const PeerKind hotfolder_notice = {
    .name = "hotfolder-notice",
    .variable = "HOTFOLDER_NOTICE_SOCKET",
    .purpose = "a notice to be delivered",
    .path = paths_notice,
    .kind = ERROR_ENVIRONMENT,
};

static bool ask(int socket, const NoticeCall *call, Error **err)
{
    g_autofree char *version = wire_version(formats, NOTICE_COUNT);

    return wire_send(socket, NOTICE_SEND,
                     g_variant_new("(ss^assss^asx)", version, call->way, call->to, call->subject,
                                   call->text, call->json, call->environment, call->deadline_ms),
                     -1, err);
}

/* Until it has answered, or is gone; false: it is not wanted any more, or is late. */
static bool await(int socket, int64_t deadline_ms, int stop, Error **err)
{
    int64_t until = clock_ms() + deadline_ms + LATE_MS;

    for (int64_t left = until - clock_ms(); left > 0; left = until - clock_ms()) {
        struct pollfd ready[] = { { .fd = socket, .events = POLLIN },
                                  { .fd = stop, .events = POLLIN } };
        int got = poll(ready, G_N_ELEMENTS(ready), (int) MIN(left, G_MAXINT));
        if (got > 0 && ready[0].revents)
            return true;
        if (got > 0)
            return error_set(err, ERROR_TRANSIENT, NULL, "hotfolder stops");
        if (got < 0 && errno != EINTR)
            return error_errno(err, errno, "cannot wait for hotfolder-notice");
    }
    return error_set(err, ERROR_TRANSIENT, "look at hotfolder-notice in the journal",
                     "hotfolder-notice has not answered in time");
}

/* What a person does about it. */
static const char *fix_of(const char *way, bool needs_person)
{
    if (!strcmp(way, "run"))
        return needs_person ? "correct `run`, or install the program"
                            : "run it by hand with the notice on its standard input";
    if (!strcmp(way, "mail"))
        return needs_person ? "install a mail server, or msmtp-mta, and set it up"
                            : "read the log of the mail server, or run `mailq`";
    return needs_person ? "correct `post`, or the server" : "see whether the server is up";
}

static bool failed(const NoticeCall *call, GVariant *body, Error **err)
{
    const char *what = NULL, *last = NULL;
    gboolean needs_person = FALSE;

    g_variant_get(body, "(&s&sb)", &what, &last, &needs_person);
    g_autofree char *did = text_shorten(what, TEXT_MAX), *line = text_shorten(last, TEXT_MAX);
    return error_set(err, needs_person ? ERROR_ENVIRONMENT : ERROR_TRANSIENT,
                     fix_of(call->way, needs_person), "%s%s%s", did, *line ? ": " : "", line);
}

static bool take_answer(int socket, const NoticeCall *call, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    unsigned type = 0;
    int fd = -1;

    if (!wire_receive(socket, formats, NOTICE_COUNT, clock_ms() + ANSWER_MS, &type, &body, &fd,
                      &why))
        return error_set(err, ERROR_TRANSIENT, "read its messages in the journal",
                         "hotfolder-notice has ended without an answer: %s", why->what);
    if (fd >= 0)
        close(fd);
    if (type == NOTICE_FAILED_TO_SEND)
        return failed(call, body, err);
    return type == NOTICE_SENT || error_set(err, ERROR_TRANSIENT, NULL,
                                            "hotfolder-notice sent an answer that is not valid");
}

bool notice_send(const NoticeCall *call, int stop, Error **err)
{
    Peer peer = { .socket = -1 };

    if (!peer_start(&peer, &hotfolder_notice, err))
        return false;
    bool sent = ask(peer.socket, call, err) && await(peer.socket, call->deadline_ms, stop, err) &&
                take_answer(peer.socket, call, err);
    peer_end(&peer);
    return sent;
}
