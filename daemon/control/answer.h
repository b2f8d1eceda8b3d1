/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answer.h - an answer in the making: a JSON object, or bytes of another type, and an HTTP status.
 * One thread at a time. */
#pragma once

#include <cjson/cJSON.h>

#include "base/error.h"

/* HTTP statuses. */
typedef enum AnswerStatus {
    ANSWER_OK = 200,
    ANSWER_BAD_REQUEST = 400,
    ANSWER_FORBIDDEN = 403, /* they may not steer */
    ANSWER_UNKNOWN = 404,   /* no such route, or no such folder */
    ANSWER_BAD_METHOD = 405,
    ANSWER_REFUSED = 409, /* changed since, or in progress */
    ANSWER_TOO_LARGE = 413,
    ANSWER_WRONG = 422,  /* what a person wrote is wrong */
    ANSWER_FAILED = 500, /* the ledger, or we */
    ANSWER_BUSY = 503,
    ANSWER_TIMEOUT = 504,
} AnswerStatus;

typedef struct Answer {
    AnswerStatus status; /* ANSWER_OK at first */
    cJSON *json;         /* an object, empty at first */
    const char *type;    /* static: the media type of the bytes; NULL: it is the JSON */
    GBytes *bytes;       /* owned */
    char *tag;           /* of answer_set_tag(); NULL: it may change */
} Answer;

Answer *answer_new(void);
void answer_free(Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)

/* Makes it { "error", "fix" }: lower case, no full stop; fix may be NULL. */
void answer_refuse(Answer *answer, AnswerStatus status, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* The same of an error. */
void answer_error(Answer *answer, AnswerStatus status, const Error *error);

/* Adds the texts of errors (of Error). */
void answer_add_errors(Answer *answer, const char *name, const GPtrArray *errors);

/* Makes it these bytes, of which it takes over the reference; `type` is a static text. */
void answer_set_bytes(Answer *answer, const char *type, GBytes *bytes);

/* Says that the same request has this answer for ever, under this entity tag. */
void answer_set_tag(Answer *answer, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* As it is sent, newly allocated, and its media type. */
char *answer_body(const Answer *answer, size_t *size, const char **type);
