/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union Address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_storage room;
} Address;

static socklen_t size_of(const Address *address)
{
    return address->any.sa_family == AF_INET6 ? sizeof(address->six) : sizeof(address->four);
}

/* "127.0.0.1:8480" or "[::1]:8480". */
static bool read_address(const char *listen, Address *address)
{
    const char *colon = strrchr(listen, ':');
    bool six = *listen == '[' && colon && colon[-1] == ']';

    if (!colon)
        return false;
    in_port_t port = htons((in_port_t) g_ascii_strtoull(colon + 1, NULL, 10));
    g_autofree char *host = g_strndup(listen + six, (gsize) (colon - listen) - (six ? 2 : 0));
    if (six) {
        address->six = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = port };
        return inet_pton(AF_INET6, host, &address->six.sin6_addr) == 1;
    }
    address->four = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = port };
    return inet_pton(AF_INET, host, &address->four.sin_addr) == 1;
}

static bool is_same(const Address *a, const Address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->four.sin_port == b->four.sin_port &&
               a->four.sin_addr.s_addr == b->four.sin_addr.s_addr;
    return a->any.sa_family == AF_INET6 && a->six.sin6_port == b->six.sin6_port &&
           IN6_ARE_ADDR_EQUAL(&a->six.sin6_addr, &b->six.sin6_addr);
}

/* As `listen` has it; newly allocated. */
static char *address_text(const Address *address)
{
    char host[INET6_ADDRSTRLEN] = "";

    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->four.sin_addr, host, sizeof(host));
        return g_strdup_printf("%s:%u", host, ntohs(address->four.sin_port));
    }
    if (address->any.sa_family != AF_INET6)
        return g_strdup("no address of a network");
    inet_ntop(AF_INET6, &address->six.sin6_addr, host, sizeof(host));
    return g_strdup_printf("[%s]:%u", host, ntohs(address->six.sin6_port));
}

static int refuse(Error **err, const Http *http, const char *fix, const char *what)
{
    error_set(err, ERROR_CONFIG, fix, "%s", what);
    error_set_where(err, "%s:%d: http", http->file, http->line);
    return -1;
}

/* Where systemd listens is what its unit says: the configuration is right, and the unit follows. */
static int take_given(const Http *http, const Address *address, int given, Error **err)
{
    Address actual = { 0 };
    socklen_t size = sizeof(actual), option = sizeof(int);
    int listens = 0;

    if (getsockopt(given, SOL_SOCKET, SO_ACCEPTCONN, &listens, &option) || !listens ||
        getsockname(given, &actual.any, &size))
        return refuse(err, http, "remove the drop-ins of hotfolder-page.socket",
                      "the socket that systemd has passed does not listen");
    if (is_same(&actual, address)) {
        fcntl(given, F_SETFL, fcntl(given, F_GETFL) | O_NONBLOCK);
        return given;
    }
    g_autofree char *text = address_text(&actual);
    g_autofree char *what =
        g_strdup_printf("listen = %s, but systemd listens on %s for the page", http->listen, text);
    return refuse(err, http,
                  "run `hotfolder systemd-dropin --install`, and `systemctl restart "
                  "hotfolder-page.socket`",
                  what);
}

static const char *fix_of(int code)
{
    if (code == EADDRINUSE)
        return "another program has this port, as `ss -ltnp` shows: stop it, or change the port";
    if (code == EADDRNOTAVAIL)
        return "this machine does not have this address: `ip address` shows those that it has";
    return code == EACCES ? "give a port above 1023, or let systemd open it: systemctl enable "
                            "--now hotfolder-page.socket"
                          : NULL;
}

static int open_own(const Http *http, const Address *address, Error **err)
{
    static const int yes = 1;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    /* what listens on all addresses of IPv6 does so of IPv6 alone, as the text says */
    if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) &&
        (address->any.sa_family != AF_INET6 ||
         !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes))) &&
        !bind(fd, &address->any, size_of(address)) && !listen(fd, SOMAXCONN))
        return fd;
    int code = errno;
    if (fd >= 0)
        close(fd);
    g_autofree char *what =
        g_strdup_printf("cannot listen on %s: %s", http->listen, g_strerror(code));
    return refuse(err, http, fix_of(code), what);
}

int listener_take(const Http *http, int given, Error **err)
{
    Address address = { 0 };

    if (!read_address(http->listen, &address))
        return refuse(err, http, "give an address and a port, as \"127.0.0.1:8480\"",
                      "listen has no address");
    return given >= 0 ? take_given(http, &address, given, err) : open_own(http, &address, err);
}
