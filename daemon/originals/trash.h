/* trash.h - the trash of an original's mount: freedesktop.org Trash specification 1.0. */
#pragma once

#include "daemon/originals/original.h"

/* Whether the original, below `root_fd`, went there, with its information; false where there is no
 * such trash that is ours alone. With retiring->again, what an earlier try began is ended. */
bool trash_original(const Retiring *retiring, int root_fd);
