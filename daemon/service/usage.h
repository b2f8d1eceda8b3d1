/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* usage.h - the options and exit statuses of hotfolderd. */
#pragma once

#include "config/usage.h"

enum { DAEMON_STATE_DIR = 256, DAEMON_RUNTIME_DIR };

extern const Usage usage_hotfolderd;
