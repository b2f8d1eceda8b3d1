/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_texts.h - the texts that a tag gets. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Those of `old` (NULL: none), and of `texts` what it does not have; newly allocated. */
GStrv texts_joined(const char *const *old, const char *const *texts);

/* Those of `texts` (NULL: none) that say something, as UTF-8; where it is no list, the first of
 * them. Newly allocated. */
GStrv texts_said(const char *const *texts, bool list);
