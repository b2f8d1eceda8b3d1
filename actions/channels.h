/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* channels.h - which of red, green and blue a step changes: the words of a WORDS row, and what its
 * bits say. Pure functions: any thread may call them. */
#pragma once

#include <stdbool.h>

#include "config/choice.h"

extern const Choice channel_words[];
extern const unsigned channels_all;

/* Whether those are not all three. */
bool channels_split(unsigned channels);

/* Whether a band, 0 to 2, is among them. */
bool channels_have(unsigned channels, int band);
