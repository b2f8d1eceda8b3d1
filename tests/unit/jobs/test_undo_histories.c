/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random histories of a folder, in which pictures are undone, and the process is killed at any call
 * that moves a file or writes the ledger: a picture is undone whole, or nothing of it was moved.
 *
 * What has to come out is known from the files alone: a picture can be undone if each of its files
 * is still the one that was made, and its name is free. `test_jobs_undo_histories SEED COUNT` runs
 * COUNT other histories. */
#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>

#include "daemon/files/filename.h"
#include "tests/unit/jobs/undo_bench.h"

enum { STEPS = 24, HISTORIES = 60, KILLED = 60, SAVES_MAX = 3, POINTS_MAX = 60 };

/* ---- a kill ---- */

static long kill_at; /* 0: never */

/* Before and after each of the following. */
static void point(void)
{
    if (kill_at && --kill_at == 0)
        _exit(KILLED);
}

#define WRAP(type, name, arguments, values)                                                        \
    type __real_##name arguments; /* NOLINT */                                                     \
    type __wrap_##name arguments; /* NOLINT */                                                     \
    type __wrap_##name arguments  /* NOLINT */                                                     \
    {                                                                                              \
        point();                                                                                   \
        type result = __real_##name values;                                                        \
        point();                                                                                   \
        return result;                                                                             \
    }

/* A rename that fails, as one into a directory without rights, or on a disk that is full. */
static long fail_at; /* 0: never */
static int fail_code;

int __real_renameat2(int from, const char *a, int to, const char *b, unsigned flags); /* NOLINT */
int __wrap_renameat2(int from, const char *a, int to, const char *b, unsigned flags); /* NOLINT */

/* NOLINTNEXTLINE */
int __wrap_renameat2(int from, const char *a, int to, const char *b, unsigned flags)
{
    point();
    if (fail_at && --fail_at == 0) {
        errno = fail_code;
        return -1;
    }
    int result = __real_renameat2(from, a, to, b, flags);
    point();
    return result;
}

WRAP(int, unlinkat, (int dir, const char *name, int flags), (dir, name, flags))
WRAP(int, mkdirat, (int dir, const char *name, mode_t mode), (dir, name, mode))
WRAP(int, fsync, (int fd), (fd))
WRAP(bool, undo_begin,
     (Ledger * ledger, const LedgerRow *row, const char *who, const GArray *moves, Error **err),
     (ledger, row, who, moves, err))
WRAP(bool, undo_finish, (Ledger * ledger, int64_t id, const FileId *file, Error **err),
     (ledger, id, file, err))
WRAP(bool, undo_cancel, (Ledger * ledger, int64_t id, Error **err), (ledger, id, err))

/* ---- what lies where ---- */

/* Every file below bench->in and bench->out by its path, with what makes it this very file. */
typedef GHashTable Files;

