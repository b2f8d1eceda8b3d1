/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile_name.h - what people call the colour space of an ICC profile. Any thread. */
#pragma once

#include <stddef.h>

/* "sRGB", "Adobe RGB", "Display P3", "ProPhoto RGB", or what the profile says of itself; newly
 * allocated. NULL where it says nothing that can be read. */
char *profile_name(const void *profile, size_t size);
