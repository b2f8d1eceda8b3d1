/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* warnings.h - warnings on GLib's log about the current picture, where libvips returns no error.
 *
 * Of each domain the first warning since warnings_forget() is kept. Any thread may keep one; the
 * worker's main thread reads them, and each once. */
#pragma once

#include <stdbool.h>

/* Keeps a warning of `domain` ("Pango", "VIPS", "GLib-GObject"); other domains are ignored. */
void warnings_keep(const char *domain, const char *message);

/* Forgets the warnings of the previous picture. */
void warnings_forget(void);

/* Pango's: it continues without a font that it cannot use, and returns no error. Newly allocated;
 * NULL: none. */
char *warnings_take_text(void);

/* libvips' own: sometimes the only report of a damaged picture. Newly allocated; NULL: none. */
char *warnings_take_decoder(void);

/* GLib's: it refuses a width above libvips' limit of 10,000,000 like this, and libvips continues
 * with 1. Newly allocated; NULL: none. */
char *warnings_take_size(void);
