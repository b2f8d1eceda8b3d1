/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message.h - what a digest says: its subject, its text for people, its JSON and its environment
 * for programs. Pure but for the local time zone. hotfolder-notices(7) describes the JSON and the
 * environment. */
#pragma once

#include "daemon/digest/news.h"

typedef struct Message {
    char *subject; /* one line of UTF-8 */
    char *text;
    char *json;
    char **environment; /* "NAME=value"; NULL ends it */
} Message;

/* Of these news for the notice of this name, on this host. */
Message *message_new(const News *news, const char *notice, const char *host);
void message_free(Message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)
