/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* notice.h - a hotfolder-notice as the daemon sees it: asked once, for one notice by one way; see
 * wire/notice.h.
 *
 * A service of the system has it started by systemd, in a sandbox with network and under a user of
 * its own: the variable HOTFOLDER_NOTICE_SOCKET names the socket. Else it is a child of ours. */
#pragma once

#include "base/error.h"

typedef struct NoticeCall {
    const char *way;       /* "run", "mail", "post" */
    const char *const *to; /* see wire/notice.h; NULL ends it */
    const char *subject, *text, *json;
    const char *const *environment; /* "NAME=value"; NULL ends it */
    int64_t deadline_ms;            /* for all of it */
} NoticeCall;

/* Delivers it, and waits for the answer: at most the deadline and a second. `stop`, an eventfd that
 * becomes readable, ends it early; -1: none. False with *err: of kind ENVIRONMENT where a person
 * has to change something first, else TRANSIENT. Any thread. */
bool notice_send(const NoticeCall *call, int stop, Error **err);
