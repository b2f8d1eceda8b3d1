/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sources.h - which files were read, and whether they are still the same, as stat(2) says: nothing
 * is opened, so that a process may ask that has shut itself off from all files. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Sources Sources;

Sources *sources_new(void);
void sources_free(Sources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sources, sources_free)

/* Remembers what is at the absolute path now, or that it is missing. Before it is read: what is
 * written after that is a change. */
void sources_add(Sources *sources, const char *path);

/* The same of each directory in which a file may appear that the pattern of glob(3) matches. */
void sources_add_pattern(Sources *sources, const char *pattern);

/* Whether one of them was written, replaced, removed or made since. */
bool sources_have_changed(const Sources *sources);
