/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/watch/story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "daemon/watch/turn.h"
#include "tests/unit/sample.h"
#include "tests/unit/watch/mangle.h"

void say(const Story *story, const char *format, ...)
{
    va_list arguments;

    if (!story->shown)
        return;
    printf("%9" PRId64 "  ", clock_ms());
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

int pick(Story *story, int count)
{
    return g_rand_int_range(story->rand, 0, count);
}

/* ---- names and contents ---- */

bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* The folder, wherever it is at the moment. */
static const char *base(const Story *story)
{
    return is_there(story->inbox) ? story->inbox : story->away;
}

static const char *const directories[] = { "", "", "x", "y", "x/a", "x/a/b", "y/a" };

static char *some_directory(Story *story)
{
    return g_build_filename(base(story), directories[pick(story, G_N_ELEMENTS(directories))], NULL);
}

static char *some_file(Story *story)
{
    static const char *const names[] = { "1.jpg", "2.jpg", "3", "4.jpg", "5.jpg.part", "6.jpg~" };
    g_autofree char *directory = some_directory(story);

    return g_build_filename(directory, names[pick(story, G_N_ELEMENTS(names))], NULL);
}

static char *outside(Story *story)
{
    g_autofree char *name = g_strdup_printf("%d", pick(story, 3));

    return g_build_filename(story->out, name, NULL);
}

/* Each has a length of its own, as the clock of a file's times is a coarse one. */
static GByteArray *new_content(Story *story, Kind kind)
{
    GByteArray *bytes = g_byte_array_new();
    g_autofree char *number =
        g_strdup_printf(" number %u of story %u ", story->serial, story->seed);

    story->serial++;
    if (kind == WHOLE || kind == CUT) {
        g_byte_array_unref(bytes);
        bytes = sample_jpeg();
        g_byte_array_set_size(bytes, bytes->len - 2); /* its end marker comes last */
    } else if (kind == UNKNOWN) {
        g_byte_array_append(bytes, (const guint8 *) "\x01\x02\xfe\xfd\x80\x81", 6);
    }
    if (kind != EMPTY)
        for (unsigned i = 0; i <= story->serial % 97; i++)
            sample_text(bytes, number);
    if (kind == WHOLE)
        g_byte_array_append(bytes, (const guint8 *) "\xff\xd9", 2);
    return bytes;
}

uint64_t hash_of(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t hash = fake_hash(fd);

    close(fd);
    return hash;
}

static bool same_file(int fd, const char *path)
{
    struct stat a, b;

    return fd >= 0 && fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino;
}

static bool is_written(const Story *story, const char *path)
{
    for (int i = 0; i < WRITERS; i++)
        if (same_file(story->writers[i].fd, path))
            return true;
    return false;
}

/* What lies at path may be offered from now on. */
static void note_content(Story *story, const char *path, Kind kind)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    g_hash_table_replace(story->contents, g_memdup2(&(uint64_t){ hash_of(path) }, sizeof(uint64_t)),
                         GINT_TO_POINTER((st.st_size ? kind : EMPTY) + 1));
}

/* ---- what people and programs do; what can't be done isn't ---- */

/* Opens it for writing, one at a time; what has other names changes there without an event. */
static int open_to_write(Story *story, const char *path)
{
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = is_written(story, path) ? -1 : open(path, flags, 0644);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink > 1)
        story->calm = false;
    return fd;
}

static bool put(Story *story, const char *path)
{
    Kind kind = pick(story, 3) ? WHOLE : (Kind) pick(story, KINDS);
    g_autoptr(GByteArray) content = new_content(story, kind);
    int fd = open_to_write(story, path);

    if (fd < 0)
        return false;
    assert_int_equal(write(fd, content->data, content->len), content->len);
    close(fd);
    note_content(story, path, kind);
    return true;
}

static void write_whole(Story *story)
{
    g_autofree char *path = some_file(story);

    if (put(story, path))
        say(story, "write %s", path);
}

