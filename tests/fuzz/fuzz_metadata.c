/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a picture of a format whose metadata is counted before a decoder sees it: the walk
 * ends, and more room never makes less of it fit. The first byte chooses the format. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/metadata_limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fits(int fd, Format format, int64_t max)
{
    g_autoptr(Error) error = NULL;
    bool ok = metadata_limits_check_file(fd, format, max, &error);

    if (ok == (error != NULL) || (error && error->kind != ERROR_PICTURE))
        abort();
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;

    if (!size)
        return 0;
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (ftruncate(fd, 0) || pwrite(fd, data + 1, size - 1, 0) != (ssize_t) size - 1)
        abort();
    Format format = (Format) (data[0] % FORMAT_COUNT);
    if (!fits(fd, format, 0))
        abort();
    for (int64_t max = 1, fitted = false; max <= 1 << 20; max *= 16) {
        bool now = fits(fd, format, max);
        if (fitted && !now)
            abort();
        fitted = now;
    }
    return 0;
}
