/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.h - cmocka, which wants its includes in this order. */
#pragma once

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
