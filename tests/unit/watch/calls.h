/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calls.h - counts what the watcher asks of the kernel about files. It is linked between the
 * watcher and the C library (--wrap, see CMakeLists.txt). One thread. */
#pragma once

typedef struct Calls {
    int opens; /* of directories and files, by whatever call */
    int stats; /* of the same */
    int lists; /* of directories */
} Calls;

/* Since the last time; all are 0 afterwards. */
Calls calls_take(void);
