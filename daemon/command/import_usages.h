/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_usages.h - the commands of `hotfolder import`: status, verify, forget, assignment. */
#pragma once

#include "config/usage.h"

extern const Usage usage_import_status, usage_import_verify, usage_import_forget,
    usage_import_assignment;
