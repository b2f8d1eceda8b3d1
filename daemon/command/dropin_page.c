/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/dropin_page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "command/unit.h"

char *dropin_page_text(const Http *http)
{
    g_autofree char *file = text_escape(http->file);

    /* the first one forgets where the unit listens */
    return g_strdup_printf("# Written by `hotfolder systemd-dropin` from %s:%d.\n"
                           "[Socket]\nListenStream=\nListenStream=%s\n",
                           file, http->line, http->listen);
}

bool dropin_page_is_current(const Http *http)
{
    g_autofree char *line = g_strdup_printf("\nListenStream=%s\n", http->listen);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(DROPIN_PAGE, &text, NULL, NULL))
        return !strcmp(http->listen, "127.0.0.1:8480"); /* as the unit has it */
    return strstr(text, line);
}

typedef union Address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
} Address;

/* Of "127.0.0.1:8480" or "[::1]:8480", with any port; its size, 0: it is none. */
static socklen_t read_address(const char *listen, Address *address)
{
    bool in_brackets = *listen == '[';
    size_t length =
        in_brackets ? strcspn(listen + 1, "]") : (size_t) (strrchr(listen, ':') - listen);
    g_autofree char *host = g_strndup(listen + in_brackets, length);

    *address = (Address){ 0 };
    address->any.sa_family = in_brackets ? AF_INET6 : AF_INET;
    if (in_brackets)
        return inet_pton(AF_INET6, host, &address->six.sin6_addr) == 1 ? sizeof(address->six) : 0;
    return inet_pton(AF_INET, host, &address->four.sin_addr) == 1 ? sizeof(address->four) : 0;
}

bool dropin_page_is_here(const Http *http)
{
    Address address;
    socklen_t size = read_address(http->listen, &address);
    int fd = size ? socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;

    if (fd < 0)
        return true; /* unknown */
    bool is_missing = bind(fd, &address.any, size) < 0 && errno == EADDRNOTAVAIL;
    close(fd);
    return !is_missing;
}

bool dropin_page_install(const Http *http, Error **err)
{
    if (!http) {
        if (unlink(DROPIN_PAGE) < 0 && errno != ENOENT && errno != ENOTDIR)
            return error_errno(err, errno, "cannot remove '%s'", DROPIN_PAGE);
        g_autofree char *directory = g_path_get_dirname(DROPIN_PAGE);
        rmdir(directory); /* other drop-ins may be in it */
        return true;
    }
    g_autofree char *text = dropin_page_text(http);
    return unit_write(DROPIN_PAGE, text, err);
}