static char *identity_of(const char *path)
{
    g_autofree char *bytes = NULL;
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
    return g_strdup_printf("%lu %ld %ld.%09ld %s", st.st_ino, (long) st.st_size,
                           (long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec, bytes);
}

/* The information in a trash is not a file of people. */
static bool is_file(const struct dirent *entry, const char *path)
{
    return entry->d_type == DT_REG && !strstr(path, "/info/");
}

static void add_below(Files *files, const char *top, const char *dir)
{
    g_autofree char *path = g_build_filename(top, dir, NULL);
    DIR *list = opendir(path);
    const struct dirent *entry = NULL;

    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    while (list && (entry = readdir(list))) {
        g_autofree char *below = g_build_filename(dir, entry->d_name, NULL);
        g_autofree char *whole = g_build_filename(top, below, NULL);
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (entry->d_type == DT_DIR)
            add_below(files, top, below);
        else if (is_file(entry, whole))
            g_hash_table_insert(files, g_steal_pointer(&below), identity_of(whole));
    }
    if (list)
        closedir(list);
}

static Files *files_of(const UndoBench *bench)
{
    g_autofree char *trash = g_strdup_printf(".Trash-%u", geteuid());
    Files *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    add_below(files, bench->dir, "in");
    add_below(files, bench->dir, "out");
    if (bench->mounted)
        add_below(files, bench->dir, trash);
    return files;
}

static char *file_at(const Files *files, const char *top, const char *path)
{
    g_autofree char *below = g_build_filename(top, path, NULL);

    return g_hash_table_lookup((Files *) (uintptr_t) files, below);
}

static bool is_at(const Files *files, const char *top, const char *path, const char *identity)
{
    const char *there = file_at(files, top, path);

    return there && !strcmp(there, identity);
}

/* The path at which this very file lies, if that begins with one of `places`. */
static const char *find(const Files *files, const char *identity, const char *const *places)
{
    GHashTableIter each;
    gpointer path = NULL, there = NULL;

    g_hash_table_iter_init(&each, (Files *) (uintptr_t) files);
    while (g_hash_table_iter_next(&each, &path, &there))
        for (const char *const *place = places; *place && !strcmp(there, identity); place++)
            if (g_str_has_prefix(path, *place))
                return path;
    return NULL;
}

static bool same_files(const Files *one, const Files *other)
{
    GHashTableIter each;
    gpointer path = NULL, there = NULL;

    if (g_hash_table_size((Files *) (uintptr_t) one) !=
        g_hash_table_size((Files *) (uintptr_t) other))
        return false;
    g_hash_table_iter_init(&each, (Files *) (uintptr_t) one);
    while (g_hash_table_iter_next(&each, &path, &there))
        if (g_strcmp0(there, g_hash_table_lookup((Files *) (uintptr_t) other, path)) != 0)
            return false;
    return true;
}

/* What people call the inputs and outputs: without done/, trash/ and the trash of the mount. */
static Files *visible(const Files *files)
{
    static const char *const hidden[] = { "in/done/", "in/trash/", "out/trash/", ".Trash", NULL };
    Files *shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter each;
    gpointer path = NULL, there = NULL;

    g_hash_table_iter_init(&each, (Files *) (uintptr_t) files);
    while (g_hash_table_iter_next(&each, &path, &there)) {
        bool is_hidden = false;
        for (const char *const *place = hidden; *place; place++)
            is_hidden |= g_str_has_prefix(path, *place);
        if (!is_hidden)
            g_hash_table_insert(shown, g_strdup(path), g_strdup(there));
    }
    return shown;
}

/* ---- a history ---- */

typedef struct Picture {
    int64_t id;
    char *source, *identity;      /* of its original */
    char *outputs[SAVES_MAX + 1]; /* their paths; NULL ends it */
    char *made[SAVES_MAX];        /* their identities */
    bool undone;
} Picture;

typedef struct History {
    UndoBench *bench;
    GRand *dice;
    GPtrArray *pictures; /* of Picture */
    Files *before;       /* what was there when the last picture arrived; NULL: something else has
                            happened since */
    bool replaced;       /* an output of the last picture replaced a file */
    int made, undone, refused, killed, failed;
} History;

static void picture_free(void *data)
{
    Picture *picture = data;

    g_free(picture->source);
    g_free(picture->identity);
    for (int i = 0; i < SAVES_MAX; i++) {
        g_free(picture->outputs[i]);
        g_free(picture->made[i]);
    }
    g_free(picture);
}

static int roll(const History *history, int sides)
{
    return g_rand_int_range(history->dice, 0, sides);
}

static void forget_before(History *history)
{
    g_clear_pointer(&history->before, g_hash_table_unref);
}

static const char *const sources[] = { "a.jpg", "b.jpg", "sub/a.jpg" };

/* ---- what happens ---- */

static void choose_saves(const History *history, const char *source, Save *saves, char **own)
{
    int count = roll(history, SAVES_MAX + 1);

    own[0] = g_strdup(source);
    own[1] = g_strconcat("web/", source, NULL);
    own[2] = g_strdup("last.jpg");
    for (int i = 0; i < count; i++)
        saves[i] = (Save){ own[i], (Exists) roll(history, 3) };
    saves[count] = (Save){ 0 };
}

/* By the ledger, as the daemon made them. */
static void remember(History *history, int64_t id, const char *source, const char *identity)
{
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    Picture *picture = g_new0(Picture, 1);
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(outputs, (GDestroyNotify) ledger_output_clear);
    assert_ok(ledger_outputs_of(history->bench->ledger, id, outputs, &error), error);
    picture->id = id;
    picture->source = g_strdup(source);
    picture->identity = g_strdup(identity);
    for (guint i = 0; i < outputs->len; i++) {
        const LedgerOutput *output = &g_array_index(outputs, LedgerOutput, i);
        g_autofree char *path = g_build_filename(history->bench->out, output->path, NULL);
        picture->outputs[i] = g_strdup(output->path);
        picture->made[i] = identity_of(path);
        history->replaced |= history->before && file_at(history->before, "out", output->path);
    }
    g_ptr_array_add(history->pictures, picture);
}

static void a_picture_comes(History *history)
{
    const char *source = sources[roll(history, G_N_ELEMENTS(sources))];
    g_autofree char *text = g_strdup_printf("content %d", roll(history, 20));
    g_autofree char *path = g_build_filename(history->bench->in, source, NULL);
    char *own[SAVES_MAX] = { 0 };
    Save saves[SAVES_MAX + 1];

    forget_before(history);
    history->replaced = check_exists(history->bench->in, source);
    unlink(path); /* the sender replaces it */
    history->before = files_of(history->bench);
    history->bench->folder.originals = (Originals) roll(history, 3);
    choose_saves(history, source, saves, own);
    /* its file is known by what it was on arrival */
    int64_t id = do_picture(history->bench, source, text, saves);
    g_autoptr(GHashTable) now = files_of(history->bench);
    static const char *const anywhere[] = { "in/", ".Trash", NULL };
    g_auto(LedgerRow) row = row_of(history->bench, source);
    g_autofree char *identity = g_strdup_printf(
        "%lu %ld %ld.%09ld %s", row.file.ino, (long) row.file.size,
        (long) (row.file.mtime_ns / 1000000000), (long) (row.file.mtime_ns % 1000000000), text);
    assert_non_null(find(now, identity, anywhere));
    assert_int_equal(row.id, id);
    remember(history, id, source, identity);
    history->made++;
    for (int i = 0; i < SAVES_MAX; i++)
        g_free(own[i]);
}

static int compare_paths(gconstpointer one, gconstpointer other)
{
    return strcmp(*(char *const *) one, *(char *const *) other);
}

/* A random file of all; NULL: there is none. */
static char *any_file(const History *history)
{
    g_autoptr(GHashTable) files = files_of(history->bench);
    g_autofree gpointer *paths = g_hash_table_get_keys_as_array(files, NULL);
    guint count = g_hash_table_size(files);
    GPtrArray *sorted = g_ptr_array_new();

    for (guint i = 0; i < count; i++)
        g_ptr_array_add(sorted, paths[i]);
    g_ptr_array_sort(sorted, compare_paths);
    char *path = count ? g_build_filename(history->bench->dir,
                                          sorted->pdata[roll(history, (int) count)], NULL)
                       : NULL;
    g_ptr_array_unref(sorted);
    return path;
}

static void a_user_edits(History *history)
{
    g_autofree char *path = any_file(history);

    forget_before(history);
    if (path)
        assert_true(g_file_set_contents(path, "edited", -1, NULL));
}

static void a_user_removes(History *history)
{
    g_autofree char *path = any_file(history);

    forget_before(history);
    if (path)
        assert_int_equal(unlink(path), 0);
}

static void a_user_renames(History *history)
{
    g_autofree char *path = any_file(history);
    g_autofree char *new = path ? g_strdup_printf("%s-%d", path, roll(history, 1000)) : NULL;

    forget_before(history);
    if (path)
        assert_int_equal(rename(path, new), 0);
}

static void a_user_takes_a_name(History *history)
{
    const char *source = sources[roll(history, G_N_ELEMENTS(sources))];
    const UndoBench *bench = history->bench;

    forget_before(history);
    check_write(roll(history, 2) ? bench->in : bench->out, source, "of a user");
}

/* ---- undo ---- */

/* Where the original is looked for. */
static const char *original_place(const Files *files, const Picture *picture)
{
    g_autofree char *dir = NULL, *name = NULL;

    if (is_at(files, "in", picture->source, picture->identity))
        return picture->source;
    filename_split(picture->source, &dir, &name);
    g_autofree char *done = g_strdup_printf("in/done/%s%s", dir, *dir ? "/" : "");
    g_autofree char *trash = g_strdup_printf("in/trash/%s%s", dir, *dir ? "/" : "");
    const char *const places[] = { done, trash, ".Trash", NULL };
    const char *path = find(files, picture->identity, places);
    size_t begin = path && g_str_has_prefix(path, done)    ? strlen(done)
                   : path && g_str_has_prefix(path, trash) ? strlen(trash)
                                                           : 0;
    return path && begin && strchr(path + begin, '/') ? NULL : path;
}

static bool can_be_undone(const Files *files, const Picture *picture)
{
    const char *place = original_place(files, picture);

    for (int i = 0; picture->outputs[i]; i++)
        if (!is_at(files, "out", picture->outputs[i], picture->made[i]))
            return false;
    return !picture->undone && place &&
           (place == picture->source || !file_at(files, "in", picture->source));
}

static const Picture *last_of(const History *history)
{
    return history->pictures->pdata[history->pictures->len - 1];
}

/* `files` as they have to be after it was undone; its outputs are checked to be in a trash. */
static void assert_undone(const History *history, const Picture *picture, Files *files)
{
    static const char *const trash[] = { "out/trash/", ".Trash", NULL };
    g_autoptr(GHashTable) now = files_of(history->bench);
    const char *place = original_place(files, picture);

    if (place != picture->source) {
        g_hash_table_remove(files, place);
        g_hash_table_insert(files, g_build_filename("in", picture->source, NULL),
                            g_strdup(picture->identity));
    }
    for (int i = 0; picture->outputs[i]; i++) {
        g_autofree char *path = g_build_filename("out", picture->outputs[i], NULL);
        const char *lies = find(now, picture->made[i], trash);
        assert_non_null(lies);
        g_hash_table_remove(files, path);
        g_hash_table_insert(files, g_strdup(lies), g_strdup(picture->made[i]));
    }
    assert_true(same_files(now, files));
    bool last = picture->id == last_of(history)->id;
    if (last && history->before && !history->replaced) { /* nothing has happened but this picture */
        g_autoptr(GHashTable) shown = visible(now), were = visible(history->before);
        g_hash_table_insert(were, g_build_filename("in", picture->source, NULL),
                            g_strdup(picture->identity));
        assert_true(same_files(shown, were));
    }
}

static LedgerRow read_row(const History *history, const Picture *picture)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;
    LedgerRow row = { 0 };

    assert_ok(
        ledger_history(history->bench->ledger, "inbox", picture->source, 1000, entries, &error),
        error);
    for (guint i = 0; i < entries->len; i++) {
        LedgerEntry *entry = &g_array_index(entries, LedgerEntry, i);
        if (entry->row.id != picture->id)
            continue;
        row = entry->row;
        memset(&entry->row, 0, sizeof(entry->row));
    }
    assert_non_null(row.source);
    return row;
}

