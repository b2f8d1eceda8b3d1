/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* beside.h - what lies beside the files of a tree: the RAW, the picture and the sidecar of one
 * shot.
 *
 * It looks at names only, at those of one directory at a time: ask for its files one after the
 * other. One thread. */
#pragma once

#include "daemon/settings/snapshot.h"

typedef struct Beside Beside;

/* `files`: the absolute paths of the only ones that count, a set that is borrowed until the end;
 * NULL: all that lie in a directory. */
Beside *beside_new(GHashTable *files);
void beside_free(Beside *beside);

/* Why the file at `path` is not processed by itself, static: of its shot, `prefer` of the folder
 * takes another file. NULL: it is, as far as its name says. */
const char *beside_reason(Beside *beside, const Folder *folder, const char *path);

/* Why the companion at `path`, a sidecar, a sound or a film, is not looked at by itself, static:
 * its picture is there. NULL: it is no companion, or alone. */
const char *beside_companion(Beside *beside, const Folder *folder, const char *path);

/* The name of the XMP file beside the picture at `path`, newly allocated; NULL: there is none. */
char *beside_sidecar(Beside *beside, const Folder *folder, const char *path);
