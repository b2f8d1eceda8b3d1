/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Crash records: a fault names the picture that its thread processed, and nothing else does. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "daemon/journal/crash_record.h"
#include "tests/unit/check.h"

enum { ROW = 77 };

typedef enum EndCause {
    OUR_FAULT,
    OUR_ASSERTION,
    OTHERS_THREAD,
    FROM_OUTSIDE,
    NO_PICTURE
} EndCause;

static void *hold_another(void *holds)
{
    crash_record_set_subject(&(CrashSubject){ "inbox", "innocent.jpg", 1, 2 });
    sem_post(holds);
    pause();
    return holds;
}

/* Never returns. `ready` gets a byte when all is set. */
static void die(const char *dir, EndCause cause, int ready)
{
    g_autoptr(Error) error = NULL;
    CrashRecord last = { 0 };
    pthread_t thread;
    sem_t holds;

    sem_init(&holds, 0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    for (int number = 1; number < 32; number++)
        signal(number, SIG_DFL); /* cmocka's own */
    if (!crash_record_open(dir, &last, &error))
        _exit(1);
    crash_record_set_subject(&(CrashSubject){ "inbox", "before.jpg", 123, 456 });
    crash_record_set_subject(&(CrashSubject){ "inbox", "a/b\nch.jpg", ROW, INT64_MAX });
    switch (cause) {
    case OUR_FAULT:
        *(volatile int *) (uintptr_t) 8 = 1; /* NOLINT: that is the point */
        break;
    case OUR_ASSERTION:
        abort();
    case OTHERS_THREAD:
        pthread_create(&thread, NULL, hold_another, &holds);
        sem_wait(&holds);
        abort();
    case FROM_OUTSIDE:
        if (write(ready, "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    case NO_PICTURE:
        crash_record_set_subject(NULL);
        abort();
    }
    _exit(2);
}

/* What the next life reads. */
static CrashRecord after(const char *dir, EndCause cause, int expected)
{
    g_autoptr(Error) error = NULL;
    CrashRecord last = { 0 };
    int status = 0, ready[2];

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0)
        die(dir, cause, ready[1]);
    close(ready[1]);
    if (cause == FROM_OUTSIDE) {
        assert_int_equal(read(ready[0], (char[1]){ 0 }, 1), 1);
        kill(pid, SIGSEGV);
    }
    close(ready[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), expected);
    assert_ok(crash_record_open(dir, &last, &error), error);
    return last;
}

static void assert_names(EndCause cause, int number, const char *source)
{
    g_autofree char *dir = check_mkdir();
    g_auto(CrashRecord) last = after(dir, cause, number);
    g_auto(CrashRecord) again = { 0 };
    g_autoptr(Error) error = NULL;

    if (cause == FROM_OUTSIDE) {
        assert_int_equal(last.signal, 0);
    } else {
        assert_int_equal(last.signal, number);
        assert_true(!g_strcmp0(last.folder, source ? "inbox" : NULL));
        assert_true(!g_strcmp0(last.source, source));
        assert_int_equal(last.row, source ? ROW : 0);
        assert_int_equal(last.token, source ? INT64_MAX : 0);
    }
    assert_ok(crash_record_open(dir, &again, &error), error);
    assert_int_equal(again.signal, 0); /* it is read once */
    check_rmdir(g_steal_pointer(&dir));
}

static void a_fault_names_what_its_thread_processed(void **state)
{
    (void) state;
    assert_names(OUR_FAULT, SIGSEGV, "a/b\nch.jpg");
    assert_names(OUR_ASSERTION, SIGABRT, "a/b\nch.jpg");
    assert_names(OTHERS_THREAD, SIGABRT, "a/b\nch.jpg");
}

static void a_fault_without_a_picture_blames_nothing(void **state)
{
    (void) state;
    assert_names(NO_PICTURE, SIGABRT, NULL);
}

static void a_signal_from_outside_blames_nothing(void **state)
{
    (void) state;
    assert_names(FROM_OUTSIDE, SIGSEGV, NULL);
}

/* An upgrade must not lose what the crash before it recorded. */
static void a_record_of_hotfolder_0_1_is_read_once(void **state)
{
    g_autofree char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "obituary", NULL);
    g_auto(CrashRecord) last = { 0 }, again = { 0 };
    g_autoptr(Error) error = NULL;
    static const char record[] = "\013inbox\0beach.jpg"; /* SIGSEGV */

    (void) state;
    assert_true(g_file_set_contents(path, record, sizeof(record), NULL));
    assert_ok(crash_record_open(dir, &last, &error), error);
    assert_int_equal(last.signal, SIGSEGV);
    assert_string_equal(last.folder, "inbox");
    assert_string_equal(last.source, "beach.jpg");
    assert_ok(crash_record_open(dir, &again, &error), error);
    assert_int_equal(again.signal, 0);
    check_rmdir(g_steal_pointer(&dir));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_names_what_its_thread_processed),
        cmocka_unit_test(a_fault_without_a_picture_blames_nothing),
        cmocka_unit_test(a_signal_from_outside_blames_nothing),
        cmocka_unit_test(a_record_of_hotfolder_0_1_is_read_once),
    };

    return cmocka_run_group_tests_name("crash record", tests, NULL, NULL);
}
