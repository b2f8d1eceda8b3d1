/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* send_notice WAY MILLISECONDS JSON TO... - has hotfolder-notice deliver one notice, as the daemon
 * has it. The subject is in SUBJECT, the text in TEXT, and the environment of a program in what
 * begins with NOTICE_. Says "sent", or the error with its kind and its fix. Ends when its standard
 * input does, as the daemon ends a notice when it stops. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/thread.h"
#include "daemon/process/notice.h"

static int stop = -1;

static void *wait_for_end(void *unused)
{
    char byte = 0;
    const uint64_t one = 1;

    (void) unused;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    return write(stop, &one, sizeof(one)) == sizeof(one) ? NULL : stderr;
}

static char **environment(void)
{
    g_auto(GStrv) all = g_get_environ();
    g_autoptr(GStrvBuilder) some = g_strv_builder_new();

    for (char **entry = all; *entry; entry++)
        if (g_str_has_prefix(*entry, "NOTICE_"))
            g_strv_builder_add(some, *entry);
    return g_strv_builder_end(some);
}

static const char *given(const char *name)
{
    const char *value = g_getenv(name);

    return value ? value : "";
}

int main(int argc, char **argv)
{
    g_auto(GStrv) more = environment();
    g_autoptr(Error) error = NULL;
    pthread_t thread = 0;

    if (argc < 5)
        return 2;
    const NoticeCall call = { .way = argv[1],
                              .deadline_ms = g_ascii_strtoll(argv[2], NULL, 10),
                              .json = argv[3],
                              .to = (const char *const *) argv + 4,
                              .subject = given("SUBJECT"),
                              .text = given("TEXT"),
                              .environment = (const char *const *) more };
    stop = eventfd(0, EFD_CLOEXEC);
    if (stop < 0 || pthread_create(&thread, NULL, wait_for_end, NULL))
        return 2;
    pthread_detach(thread);
    if (notice_send(&call, stop, &error))
        return puts("sent") < 0;
    printf("%s: %s; %s\n", error->kind == ERROR_ENVIRONMENT ? "environment" : "transient",
           error->what, error->fix ? error->fix : "");
    return 1;
}
