/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* notice.h - the messages between the daemon and a hotfolder-notice, which delivers one notice by
 * one way: runs a program, sends a mail, or posts a document.
 *
 * systemd starts it for a connection to the socket of hotfolder-notice.socket, or where there is no
 * systemd the daemon starts it as it starts a worker (protocol.h): the socket is descriptor 3, and
 * HOTFOLDER_PARENT is the daemon's process id. One NOTICE goes, and one answer comes back: SENT or
 * FAILED. When the socket closes before, what is under way is ended. */
#pragma once

#include <glib.h>

typedef enum NoticeMessage {
    NOTICE_SEND = 1, /* daemon: deliver this */
    NOTICE_SENT,
    NOTICE_FAILED_TO_SEND,
    NOTICE_COUNT
} NoticeMessage;

/* What a notice says has at most so many bytes as JSON, and so many in its text. */
enum { NOTICE_JSON_MAX = 32 * 1024, NOTICE_TEXT_MAX = 12 * 1024 };

/* GVariant types of the bodies. */
/* clang-format off */
#define NOTICE_FORMATS                                                                             \
    {                                                                                              \
        /* wire_version() of these; the way: "run", "mail" or "post"; where to: of run the program \
         * and its arguments, else one text, the addresses or the URL; the subject, one line of    \
         * UTF-8; the text of a mail, UTF-8; the JSON document; "NAME=value" for the environment   \
         * of a program; milliseconds until it is given up */                                      \
        [NOTICE_SEND] = "(ssassssasx)",                                                             \
        [NOTICE_SENT] = "()",                                                                      \
        /* what happened: "exited with status 1", "the server answered 503"; the last line of what \
         * it said, "" for none; whether trying again makes no sense before a person has changed   \
         * something: no such program, no sendmail, no such host name is not one */                \
        [NOTICE_FAILED_TO_SEND] = "(ssb)",                                                         \
    }
/* clang-format on */
