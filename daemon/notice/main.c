/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder-notice - delivers one notice by one way; see wire/notice.h. */
#include <sys/prctl.h>

#include "notice/serve.h"
#include "wire/served.h"

/* The daemon's capabilities are not for sendmail. */
static void drop_ambient(void)
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int main(int argc, char **argv)
{
    static const Served served = {
        .name = "hotfolder-notice",
        .help = "hotfolder-notice - delivers one notice; hotfolder starts it\n"
                "\n"
                "  hotfolder-notice --serve     answer one request on descriptor 3\n"
                "  hotfolder-notice --version\n"
                "\n"
                "`notify` in hotfolder.conf(5) says which notices there are.\n",
        .begin = drop_ambient,
        .serve = notice_serve,
    };

    return served_main(&served, argc, argv);
}
