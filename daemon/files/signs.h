/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* signs.h - which signs the file system of a directory takes in names: exFAT, NTFS and SMB take
 * fewer than Linux does.
 *
 * It makes a hidden file for a moment to find out. Any thread that may wait for the disk. */
#pragma once

/* Of what is in `name`, the first thing that no name in the directory may have: "the sign '?'".
 * Newly allocated; NULL: the file system takes all of it, or takes no file at all. */
char *signs_refused(int dir_fd, const char *name);
