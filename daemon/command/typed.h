/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* typed.h - paths as people type them, and as the configuration writes them: one of the two may go
 * through symbolic links. The daemon compares their texts alone, as a share may not respond. */
#pragma once

/* An absolute path without symbolic links, except one that it is itself; newly allocated. */
char *typed_real(const char *path);

/* The name of `real` below a directory of the configuration, as that is written there; newly
 * allocated, NULL: it is not below it. */
char *typed_below(const char *real, const char *written);
