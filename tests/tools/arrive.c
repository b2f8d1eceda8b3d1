/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrive - brings a file into a folder in the ways that real programs do, step by step.
 *
 *   arrive HOW SOURCE TARGET
 *
 * After each step it prints a word and waits for a line on stdin (at its end it goes straight on).
 * The last word is always "closed": only then is TARGET what SOURCE is. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Arrival {
    const char *target;
    char directory[4096];
    char *data;
    size_t length;
    size_t done;
} Arrival;

static void check(int ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    _exit(1);
}

static void step(const char *word)
{
    char line[16];

    printf("%s\n", word);
    fflush(stdout);
    if (strcmp(word, "closed") != 0 && !fgets(line, sizeof(line), stdin))
        return;
}

static int open_target(const Arrival *arrival, int flags)
{
    int fd = open(arrival->target, flags | O_CLOEXEC, 0644);

    check(fd >= 0, "open");
    return fd;
}

/* Writes on until `part` of `parts` are there. */
static void write_part(Arrival *arrival, int fd, size_t part, size_t parts)
{
    size_t end = arrival->length * part / parts;

    check(write(fd, arrival->data + arrival->done, end - arrival->done) ==
              (ssize_t) (end - arrival->done),
          "write");
    arrival->done = end;
}

/* The rest, with the descriptor open for a while after it. */
static void finish(Arrival *arrival, int fd)
{
    write_part(arrival, fd, 1, 1);
    step("written");
    check(close(fd) == 0, "close");
    step("closed");
}

/* cp of a large file, an upload: it grows under its final name. */
static void slow(Arrival *arrival)
{
    int fd = open_target(arrival, O_WRONLY | O_CREAT | O_TRUNC);

    step("created");
    write_part(arrival, fd, 1, 3);
    step("writing");
    write_part(arrival, fd, 2, 3);
    step("writing");
    finish(arrival, fd);
}

/* gphoto2, nginx: renamed to its name first, closed later. */
static void rename_open(Arrival *arrival)
{
    char hidden[4200];
    int fd = -1;

    snprintf(hidden, sizeof(hidden), "%s/.arriving", arrival->directory);
    fd = open(hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    check(fd >= 0, "open");
    write_part(arrival, fd, 1, 2);
    step("writing");
    check(rename(hidden, arrival->target) == 0, "rename");
    step("renamed");
    finish(arrival, fd);
}

/* Explorer over Samba, torrents: the size is there first. */
static void preallocate(Arrival *arrival)
{
    int fd = open_target(arrival, O_WRONLY | O_CREAT | O_TRUNC);

    check(ftruncate(fd, (off_t) arrival->length) == 0, "ftruncate");
    step("allocated");
    write_part(arrival, fd, 1, 2);
    step("writing");
    finish(arrival, fd);
}

/* macOS Finder over Samba, Chromium: an empty file of that name is made and closed first. */
static void finder(Arrival *arrival)
{
    int fd = open_target(arrival, O_WRONLY | O_CREAT | O_TRUNC);

    close(fd);
    step("empty");
    fd = open_target(arrival, O_WRONLY);
    step("opened");
    write_part(arrival, fd, 1, 2);
    step("writing");
    finish(arrival, fd);
}

/* Our own kind: unnamed, then linked; here linked too early, which has no event but CREATE. */
static void tmpfile_link(Arrival *arrival)
{
    int fd = open(arrival->directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    char self[64];

    check(fd >= 0, "open with O_TMPFILE");
    write_part(arrival, fd, 1, 2);
    step("writing");
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    check(linkat(AT_FDCWD, self, AT_FDCWD, arrival->target, AT_SYMLINK_FOLLOW) == 0, "linkat");
    step("linked");
    finish(arrival, fd);
}

/* A scanner, an NFSv3 client: closed after each part. */
static void page_wise(Arrival *arrival)
{
    for (size_t part = 1; part <= 4; part++) {
        int fd = open_target(arrival, O_WRONLY | O_CREAT | O_APPEND);

        write_part(arrival, fd, part, 4);
        check(close(fd) == 0, "close");
        step(part < 4 ? "page" : "closed");
    }
}

/* Written through memory: the descriptor is closed long before the last byte. */
static void mapped(Arrival *arrival)
{
    int fd = open_target(arrival, O_RDWR | O_CREAT | O_TRUNC);
    char *memory = NULL;

    check(ftruncate(fd, (off_t) arrival->length) == 0, "ftruncate");
    memory = mmap(NULL, arrival->length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(memory != MAP_FAILED, "mmap");
    close(fd);
    step("mapped");
    memcpy(memory, arrival->data, arrival->length / 2);
    step("writing");
    memcpy(memory, arrival->data, arrival->length);
    step("written");
    munmap(memory, arrival->length);
    step("closed");
}

/* A transfer that breaks off, and is made again from the start. */
static void cut(Arrival *arrival)
{
    int fd = open_target(arrival, O_WRONLY | O_CREAT | O_TRUNC);

    write_part(arrival, fd, 1, 2);
    close(fd);
    step("cut");
    arrival->done = 0;
    fd = open_target(arrival, O_WRONLY | O_TRUNC);
    step("again");
    finish(arrival, fd);
}

static const struct {
    const char *name;
    void (*arrive)(Arrival *arrival);
} ways[] = {
    { "slow", slow },
    { "rename-open", rename_open },
    { "preallocate", preallocate },
    { "finder", finder },
    { "tmpfile", tmpfile_link },
    { "page-wise", page_wise },
    { "mapped", mapped },
    { "cut", cut },
};

static void read_source(Arrival *arrival, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    check(fd >= 0 && fstat(fd, &st) == 0, path);
    arrival->length = (size_t) st.st_size;
    arrival->data = malloc(arrival->length + 1);
    check(arrival->data && read(fd, arrival->data, arrival->length) == st.st_size, path);
    close(fd);
}

int main(int argc, char **argv)
{
    Arrival arrival = { 0 };
    char *slash = NULL;

    if (argc != 4) {
        fprintf(stderr, "usage: arrive HOW SOURCE TARGET\n");
        return 2;
    }
    read_source(&arrival, argv[2]);
    arrival.target = argv[3];
    snprintf(arrival.directory, sizeof(arrival.directory), "%s", argv[3]);
    slash = strrchr(arrival.directory, '/');
    snprintf(slash ? slash : arrival.directory, 2, "%s", slash ? "" : ".");
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(argv[1], ways[i].name) == 0) {
            ways[i].arrive(&arrival);
            free(arrival.data);
            return 0;
        }
    fprintf(stderr, "arrive: no such way: %s\n", argv[1]);
    return 2;
}
