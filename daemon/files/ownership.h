/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ownership.h - owner, group and mode of outputs and their directories.
 *
 * What a folder does not set comes as for every program: from the group of a setgid directory, from
 * the default ACL of the output directory, else from the umask. Any thread. */
#pragma once

#include <sys/stat.h>

#include "config/conf.h"

/* Settings of a folder, as they are written; "auto": not set. */
typedef struct OwnershipSettings {
    char *owner, *group, *mode, *directory_mode;
} OwnershipSettings;

enum {
    OWNERSHIP_OWNER = 1,
    OWNERSHIP_GROUP = 2,
    OWNERSHIP_MODE = 4,
    OWNERSHIP_DIRECTORY_MODE = 8,
    OWNERSHIP_STICKY = 16, /* no setting: a directory in a sticky one is sticky */
};

typedef struct Ownership {
    unsigned set; /* OWNERSHIP_...: which of the others are set */
    uid_t owner;  /* of output files; directories stay ours, as we go on writing there */
    gid_t group;  /* of output files and made directories */
    mode_t mode, directory_mode;
} Ownership;

/* Appends an error for each setting of `section` that is wrong, names an unknown user or group, or
 * that this process may not give. */
void ownership_check(const ConfNode *section, GPtrArray *errors);

/* The settings that are right; ownership_check() reports the others. */
Ownership ownership_read(const OwnershipSettings *settings);

/* Gives `which` of them, where set, to an open file in the directory `where`. A failure is
 * ERROR_ENVIRONMENT: the next picture would meet it too. */
bool ownership_apply(const Ownership *ownership, unsigned which, int fd, const char *where,
                     Error **err);

/* Gives an open file whose state is `st` the permissions of `mode` again, where it has others.
 * Errors as above. */
bool ownership_restore(int fd, const struct stat *st, mode_t mode, const char *where, Error **err);

/* Makes the directory `name` with this ownership; under this name it never has another. One that
 * exists is left as it is. 0, or -1 with errno. */
int ownership_make_directory(const Ownership *ownership, int parent, const char *name);
