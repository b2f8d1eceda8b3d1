/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* protocol.h - the messages between a pool thread of the daemon and its hotfolder-worker.
 *
 * The daemon starts the worker as `hotfolder-worker --serve`, with `--fonts` after it where
 * pictures or profiles may draw text. The socket is descriptor 3, and standard input is a profiles
 * document (see worker/profile.h). HOTFOLDER_PARENT in the environment is the daemon's process id;
 * a worker that has another parent when it starts ends at once.
 *
 * The worker reads the profiles, enters its sandbox (see worker/sandbox.h) and sends READY. Then it
 * serves one job at a time. JOB brings the picture as an open descriptor; where an XMP file lies
 * beside it, SIDECAR has brought that before, once for each job. The worker reports each
 * STEP. It requests a descriptor for each OUTPUT, and once the MEMORY that the pixels will use, if
 * that is more than the job allows. Where the job asks for it, the worker says how the picture is
 * PLANNED, or what each step took, a line at a time. For a PROGRAM of the administrator's it writes
 * a file in memory, and gets one back. A profile may make no output of a picture; the worker then
 * says NO_OUTPUT. One RESULT ends the job. The worker exits when the socket closes, and never opens
 * a path after READY.
 *
 * An import asks for no jobs: whether a medium is to be imported (MATCH), and what a file of a shot
 * says of itself and is called (SHOT). That has no descriptor where the file is of no kind that has
 * metadata; SIDECAR may come before. An answer that cannot be given is a RESULT.
 *
 * Names are bytes ("ay", with their final NUL); texts are UTF-8. */
#pragma once

#include <glib.h>
#include <stdint.h>

enum {
    PROTOCOL_SOCKET = 3,
    /* Bytes that most pictures use: a request for them would cost 2 % of the time of a picture of
       640 x 480. */
    PROTOCOL_FEW_BYTES = 96 * 1024 * 1024,
};

typedef enum Message {
    MESSAGE_READY = 1,    /* worker: the profiles are read */
    MESSAGE_JOB,          /* daemon, with the picture: process it */
    MESSAGE_STEP,         /* worker: a step begins */
    MESSAGE_OUTPUT,       /* worker: requests a file of this name */
    MESSAGE_OUTPUT_GO,    /* daemon, with a descriptor opened O_RDWR at 0: write there */
    MESSAGE_OUTPUT_SKIP,  /* daemon: this one exists; continue without writing it */
    MESSAGE_NO,           /* daemon: the request failed; end the job, the daemon knows why */
    MESSAGE_MEMORY,       /* worker: requests this much; at most once a job, before the pixels */
    MESSAGE_MEMORY_GO,    /* daemon, when it is free: use it */
    MESSAGE_RESULT,       /* worker: the job's end */
    MESSAGE_EXIT_NOTE,    /* worker: why it is about to die */
    MESSAGE_NO_OUTPUT,    /* worker: the profile makes none of this picture */
    MESSAGE_PLANNED,      /* worker: a line of how the picture will be made */
    MESSAGE_PROGRAM_FILE, /* worker: requests a file for what a program is to get; OUTPUT_GO */
    MESSAGE_PROGRAM,      /* worker: the file is written; requests the run of this program on it */
    MESSAGE_PROGRAM_GO,   /* daemon, with the file that the program made */
    MESSAGE_RENAME,       /* worker: the original's name in done/ */
    MESSAGE_SIDECAR,      /* daemon, with the XMP file beside the picture of the JOB that follows */
    MESSAGE_MATCH,        /* daemon: does an import take this medium? */
    MESSAGE_MATCHED,      /* worker: whether it does */
    MESSAGE_SHOT,         /* daemon, with a file: what does it say, and what does it become? */
    MESSAGE_SHOT_FACTS,   /* worker: what it says; SHOT_NAME follows */
    MESSAGE_SHOT_NAME,    /* worker: its name, without its extension */
    MESSAGE_COUNT
} Message;