static bool undo(const History *history, const Picture *picture)
{
    g_auto(LedgerRow) row = read_row(history, picture);
    g_autoptr(Error) error = NULL;
    int outputs = 0;

    return undoer_undo(history->bench->undoer, &history->bench->folder, &row, "ann", &outputs,
                       &error);
}

/* In a child, which is killed at some point, and whose successors are killed, too. */
static void undo_killed(History *history, const Picture *picture)
{
    bool first = true, was_killed = true;

    close_ledger(history->bench);
    while (was_killed) {
        int status = 0;
        kill_at = roll(history, 3) || first ? 1 + roll(history, POINTS_MAX) : 0;
        pid_t child = fork();
        if (child == 0) {
            open_ledger(history->bench);
            if (first)
                undo(history, picture);
            else
                undoer_go_on(history->bench->undoer);
            _exit(0);
        }
        kill_at = 0;
        assert_true(waitpid(child, &status, 0) == child && WIFEXITED(status));
        was_killed = WEXITSTATUS(status) == KILLED;
        history->killed += was_killed;
        first = false;
    }
    open_ledger(history->bench);
    assert_int_equal(undoer_go_on(history->bench->undoer), 0);
}

/* A move fails; a disk that fails again when it is to go back is tried later. */
static void undo_failing(History *history, const Picture *picture)
{
    static const int codes[] = { EACCES, ENOSPC, EIO, EBUSY };

    fail_code = codes[roll(history, G_N_ELEMENTS(codes))];
    fail_at = 1 + roll(history, 5);
    undo(history, picture);
    if (roll(history, 2))
        fail_at = 1 + roll(history, 2);
    history->failed += fail_at == 0;
    undoer_go_on(history->bench->undoer);
    fail_at = 0;
    assert_int_equal(undoer_go_on(history->bench->undoer), 0);
}

