/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* notices.h - what `notify "NAME" { ... }` and `http { ... }` say: who gets which notices, by
 * which ways, and where the page is served. A part of the immutable snapshot. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What a notice can be about; the words of `on`. */
typedef enum NoticeKind {
    NOTICE_FAILED,  /* pictures failed */
    NOTICE_HELD,    /* a folder is held or unavailable, or the ledger cannot be written */
    NOTICE_RESUMED, /* it works again */
    NOTICE_DONE,    /* pictures are done */
    NOTICE_IDLE,    /* after pictures ended in a folder, none is queued or in progress for `idle` */
    NOTICE_CARD,    /* a card has a verdict, is held, or was interrupted */
    NOTICE_KINDS
} NoticeKind;

/* By which ways it goes out: each has its own marks and tries (digest/). */
typedef enum NoticeWay { NOTICE_RUN, NOTICE_MAIL, NOTICE_POST, NOTICE_WAYS } NoticeWay;

/* `notify "NAME" { ... }`: at least one way, at least one kind. */
typedef struct Notice {
    char *name;       /* its title; unique */
    unsigned on;      /* 1 << NoticeKind */
    char **folders;   /* names of folders; NULL: all, also those that come later. Cards belong to
                         none: NOTICE_CARD is of all */
    int64_t idle_ms;  /* how long nothing may be queued or in progress */
    int64_t every_ms; /* between two notices by the same way, at the least */
    char **run;       /* a program's path and its arguments; NULL: none */
    char *mail;       /* an address, "desk@example.org"; several with commas; NULL: none */
    char *post;       /* an http or https URL; NULL: none */
    char *file;       /* where it is written */
    int line;
} Notice;

void notice_free(Notice *notice);

/* "failed", "run"; static. */
const char *notice_kind_word(NoticeKind kind);
const char *notice_way_word(NoticeWay way);

/* `http { ... }`. */
typedef struct Http {
    char *listen;     /* as written: "127.0.0.1:8480", "[::1]:8480"; an address, no name */
    bool is_loopback; /* of `listen` */
    char *token_file; /* absolute; holds one line, the token; NULL: none */
    char **hosts;     /* names by which browsers may call it beside addresses and localhost: of a
                         reverse proxy; NULL ends it */
    bool steer;       /* the page may pause, retry, undo, ... as operators may */
    char *file;       /* where it is written */
    int line;
} Http;

void http_free(Http *http);
