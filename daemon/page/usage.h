/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* usage.h - the options and exit statuses of hotfolder-page. */
#pragma once

#include "config/usage.h"

enum {
    PAGE_RUNTIME_DIR = 256,
    PAGE_CHANGED = 75, /* exit status: start it again */
};

extern const Usage usage_hotfolder_page;
