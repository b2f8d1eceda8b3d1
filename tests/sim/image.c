/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the sections of the daemon's variables, and finds its thread-local ones. */
#include "tests/sim/image.h"

#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The linker defines them where there is such a section. */
#define END(name) extern char name[] __attribute__((weak, visibility("hidden")))
END(__start_daemon_data);
END(__stop_daemon_data);
END(__start_daemon_bss);
END(__stop_daemon_bss);

static struct {
    char *data, *bss;
} kept;
static struct {
    void *at;
    unsigned long size;
    bool known;
} tls;

static char *copy(const char *from, const char *end)
{
    size_t size = (size_t) (end - from);
    char *copied = size ? malloc(size) : NULL;

    if (size && !copied)
        abort();
    if (size)
        memcpy(copied, from, size);
    return copied;
}

void image_keep(void)
{
    free(kept.data);
    free(kept.bss);
    kept.data = copy(__start_daemon_data, __stop_daemon_data);
    kept.bss = copy(__start_daemon_bss, __stop_daemon_bss);
}

void image_restore(void)
{
    if (kept.data)
        memcpy(__start_daemon_data, kept.data, (size_t) (__stop_daemon_data - __start_daemon_data));
    if (kept.bss)
        memcpy(__start_daemon_bss, kept.bss, (size_t) (__stop_daemon_bss - __start_daemon_bss));
}

/* The first is the program itself; no file of the simulator has such variables. */
static int find_tls(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void) size, (void) unused;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_TLS)
            continue;
        tls.at = info->dlpi_tls_data;
        tls.size = info->dlpi_phdr[i].p_memsz;
    }
    return 1;
}

void *image_tls(void)
{
    if (!tls.known)
        dl_iterate_phdr(find_tls, NULL);
    tls.known = true;
    return tls.at;
}

unsigned long image_tls_size(void)
{
    image_tls();
    return tls.size;
}
