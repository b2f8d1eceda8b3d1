/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value.h - what a fact of a picture or a formula comes to. Any thread may call it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum ValueType {
    VALUE_NUMBER,
    VALUE_TEXT,  /* UTF-8; a name of a file: bytes */
    VALUE_TRUTH, /* yes or no */
    VALUE_LIST,  /* of texts */
    VALUE_DATE,
} ValueType;

typedef struct Value {
    ValueType type;
    bool missing;    /* the picture does not say it; the rest is unset */
    bool fraction;   /* of a number below 1: written as 1/250 where no format says otherwise */
    double number;   /* or truth: 0, 1 */
    char *text;      /* owned */
    GStrv list;      /* owned */
    GDateTime *date; /* owned */
} Value;

/* Frees what it owns, and makes it a missing one. */
void value_clear(Value *value);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Value, value_clear)

/* Sets *to, which owns nothing, to a copy. */
void value_copy(Value *to, const Value *from);

/* The column of `at` in a text whose first byte stands at `column`, in characters. */
unsigned value_column(const char *text, unsigned column, const char *at);

/* "a number", "a text", "yes or no", "a list of texts", "a date": for messages. */
const char *value_type_text(ValueType type);
