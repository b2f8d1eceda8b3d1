/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* program.h - the messages between the daemon and a hotfolder-program, which runs one program of
 * the administrator's for one picture.
 *
 * systemd starts it for a connection to the socket of hotfolder-program.socket, or who has none of
 * that starts it as it starts a worker (protocol.h): the socket is descriptor 3, and
 * HOTFOLDER_PARENT is the daemon's process id. One RUN comes with the picture, and one answer goes
 * back: DONE with the result, or FAILED. When the socket closes before, the program is killed. */
#pragma once

#include <glib.h>

typedef enum ProgramMessage {
    PROGRAM_RUN = 1, /* daemon, with the picture's file: run the program */
    PROGRAM_DONE,    /* with the file that the program made; none can write it any more */
    PROGRAM_FAILED,
    PROGRAM_COUNT
} ProgramMessage;

/* Why it failed. */
typedef enum ProgramFailure {
    PROGRAM_CANNOT, /* it could not be run here: the machine is to blame */
    PROGRAM_EXITED, /* it said itself that it failed, or made no result */
    PROGRAM_DIED,   /* it was killed, also by us: for its deadline, or for what it wrote */
    PROGRAM_FAILURES
} ProgramFailure;

/* The words that stand for the paths of the picture's file, and of the result. */
#define PROGRAM_IN  "{in}"
#define PROGRAM_OUT "{out}"

/* GVariant types of the bodies. */
/* clang-format off */
#define PROGRAM_FORMATS                                                                            \
    {                                                                                              \
        /* wire_version() of these; what to run, in which PROGRAM_IN and PROGRAM_OUT stand for     \
         * paths (without PROGRAM_OUT, the program changes the picture's file); the extensions of  \
         * both files; milliseconds until it is killed; bytes that its result may have */                 \
        [PROGRAM_RUN] = "(sasssxx)",                                                               \
        [PROGRAM_DONE] = "()",                                                                     \
        /* ProgramFailure; what it did: "exited with status 1"; the last line that it wrote to     \
         * standard error, "" for none */                                                          \
        [PROGRAM_FAILED] = "(uss)",                                                                \
    }
/* clang-format on */
