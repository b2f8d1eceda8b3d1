/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker.h - hotfolder-worker, as the daemon sees it: it speaks the real protocol over a simulated
 * socket, and what it makes of a picture is a copy with a mark. It may take long, die, hang, or
 * lie.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct WorkerManners { /* each once in so many pictures; 0: never */
    unsigned dies, hangs, lies, slow, fails, asks_memory, skips_output;
} WorkerManners;
extern WorkerManners worker_manners;

/* The program of the process that posix_spawn() starts: descriptor `socket` is PROTOCOL_SOCKET. */
void worker_main(void *socket);

/* A picture's content: its number, and of an output the numbers of folder and output. */
enum { PICTURE_BYTES = 512 };
void picture_make(unsigned number, unsigned version, char content[PICTURE_BYTES]);

/* What a file is: the number of its picture; -1: none, or not whole. *output: 0 for an original. */
long picture_of(const char *content, size_t size, unsigned *version, unsigned *output);
