/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hidden.h - how the names of our temporary files begin, beside pictures and outputs. */
#pragma once

#define HIDDEN_PREFIX ".hotfolder-"
