/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder-program - runs one program of the administrator's for one picture; see wire/program.h.
 */
#include "program/serve.h"
#include "wire/served.h"

int main(int argc, char **argv)
{
    static const Served served = {
        .name = "hotfolder-program",
        .help = "hotfolder-program - runs a program for one picture; hotfolder starts it\n"
                "\n"
                "  hotfolder-program --serve     answer one request on descriptor 3\n"
                "  hotfolder-program --version\n"
                "\n"
                "`program` in hotfolder.conf(5) says which programs there are.\n",
        .serve = program_serve,
    };

    return served_main(&served, argc, argv);
}
