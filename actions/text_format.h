/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text_format.h - how a text is written: upper, lower, title, slug, trim and [0,40], one after the
 * other. They do not depend on the locale; bytes that are no UTF-8 count as a character each. Any
 * thread. */
#pragma once

#include "base/error.h"

typedef struct TextFormat TextFormat;

/* As value_format_new(). */
TextFormat *text_format_new(const char *text, unsigned column, Error **err);
void text_format_free(TextFormat *format);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TextFormat, text_format_free)

/* Newly allocated. */
char *text_format_apply(const TextFormat *format, const char *text);
