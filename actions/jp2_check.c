/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/jp2_check.h"

#include <string.h>

#include "actions/damage.h"
#include "formats/bytes.h"

/* Where the codestream begins, alone or in a box; 0 also where none is found. */
static uint64_t codestream(Bytes *bytes)
{
    enum { BOXES = 64 };
    Box box;
    uint64_t at = 0;

    for (int i = 0; i < BOXES && box_read(bytes, at, &box); i++, at += box.length)
        if (!strcmp(box.type, "jp2c"))
            return at + box.header;
    return 0;
}

bool jp2_check(int fd)
{
    enum { BUDGET = 1024 * 1024, LEFT = 16, TOP = 20, SIZE = 24 };
    Bytes bytes;
    const unsigned char *p = NULL;

    if (!bytes_begin(&bytes, fd, BUDGET) || !(p = bytes_at(&bytes, codestream(&bytes), SIZE)) ||
        memcmp(p, "\xff\x4f\xff\x51", 4) != 0)
        return true;
    uint32_t left = be32(p + LEFT), top = be32(p + TOP);
    if (!left && !top)
        return true;
    damage_refuse(g_strdup_printf("it is a JPEG 2000 whose picture begins %u to the right and %u "
                                  "below the corner of its grid, which hotfolder does not read",
                                  left, top),
                  "export it as JPEG, PNG or TIFF");
    return false;
}
