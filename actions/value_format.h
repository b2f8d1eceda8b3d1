/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value_format.h - how a value is written in a name or a text: what stands behind the colon in
 * {taken:%Y}, {seq:4}, {title:trim,upper}. Any thread may call it. */
#pragma once

#include "actions/value.h"
#include "base/error.h"

typedef struct ValueFormat ValueFormat;

/* Compiles `text`, for values of that type; newly allocated. `column` is that of its first byte in
 * the value of the setting, in characters from 1. NULL with *err of kind CONFIG, whose `what`
 * begins with the column of the mistake: "column 8: there is no format uper". */
ValueFormat *value_format_new(const char *text, unsigned column, ValueType type, Error **err);
void value_format_free(ValueFormat *format);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ValueFormat, value_format_free)

/* The number as it is commonly written, with up to 6 digits behind the point; newly allocated. */
char *value_number_text(double number);

/* The value as text, newly allocated; of a missing one, "". NULL for `format`: as it is commonly
 * written (a date %Y-%m-%d, a list with ", " between, a number with up to 6 digits behind the
 * point, 1/250, yes and no). */
char *value_format_apply(const ValueFormat *format, const Value *value);