static void a_picture_is_undone(History *history)
{
    if (!history->pictures->len)
        return;
    Picture *picture =
        history->pictures->pdata[roll(history, 3) ? (int) history->pictures->len - 1
                                                  : roll(history, (int) history->pictures->len)];
    g_autoptr(GHashTable) files = files_of(history->bench);
    bool can = can_be_undone(files, picture), done = false;
    bool killed = roll(history, 2), fails = !killed && roll(history, 2);

    if (killed)
        undo_killed(history, picture);
    else if (fails)
        undo_failing(history, picture);
    else
        done = undo(history, picture);
    g_auto(LedgerRow) row = read_row(history, picture);
    if (killed || fails)
        done = row.state == LEDGER_CANCELLED && !picture->undone;
    assert_true(can ? killed || fails || done : !done);
    assert_int_equal(row.state, done || picture->undone ? LEDGER_CANCELLED : LEDGER_DONE);
    if (done) {
        assert_undone(history, picture, files);
        assert_false(is_new_work(history->bench, picture->source));
        picture->undone = true;
        history->undone++;
    } else {
        g_autoptr(GHashTable) now = files_of(history->bench);
        assert_true(same_files(now, files));
        history->refused++;
    }
    forget_before(history);
}

static void live(History *history)
{
    static void (*const steps[])(History *) = { a_user_edits, a_user_removes, a_user_renames,
                                                a_user_takes_a_name };

    for (int i = 0; i < STEPS; i++) {
        int next = roll(history, 10);
        if (next < 4)
            a_picture_comes(history);
        else if (next < 8)
            a_picture_is_undone(history);
        else
            steps[roll(history, G_N_ELEMENTS(steps))](history);
    }
}

