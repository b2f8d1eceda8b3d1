/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/channels.h"

enum { RED, GREEN, BLUE, ALL };

const Choice channel_words[] = {
    { "all", ALL, "all three alike" },
    { "red", RED, "red values" },
    { "green", GREEN, "green values" },
    { "blue", BLUE, "blue values" },
    { 0 },
};

const unsigned channels_all = 1U << ALL;

bool channels_have(unsigned channels, int band)
{
    return channels & (1U << ALL | 1U << band);
}

bool channels_split(unsigned channels)
{
    return !channels_have(channels, RED) || !channels_have(channels, GREEN) ||
           !channels_have(channels, BLUE);
}
