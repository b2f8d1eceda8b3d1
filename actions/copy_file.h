/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy_file.h - reads and writes whole files. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Writes all of `bytes` at the position of `fd`; false with errno. */
bool write_bytes(int fd, const void *bytes, size_t size);

/* All bytes of `fd`, whose position stays; newly referenced. NULL with *err set. */
GBytes *read_file(int fd, Error **err);

/* All bytes of `from`, whose position stays, to `to`, from its position on. */
bool copy_file(int from, int to, Error **err);