static void drop(Story *story)
{
    g_autofree char *beside = g_build_filename(story->dir, "beside", NULL);
    g_autofree char *path = some_file(story);

    if (put(story, beside) && rename(beside, path) == 0)
        say(story, "drop %s", path);
}

static void start_writing(Story *story)
{
    Writer *writer = &story->writers[pick(story, WRITERS)];
    g_autofree char *path = some_file(story);

    if (writer->fd >= 0)
        return;
    writer->fd = open_to_write(story, path);
    if (writer->fd < 0)
        return;
    writer->kind = (Kind) pick(story, EMPTY);
    writer->content = new_content(story, writer->kind);
    writer->written = 0;
    say(story, "start to write %s", path);
}

static void write_on(Writer *writer, guint length)
{
    length = MIN(length, writer->content->len - writer->written);
    assert_int_equal(write(writer->fd, writer->content->data + writer->written, length), length);
    writer->written += length;
}

/* Without its rest a picture is cut off, and a text is a text. */
static void end_writing(Story *story, Writer *writer, bool rest)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", writer->fd);
    bool cut = false;

    if (writer->fd < 0)
        return;
    if (rest)
        write_on(writer, G_MAXUINT);
    cut = writer->kind == WHOLE && writer->written < writer->content->len;
    note_content(story, path, cut ? CUT : writer->kind);
    close(writer->fd);
    writer->fd = -1;
    g_byte_array_unref(writer->content);
    say(story, "end writing");
}

static void write_a_piece(Story *story)
{
    Writer *writer = &story->writers[pick(story, WRITERS)];

    if (writer->fd >= 0)
        write_on(writer, writer->content->len / 3 + 1);
}

static void stop_writing(Story *story)
{
    end_writing(story, &story->writers[pick(story, WRITERS)], pick(story, 4) > 0);
}

static void move(Story *story, const char *from, const char *to)
{
    if (rename(from, to) == 0)
        say(story, "rename %s to %s", from, to);
}

static void rename_file(Story *story)
{
    g_autofree char *from = some_file(story);
    g_autofree char *to = some_file(story);

    move(story, from, to);
}

static void rename_directory(Story *story)
{
    g_autofree char *from = some_directory(story);
    g_autofree char *to = some_directory(story);

    if (strcmp(from, base(story)) != 0)
        move(story, from, to);
}

static void carry_out_or_in(Story *story)
{
    g_autofree char *inside = pick(story, 2) ? some_directory(story) : some_file(story);
    g_autofree char *there = outside(story);

    if (strcmp(inside, base(story)) == 0)
        return;
    if (is_there(inside))
        move(story, inside, there);
    else
        move(story, there, inside);
}

static void remove_file(Story *story)
{
    g_autofree char *path = some_file(story);

    if (unlink(path) == 0)
        say(story, "remove %s", path);
}

static void make_directory(Story *story)
{
    g_autofree char *path = some_directory(story);

    if (mkdir(path, 0755) == 0)
        say(story, "mkdir %s", path);
}

static void remove_tree(Story *story)
{
    g_autofree char *path = some_directory(story);

    if (strcmp(path, base(story)) == 0)
        return;
    if (nftw(path, check_remove, 16, FTW_DEPTH | FTW_PHYS) == 0)
        say(story, "rm -r %s", path);
    if (pick(story, 2) && mkdir(path, 0755) == 0) /* and at once again */
        say(story, "mkdir %s", path);
}

static void hard_link(Story *story)
{
    g_autofree char *from = some_file(story);
    g_autofree char *to = some_file(story);

    if (link(from, to) == 0)
        say(story, "link %s to %s", from, to);
}

static void odd_file(Story *story)
{
    g_autofree char *path = some_file(story);

    if (pick(story, 2) ? symlink("1.jpg", path) == 0 : mkfifo(path, 0644) == 0)
        say(story, "odd file %s", path);
}

