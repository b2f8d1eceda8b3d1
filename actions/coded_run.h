/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coded_run.h - a part of a file that is taken over as it is. */
#pragma once

#include <stdint.h>

typedef struct CodedRun {
    uint64_t at, size;
} CodedRun;
