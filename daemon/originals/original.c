/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/originals/original.h"

Move original_move(const Original *original, int root_fd, int to_root_fd, const char *to_path)
{
    return (Move){ .root_fd = root_fd,
                   .path = original->source,
                   .file = original->file,
                   .to_root_fd = to_root_fd,
                   .to_path = to_path,
                   .temp = original->temp,
                   .again = original->again,
                   .rename_only = original->rename_only,
                   .taken = original->as ? original->taken : NULL };
}