/* To times long gone and still to come. */
static void touch(Story *story)
{
    g_autofree char *path = some_file(story);
    time_t when = (pick(story, 2) ? 1 : INT64_C(4102444800)) + story->serial++;
    struct timespec times[] = { { when, 0 }, { when, 0 } };

    if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0)
        say(story, "touch %s", path);
}

static void change_mode(Story *story)
{
    g_autofree char *path = some_file(story);
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
        chmod(path, pick(story, 2) ? 0600 : 0644) == 0)
        say(story, "chmod %s", path);
}

/* A worker has finished one. */
static void finish_one(Story *story)
{
    g_autofree char *done = g_build_filename(base(story), "done", NULL);
    g_autofree char *name = g_strdup_printf("%u.jpg", story->serial++);
    g_autofree char *to = g_build_filename(done, name, NULL);
    Completion offer;

    if (!fake_offer_at(story->intake, pick(story, fake_offers(story->intake, NULL) + 1), &offer))
        return;
    g_autofree char *from = g_build_filename(base(story), offer.source, NULL);
    struct stat st;
    if (lstat(from, &st) || st.st_ino != offer.id.ino)
        return;
    g_mkdir_with_parents(done, 0755);
    move(story, from, to);
}

/* It goes away and comes back, perhaps as another one. */
static void move_root(Story *story)
{
    if (!is_there(story->inbox))
        move(story, story->away, story->inbox);
    else if (!is_there(story->away))
        move(story, story->inbox, story->away);
    else if (syscall(SYS_renameat2, AT_FDCWD, story->inbox, AT_FDCWD, story->away, 2) == 0)
        say(story, "exchange %s and %s", story->inbox, story->away);
}

static void new_root(Story *story)
{
    if (!is_there(story->inbox) && mkdir(story->inbox, 0755) == 0)
        say(story, "mkdir %s", story->inbox);
}

static void overflow(Story *story)
{
    say(story, "overflow");
    mangle_overflow();
}

static void refuse(Story *story)
{
    if (story->calm)
        return;
    say(story, "the ledger takes nothing");
    fake_intake_refuses(story->intake, pick(story, 4),
                        pick(story, 2) ? ERROR_ENVIRONMENT : ERROR_TRANSIENT);
}

static void ask(Story *story)
{
    if (!story->engine)
        return;
    if (pick(story, 2))
        watched_rescan(story->engine->watched, clock_ms());
    else
        watched_reload(story->engine->watched, story->settings, story->settings->folders->pdata[0]);
}

typedef struct Deed {
    void (*do_it)(Story *story);
    int often;
} Deed;

static const Deed deeds[] = {
    { write_whole, 12 }, { drop, 12 },           { start_writing, 6 },    { write_a_piece, 6 },
    { stop_writing, 5 }, { rename_file, 8 },     { rename_directory, 5 }, { carry_out_or_in, 6 },
    { remove_file, 5 },  { make_directory, 14 }, { remove_tree, 2 },      { hard_link, 4 },
    { odd_file, 2 },     { touch, 4 },           { change_mode, 2 },      { finish_one, 6 },
    { move_root, 2 },    { new_root, 1 },        { overflow, 1 },         { refuse, 2 },
    { ask, 2 },
};

void do_something(Story *story)
{
    int sum = 0, chosen = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
        sum += deeds[i].often;
    chosen = pick(story, sum);
    for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++) {
        chosen -= deeds[i].often;
        if (chosen < 0) {
            deeds[i].do_it(story);
            return;
        }
    }
}

void story_begin(Story *story)
{
    for (size_t i = 0; i < G_N_ELEMENTS(directories) && pick(story, 4); i++)
        make_directory(story);
    for (int i = pick(story, 10); i > 0; i--)
        do_something(story);
}

void story_end(Story *story)
{
    for (int i = 0; i < WRITERS; i++)
        end_writing(story, &story->writers[i], true);
    if (!is_there(story->inbox))
        move(story, story->away, story->inbox);
    say(story, "the end");
}
