/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int landlock_version(void)
{
    enum { VERSION = 1 };
    int version = (int) syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION);

    if (version == 0)
        errno = ENOSYS;
    return version < 1 ? 0 : version;
}

int landlock_begin(const void *attributes, size_t size)
{
    return (int) syscall(SYS_landlock_create_ruleset, attributes, size, 0);
}

int landlock_allow(int ruleset, const char *path, uint64_t rights)
{
    const struct landlock_path_beneath_attr beneath = {
        .allowed_access = rights,
        .parent_fd = open(path, O_PATH | O_CLOEXEC),
    };

    if (beneath.parent_fd < 0)
        return 0;
    int code = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0)
                   ? errno
                   : 0;
    close(beneath.parent_fd);
    return code;
}

int landlock_enter(int ruleset)
{
    int code = syscall(SYS_landlock_restrict_self, ruleset, 0) ? errno : 0;

    close(ruleset);
    return code;
}