/* Adds to `sum` what happened. */
static void run_history(guint32 seed, History *sum)
{
    History history = { .bench = undo_bench_new(), .dice = g_rand_new_with_seed(seed) };

    history.pictures = g_ptr_array_new_with_free_func(picture_free);
    if (seed % 2 || !history.bench->mounted)
        have_no_trash(history.bench);
    live(&history);
    sum->made += history.made;
    sum->undone += history.undone;
    sum->refused += history.refused;
    sum->killed += history.killed;
    sum->failed += history.failed;
    forget_before(&history);
    g_ptr_array_unref(history.pictures);
    g_rand_free(history.dice);
    undo_bench_free(history.bench);
}

static guint32 first_seed = 1, histories = HISTORIES;

static void a_picture_is_undone_whole_or_not_at_all(void **state)
{
    History sum = { 0 };

    (void) state;
    for (guint32 seed = first_seed; seed < first_seed + histories; seed++) {
        print_message("history %u\n", seed);
        run_history(seed, &sum);
    }
    print_message("%d pictures made, %d undone, %d refused, %d killed, %d with a failed move\n",
                  sum.made, sum.undone, sum.refused, sum.killed, sum.failed);
    assert_true(sum.undone > (int) histories && sum.refused > (int) histories);
    assert_true(sum.killed > (int) histories / 2 && sum.failed > (int) histories / 5);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_picture_is_undone_whole_or_not_at_all) };

    if (argc > 2) {
        first_seed = (guint32) strtoul(argv[1], NULL, 10);
        histories = (guint32) strtoul(argv[2], NULL, 10);
    }
    return cmocka_run_group_tests_name("undo_histories", tests, NULL, NULL);
}
