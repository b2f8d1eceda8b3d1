/* ownership.h - whose the outputs are, and who may do what with them.
 *
 * What a folder does not say comes as it does for every program: the group of a setgid directory,
 * the default ACL of the output directory, else the umask. */
#pragma once

#include <sys/types.h>

#include "config/conf.h"

/* Settings of a folder, as they were said; "auto": not said. */
typedef struct RightsSettings {
    char *owner, *group, *mode, *directory_mode;
} RightsSettings;

enum {
    RIGHTS_OWNER = 1,
    RIGHTS_GROUP = 2,
    RIGHTS_MODE = 4,
    RIGHTS_DIRECTORY_MODE = 8,
    RIGHTS_STICKY = 16, /* no setting: a directory in a sticky one is sticky */
};

typedef struct Rights {
    unsigned said; /* RIGHTS_...: what is not said has no meaning below */
    uid_t owner;   /* of output files; directories stay ours, as we go on writing there */
    gid_t group;   /* of output files and made directories */
    mode_t mode, directory_mode;
} Rights;

/* Reports each of them that `section` states and that is wrong, is not there, or that this process
 * may not give. */
void rights_check(const ConfNode *section, GPtrArray *mistakes);

/* What was said; what is wrong in it is left out. */
Rights rights_read(const RightsSettings *settings);

/* Gives `which` of them, where said, to an open file in the directory `where`. That it cannot be
 * done is the world's error: the next picture would meet it too. */
bool rights_give(const Rights *rights, unsigned which, int fd, const char *where, Error **err);

/* Makes the directory `name` with its rights: under that name it never has others. One that is
 * there is left as it is. 0, or -1 with errno. */
int rights_make_directory(const Rights *rights, int parent, const char *name);
