/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the sections of the daemon's variables, and finds its thread-local ones. */
#include "tests/sim/image.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The linker defines them where there is such a section. */
extern char data_start[] __asm__("__start_daemon_data") __attribute__((weak));
extern char data_stop[] __asm__("__stop_daemon_data") __attribute__((weak));
extern char bss_start[] __asm__("__start_daemon_bss") __attribute__((weak));
extern char bss_stop[] __asm__("__stop_daemon_bss") __attribute__((weak));

static struct {
    char *data, *bss;
} kept;
static struct {
    void *at;
    unsigned long size;
    bool known;
} tls;

/* To the compiler they are two objects. */
static size_t bytes_between(const char *from, const char *end)
{
    return (size_t) ((uintptr_t) end - (uintptr_t) from);
}

static char *copy(const char *from, const char *end)
{
    size_t size = bytes_between(from, end);
    char *copied = size ? malloc(size) : NULL;

    if (size && !copied)
        abort();
    if (copied)
        memcpy(copied, from, size);
    return copied;
}

static void put_back(char *to, const char *end, const char *copied)
{
    if (copied)
        memcpy(to, copied, bytes_between(to, end));
}

void image_keep(void)
{
    free(kept.data);
    free(kept.bss);
    kept.data = copy(data_start, data_stop);
    kept.bss = copy(bss_start, bss_stop);
}

void image_restore(void)
{
    put_back(data_start, data_stop, kept.data);
    put_back(bss_start, bss_stop, kept.bss);
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