/* exists: what to do when an output's name is taken. */
typedef enum Exists { EXISTS_NUMBER, EXISTS_REPLACE, EXISTS_SKIP } Exists;

/* What a worker says of a picture's steps: nothing, how they are planned before they begin, or, at
 * the end, what each of them took, for which it does one after the other. */
typedef enum Tells { TELLS_NOTHING, TELLS_PLAN, TELLS_WORK } Tells;

/* mtime: the time that the daemon gives the complete output, in seconds since 1970, at most
 * PROTOCOL_TIME_MAX before or after (64 bits hold its nanoseconds); or PROTOCOL_NOW, which leaves
 * the time at which the file was written; or PROTOCOL_OF_SOURCE, that of the picture's file. */
#define PROTOCOL_NOW       INT64_MIN
#define PROTOCOL_OF_SOURCE (INT64_MIN + 1)
#define PROTOCOL_TIME_MAX  (INT64_MAX / 1000000000)

/* GVariant types of the bodies. */
/* clang-format off */
#define PROTOCOL_FORMATS                                                                           \
    {                                                                                              \
        /* wire_version() of these; how many profiles; what its sandbox lacks, "" for none */      \
        [MESSAGE_READY] = "(sus)",                                                                 \
        /* profile, folder, dir, file name, the mtime that names have (s since 1970; see           \
         * daemon/outputs/named.h), its numbers (see base/sequence.h), the memory that it may take \
         * without asking (bytes), and what the picture may be (see formats/limits.h): accept,     \
         * max_pixels, max_pages, max_metadata; Tells */                                           \
        [MESSAGE_JOB] = "(ssayayx(xxx)x(udix)u)",                                                  \
        [MESSAGE_STEP] = "(us)",       /* line in the profile's file, action */                    \
        [MESSAGE_OUTPUT] = "(ayux)", /* name relative to the output directory, Exists, mtime */    \
        [MESSAGE_OUTPUT_GO] = "()",                                                                \
        [MESSAGE_OUTPUT_SKIP] = "()",                                                              \
        [MESSAGE_NO] = "()",                                                                       \
        [MESSAGE_MEMORY] = "(x)",      /* bytes */                                                 \
        [MESSAGE_MEMORY_GO] = "()",                                                                \
        /* ok; else an Error: kind, what, where, fix, "" for none; notes about the picture, "; "    \
         * between them, "" for none */                                                            \
        [MESSAGE_RESULT] = "(bussss)",                                                             \
        /* a system call that it may not use, "" for none; why; exit_note.c makes it by hand */    \
        [MESSAGE_EXIT_NOTE] = "(ss)",                                                              \
        [MESSAGE_NO_OUTPUT] = "()",                                                                \
        [MESSAGE_PLANNED] = "(s)",                                                                 \
        [MESSAGE_PROGRAM_FILE] = "()",                                                             \
        [MESSAGE_PROGRAM] = "(sx)", /* name; bytes that its result may have */                     \
        [MESSAGE_PROGRAM_GO] = "()",                                                               \
        [MESSAGE_RENAME] = "(ay)",  /* the last part of its path; the last such message counts */  \
        [MESSAGE_SIDECAR] = "(ay)", /* the name of that file */                                    \
        /* import; label, uuid, maker, "" for none; bytes; whether it can be removed */            \
        [MESSAGE_MATCH] = "(ssssxb)",                                                              \
        [MESSAGE_MATCHED] = "(b)",                                                                 \
        /* import, dir, file name, bytes, mtime (s since 1970), number (0: none), card,            \
         * assignment */                                                                           \
        [MESSAGE_SHOT] = "(sayayxxxsms)",                                                          \
        /* dated, s since 1970 of what the clock showed, ns, zoned, s east of UTC, rating; its     \
         * date, the same corrected, camera, serial number, why it cannot be read, "" for none */  \
        [MESSAGE_SHOT_FACTS] = "(bxibiisssss)",                                                    \
        [MESSAGE_SHOT_NAME] = "(ay)",                                                              \
    }
/* clang-format on */
