/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* camera.h - which camera made a JPEG or a HEIF, and when, as its EXIF says. Any thread. */
#pragma once

/* Maker, model and the time of the exposure, as one text to be compared with others; newly
 * allocated. NULL: the file (borrowed; its offset does not move) does not say all of them, or is
 * damaged. Costs a few KB of reading. */
char *camera_stamp(int fd);
