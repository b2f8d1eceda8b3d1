/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* portable.h - names that every file system takes: those of Windows, exFAT and SMB shares too.
 *
 * Source of the rules: Microsoft, "Naming Files, Paths, and Namespaces". Any thread. */
#pragma once

/* `path` (relative, bytes) with a `_` in the place of each sign that Windows forbids in names
 * (< > : " \ | ? *, control characters, a dot or a blank at the end of a component), and of each
 * byte that is no UTF-8; a component that names a device there (CON, NUL, COM1 ...) gets a `_`
 * behind that word. No component becomes longer than 255 bytes. Newly allocated. */
char *portable_path(const char *path);
