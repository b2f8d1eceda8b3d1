/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Previews of a worker that does what it likes, and of many callers at once. */
#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/jobs/previews.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/sample.h"

#define MB INT64_C(1048576)

enum { MANY = 25, LOOK_US = 1000 }; /* one is made, 24 wait */

typedef struct House {
    char *dir, *gate;
    Budget *budget;
    Previews *previews;
} House;

/* ---- a disk that does not respond: the end of its worker takes as long ---- */

static atomic_bool disk_hangs;

/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names */
bool __real_process_end(Process *process, ProcessEnd *end);
bool __wrap_process_end(Process *process, ProcessEnd *end);
bool __wrap_process_end(Process *process, ProcessEnd *end)
{
    while (atomic_load(&disk_hangs))
        g_usleep(LOOK_US);
    return __real_process_end(process, end);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */

static int begin(void **state)
{
    House *house = g_new0(House, 1);

    house->dir = check_mkdir();
    house->gate = g_build_filename(house->dir, "gate", NULL);
    g_setenv("FAKE_GATE", house->gate, TRUE);
    house->budget = budget_new(1024 * MB);
    house->previews = previews_start(house->budget);
    *state = house;
    return 0;
}

static int end(void **state)
{
    House *house = *state;

    previews_stop(house->previews);
    previews_free(house->previews);
    assert_int_equal(budget_use(house->budget).used, 0);
    budget_free(house->budget);
    check_rmdir(house->dir);
    g_free(house->gate);
    g_free(house);
    return 0;
}

/* ---- a caller ---- */

static int file_of(GByteArray *bytes)
{
    int fd = memfd_create("sample", MFD_CLOEXEC);

    assert_int_equal(write(fd, bytes->data, bytes->len), bytes->len);
    g_byte_array_unref(bytes);
    return fd;
}

static PreviewFile jpeg_file(void)
{
    return (PreviewFile){ .fd = file_of(sample_jpeg()),
                          .limits = { .accept = FORMATS_TRUSTED },
                          .size = 320 };
}

/* What the worker does with the next files, from its next start on. */
static void have_worker(const char *does)
{
    g_setenv("FAKE_PREVIEW", does, TRUE);
}

static void assert_made(const House *house)
{
    const PreviewFile file = jpeg_file();
    g_autoptr(Error) error = NULL;
    GBytes *made = previews_get(house->previews, &file, &error);

    assert_ok(made, error);
    assert_true(g_bytes_get_size(made) > 0);
    g_bytes_unref(made);
}

static void assert_refused(const House *house, const char *does, ErrorKind kind, const char *what)
{
    const PreviewFile file = jpeg_file();
    g_autoptr(Error) error = NULL;

    have_worker(does);
    assert_null(previews_get(house->previews, &file, &error));
    assert_non_null(error);
    if (error->kind != kind || !strstr(error->what, what))
        fail_msg("%s: %d, %s", does, (int) error->kind, error->what);
}

/* ---- one caller ---- */

static void a_preview_is_what_the_worker_has_written(void **state)
{
    const House *house = *state;
    const PreviewFile file = jpeg_file();
    GByteArray *right = sample_jpeg();
    g_autoptr(Error) error = NULL;

    have_worker("good");
    GBytes *made = previews_get(house->previews, &file, &error);
    assert_ok(made, error);
    assert_int_equal(g_bytes_get_size(made), right->len);
    assert_memory_equal(g_bytes_get_data(made, NULL), right->data, right->len);
    g_bytes_unref(made);
    g_byte_array_unref(right);
}

static void what_is_no_jpeg_is_shown_to_no_person(void **state)
{
    const House *house = *state;
    PreviewFile file = jpeg_file();
    g_autoptr(Error) error = NULL;

    close(file.fd);
    file.fd = file_of(sample_png());
    have_worker("good");
    assert_null(previews_get(house->previews, &file, &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
}

static void a_worker_that_does_what_it_likes_costs_one_preview(void **state)
{
    static const struct {
        const char *does, *what;
    } cases[] = {
        { "crash", "killed by signal 6" },
        { "lazy", "made no preview" },
        { "idle", "made no preview" },
        { "nothing", "made no preview" },
        { "broken", "it is broken" },
        { "babble", "the worker that made its preview" },
        { "stranger", "the worker that made its preview" },
        { "hollow", "the worker that made its preview" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        House *house = NULL;
        (void) state;
        begin((void **) &house);
        assert_refused(house, cases[i].does, ERROR_PICTURE, cases[i].what);
        have_worker("good");
        end((void **) &house);
    }
}

/* Whether a preview is made. */
static bool try_once(const House *house)
{
    const PreviewFile file = jpeg_file();
    g_autoptr(Error) error = NULL;
    g_autoptr(GBytes) made = previews_get(house->previews, &file, &error);

    if (!made)
        assert_non_null(strstr(error->what, "made no preview"));
    return made != NULL;
}

/* What was said too early may come when the next file was sent already. */
static void what_is_said_before_it_is_asked_costs_no_second_preview(void **state)
{
    have_worker("early");
    assert_true(try_once(*state));
    for (int i = 0; i < 5; i++)
        assert_true(try_once(*state) || try_once(*state));
}

static void memory_is_taken_while_no_picture_has_it_and_only_so_much(void **state)
{
    const House *house = *state;
    const PreviewFile file = jpeg_file();
    Settings *settings = preview_settings(false);
    Process *process = process_new();
    g_autoptr(Error) error = NULL;

    assert_refused(house, "needs300000000-good", ERROR_PICTURE, "more than 256.0MB");
    have_worker("needs200000000-good");
    assert_int_equal(budget_take(house->budget, 1000 * MB, NULL, NULL), GRANT_YES);
    assert_null(preview_make(process, settings, house->budget, &file, clock_ms() + 1000, &error));
    assert_int_equal(error->kind, ERROR_TRANSIENT);
    assert_non_null(strstr(error->what, "pictures have the memory"));
    budget_give(house->budget, 1000 * MB);
    g_clear_pointer(&error, error_free);
    GBytes *made =
        preview_make(process, settings, house->budget, &file, clock_ms() + LIMIT_MS, &error);
    assert_ok(made, error);
    g_bytes_unref(made);
    process_free(process);
    settings_unref(settings);
    close(file.fd);
}

/* ---- many callers ---- */

typedef struct Caller {
    const House *house;
    pthread_t thread;
    Error *error;
    bool made;
    atomic_bool ended;
} Caller;

static void *call(void *data)
{
    Caller *caller = data;
    const PreviewFile file = jpeg_file();
    GBytes *made = previews_get(caller->house->previews, &file, &caller->error);

    caller->made = made;
    if (made)
        g_bytes_unref(made);
    atomic_store(&caller->ended, true);
    return NULL;
}

static void start_caller(Caller *caller, const House *house)
{
    caller->house = house;
    assert_int_equal(thread_start(&caller->thread, call, caller), 0);
}

static void join(Caller *caller)
{
    pthread_join(caller->thread, NULL);
}

static void assert_ended_with(Caller *caller, const char *what)
{
    join(caller);
    assert_false(caller->made);
    assert_int_equal(caller->error->kind, ERROR_TRANSIENT);
    assert_non_null(strstr(caller->error->what, what));
    error_free(caller->error);
}

static void await_first(const House *house)
{
    g_autofree char *reached = g_strconcat(house->gate, ".reached", NULL);

    while (access(reached, F_OK) < 0)
        g_usleep(LOOK_US);
}

static void let_through(const House *house)
{
    g_autofree char *open = g_strconcat(house->gate, ".open", NULL);

    assert_true(g_file_set_contents(open, "", 0, NULL));
}

static bool ended_first(const Caller *callers, guint count, guint *which)
{
    for (*which = 0; *which < count; ++*which)
        if (atomic_load(&callers[*which].ended))
            return true;
    return false;
}

/* The gate keeps all of them until one more has come. */
static void many_wait_for_their_previews_and_one_more_is_refused(void **state)
{
    const House *house = *state;
    Caller callers[MANY + 1] = { 0 };
    guint refused = 0;

    have_worker("gate");
    start_caller(&callers[0], house);
    await_first(house);
    for (guint i = 1; i < MANY + 1; i++)
        start_caller(&callers[i], house);
    while (!ended_first(callers, MANY + 1, &refused))
        g_usleep(LOOK_US);
    let_through(house);
    for (guint i = 0; i < MANY + 1; i++) {
        if (i == refused) {
            assert_ended_with(&callers[i], "too many previews");
            continue;
        }
        join(&callers[i]);
        assert_ok(callers[i].made, callers[i].error);
    }
}

static void a_preview_that_takes_too_long_is_given_up(void **state)
{
    const House *house = *state;
    Caller caller = { 0 };

    have_worker("gate");
    start_caller(&caller, house);
    await_first(house);
    pass_time(HOUR_MS);
    assert_ended_with(&caller, "not ready in time");
    have_worker("good");
    assert_made(house);
}

/* A caller that comes wakes those before it: time has passed for them. */
static void a_disk_that_does_not_respond_keeps_no_caller_for_ever(void **state)
{
    const House *house = *state;
    Caller callers[3] = { 0 };

    have_worker("gate");
    start_caller(&callers[0], house);
    await_first(house);
    atomic_store(&disk_hangs, true);
    for (guint i = 1; i < G_N_ELEMENTS(callers); i++) {
        pass_time(HOUR_MS);
        start_caller(&callers[i], house);
        while (!atomic_load(&callers[i - 1].ended))
            g_usleep(LOOK_US);
    }
    assert_ended_with(&callers[0], "takes long");
    assert_ended_with(&callers[1], "other previews take long");
    have_worker("good");
    atomic_store(&disk_hangs, false);
    join(&callers[2]);
    assert_ok(callers[2].made, callers[2].error);
}

static void a_stop_ends_the_worker_and_all_waits(void **state)
{
    const House *house = *state;
    Caller callers[3] = { 0 };

    have_worker("gate");
    start_caller(&callers[0], house);
    await_first(house);
    start_caller(&callers[1], house);
    previews_stop(house->previews);
    start_caller(&callers[2], house);
    for (guint i = 0; i < G_N_ELEMENTS(callers); i++) {
        join(&callers[i]);
        assert_false(callers[i].made);
        assert_int_not_equal(callers[i].error->kind, ERROR_INTERNAL);
        error_free(callers[i].error);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_preview_is_what_the_worker_has_written),
        TEST(what_is_no_jpeg_is_shown_to_no_person),
        cmocka_unit_test(a_worker_that_does_what_it_likes_costs_one_preview),
        TEST(what_is_said_before_it_is_asked_costs_no_second_preview),
        TEST(memory_is_taken_while_no_picture_has_it_and_only_so_much),
        TEST(many_wait_for_their_previews_and_one_more_is_refused),
        TEST(a_preview_that_takes_too_long_is_given_up),
        TEST(a_disk_that_does_not_respond_keeps_no_caller_for_ever),
        TEST(a_stop_ends_the_worker_and_all_waits),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("jobs previews", tests, NULL, NULL);
}
