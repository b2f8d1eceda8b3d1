/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* named.h - by which time of its file a picture of a batch was named before.
 *
 * The name of a picture that says no date may have the time of its file. Where that time is changed
 * and nothing else, the picture is the same one, and so is its name: a second run finds its
 * outputs. It is filled by one thread; then any thread may ask. */
#pragma once

#include <glib.h>

#include "daemon/files/provenance.h"

typedef struct Named Named;

Named *named_new(void);
void named_free(Named *named);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Named, named_free)

/* Remembers what an output was made of. */
void named_add(Named *named, const Provenance *made);

/* The time by which the picture was named, where it has an output of this source, content and
 * profile; else `time`, as where `named` is NULL. In seconds since 1970. */
int64_t named_time(const Named *named, const Provenance *picture, int64_t time);
