#include "daemon/originals/original.h"

Move retiring_move(const Retiring *retiring, int root_fd, int to_root_fd, const char *to_path)
{
    return (Move){ .root_fd = root_fd,
                   .path = retiring->source,
                   .file = retiring->file,
                   .to_root_fd = to_root_fd,
                   .to_path = to_path,
                   .temp = retiring->temp,
                   .again = retiring->again };
}
