/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* direct.h - whether the kernel reads an open file past its cache. Any thread. */
#pragma once

#include <stddef.h>

typedef enum DirectReads {
    DIRECT_UNKNOWN, /* the file system says nothing: O_DIRECT may quietly read through the cache */
    DIRECT_NEVER,   /* not of this file: it is compressed, encrypted, or in a journal */
    DIRECT_ALWAYS,  /* with O_DIRECT and aligned to *alignment */
} DirectReads;

/* What statx(2) says of the file's STATX_DIOALIGN; *alignment is then what positions and buffers
 * have to be a multiple of, else 4096. */
DirectReads direct_reads(int fd, size_t *alignment);
