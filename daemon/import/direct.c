/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By itself, since the C library's struct statx is older than this answer of the kernel. */
#include "daemon/import/direct.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COMMON_ALIGNMENT 4096

DirectReads direct_reads(int fd, size_t *alignment)
{
    struct statx st = { 0 };

    *alignment = COMMON_ALIGNMENT;
    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &st) < 0 ||
        !(st.stx_mask & STATX_DIOALIGN))
        return DIRECT_UNKNOWN;
    if (!st.stx_dio_offset_align || !st.stx_dio_mem_align)
        return DIRECT_NEVER;
    if (st.stx_dio_offset_align > COMMON_ALIGNMENT || st.stx_dio_mem_align > COMMON_ALIGNMENT)
        *alignment = st.stx_dio_offset_align > st.stx_dio_mem_align ? st.stx_dio_offset_align
                                                                    : st.stx_dio_mem_align;
    return DIRECT_ALWAYS;
}
