/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* made.h - what the outputs that are there say of the pictures that they were made of. One thread.
 */
#pragma once

#include "command/numbers.h"
#include "daemon/outputs/named.h"

/* Reads once all that lies below the directory, which need not exist, and adds each output to those
 * of `named` and `numbers` that are not NULL. What cannot be read says nothing. */
void made_read(const char *output, Named *named, Numbers *numbers);
