/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvips.h - libvips as we use it: its set-up for this process, and its errors as ours.
 *
 * Every file here calls libvips' operations; this one holds what they share. One thread. */
#pragma once

#include <vips/vips.h>

#include "base/error.h"

#if VIPS_MAJOR_VERSION == 8 && VIPS_MINOR_VERSION < 16
/* Debian 12's libvips 8.14 has no autoptr for its types yet. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsImage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsSource, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsTarget, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsInterpolate, g_object_unref)
#endif

/* Sets libvips up for one picture at a time, no cache, and trusted loaders only. Called once,
 * before anything else in this folder; libvips_stop() is for a clean end. */
bool libvips_start(const char *program, Error **err);
void libvips_stop(void);

/* Makes an operation ready that loads or saves (`base`: "VipsForeignLoad", or "VipsForeignSave");
 * false: libvips has none of this name. For PDF and JPEG XL it opens their library, which takes 10
 * ms, and which few pictures need; the sandbox of a worker opens none. */
bool libvips_make_ready(const char *base, const char *operation);

/* The rows of a decoder of ours: asked for in order, each once, `height` at a time, by one thread
 * at a time. Marked as libvips marks its own decoders' (vips_image_is_sequential()): what keeps
 * rows of them knows it then. NULL with libvips' error set. */
VipsImage *libvips_in_order(VipsImage *decoder, int height);

/* Sets an error from libvips' buffer, and clears that: "cannot DOING: ...", or a sentence about
 * the picture where its reason is a known one. A failed write is of
 * kind ENVIRONMENT, a lack of memory MEMORY, a thread that could not be started or an encoder that
 * failed without a reason TRANSIENT, all else PICTURE. Returns false. */
bool libvips_error(Error **err, const char *doing);

/* The remedy when memory or threads ran out, and libvips does not report which. */
#define LIBVIPS_SHORTAGE_FIX                                                                       \
    "raise `max_memory`, or the limit of tasks (TasksMax=, ulimit -u): one of them is too small"

/* Whether libvips' buffer holds an error that is not the picture's, though the call succeeded: a
 * merely unusual picture leaves texts too. They stay there, for libvips_error(). */
bool libvips_has_hidden_error(void);
