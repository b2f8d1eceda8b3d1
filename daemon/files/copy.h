/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy.h - copies the bytes of an open file into another one. Any thread. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Makes the empty file `to` the first `size` bytes of `from`, holes as holes. Where `from` became
 * shorter meanwhile zeros stand in their place: compare the two, or what stat(2) says of `from`.
 * False with errno. */
bool copy_bytes(int from, int to, off_t size);
