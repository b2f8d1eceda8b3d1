/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message_internal.h - the parts of a message. */
#pragma once

#include "daemon/digest/message.h"

/* What is longer is cut, in characters. */
enum { MESSAGE_NAME_MAX = 60, MESSAGE_PATH_MAX = 200, MESSAGE_REASON_MAX = 300 };

/* Sums over all folders, and which kinds there are. */
typedef struct MessageSums {
    unsigned kinds;
    int64_t failed, done;
    int64_t failed_wall_ms, done_wall_ms; /* the first of them */
    int failed_folders, done_folders;
    const char *failed_folder, *done_folder; /* the last of them */
} MessageSums;

MessageSums message_sums(const News *news);

/* "hotfolder on HOST: 12 failed in desk since 14:00". */
char *message_subject(const News *news, const char *host);

/* At most `most` pictures, folders and cards each are named. */
char *message_text(const News *news, const char *notice, const char *host, guint most);
char *message_json(const News *news, const char *notice, const char *host, const char *subject,
                   guint most);

/* "safe to format", "held": what a card is, for a sentence. */
const char *message_card_words(CardState state);
