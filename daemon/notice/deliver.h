/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* deliver.h - delivers one notice by one way. One thread, which waits. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What is to be delivered; see wire/notice.h. */
typedef struct Delivery {
    const char *const *to;
    const char *subject, *text, *json;
    const char *const *environment;
    int64_t until_ms; /* on clock_ms() */
    int client;       /* when this socket can be read, the notice is not wanted any more */
} Delivery;

/* Why it was not. */
typedef struct DeliveryEnd {
    char *what;        /* "'/usr/bin/tell' exited with status 1"; newly allocated */
    char *last;        /* the last line of what it said, with bytes of any kind; NULL: none */
    bool needs_person; /* trying again makes no sense before */
} DeliveryEnd;

void delivery_end_clear(DeliveryEnd *end);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeliveryEnd, delivery_end_clear)

/* Runs the program, without a shell, new privileges and capabilities. Nothing of it is left. */
bool deliver_run(const Delivery *delivery, DeliveryEnd *end);

/* Gives a mail to the sendmail of this machine. What that leaves goes on: see command_linger(). */
bool deliver_mail(const Delivery *delivery, DeliveryEnd *end);

/* Posts the JSON. From then on this process cannot get privileges. */
bool deliver_post(const Delivery *delivery, DeliveryEnd *end);
