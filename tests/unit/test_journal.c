/* Messages: never in the way of work, never lost in silence, and each row complete. */
#include <ctype.h>
#include <pthread.h>
#include <syslog.h>

#include "base/clock.h"
#include "check.h"
#include "daemon/journal.h"

enum { FLOOD = 20000, LIMIT_MS = 60 * 1000 };

typedef struct Pipe {
    int read, saved;
} Pipe;

/* Our standard error becomes a pipe that nobody reads until a test does. */
static int catch_stderr(void **state)
{
    Pipe *caught = g_new0(Pipe, 1);
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    caught->read = ends[0];
    caught->saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    *state = caught;
    return 0;
}

static int release_stderr(void **state)
{
    Pipe *caught = *state;

    dup2(caught->saved, STDERR_FILENO);
    close(caught->saved);
    close(caught->read);
    g_free(caught);
    return 0;
}

/* Reads all that comes until standard error has no writer left. */
static void *drain(void *data)
{
    const Pipe *caught = data;
    GString *text = g_string_new(NULL);
    char buffer[4096];
    ssize_t got = 0;

    while ((got = read(caught->read, buffer, sizeof(buffer))) > 0)
        g_string_append_len(text, buffer, got);
    return g_string_free(text, FALSE);
}

/* What was told, after the logger ended; newly allocated. */
static char *told(const Pipe *caught)
{
    pthread_t reader;
    void *text = NULL;

    assert_int_equal(pthread_create(&reader, NULL, drain, (void *) (uintptr_t) caught), 0);
    journal_stop();
    dup2(caught->saved, STDERR_FILENO); /* the pipe's last writer */
    pthread_join(reader, &text);
    return text;
}

static void a_message_is_one_line_that_says_what_it_is_about(void **state)
{
    g_autoptr(Error) error = NULL;

    error_set(&error, ERROR_IMAGE, "send it again", "it is broken");
    journal_start();
    journal_event(EVENT_DONE, .source = "a\nb.jpg", .output = "a.jpg", .timed = true,
                  .duration_ms = 1250);
    journal_event(EVENT_FAILED, .source = "c.jpg", .error = error);
    g_autofree char *text = told(*state);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_int_equal(g_strv_length(lines), 3);
    assert_non_null(strstr(lines[0], "done in 1.25 s -> a.jpg"));
    assert_null(strstr(lines[0], "a\nb"));
    assert_string_equal(lines[1], "c.jpg: failed: it is broken; send it again");
}

static void a_reader_that_hangs_holds_up_nobody_and_what_is_lost_is_counted(void **state)
{
    int64_t began = clock_ms();

    journal_start();
    for (int i = 0; i < FLOOD; i++)
        journal_event(EVENT_DONE, .source = "beach.jpg", .output = "beach.jpg");
    journal_event(EVENT_FAILED, .source = "the last word"); /* an error drives out what is less */
    assert_true(clock_ms() - began < LIMIT_MS); /* blocked on the full pipe it would be for ever */
    g_autofree char *text = told(*state);
    assert_non_null(strstr(text, "messages could not be told"));
    assert_non_null(strstr(text, "the last word"));
}

static void every_event_has_a_row_with_an_id_of_its_own(void **state)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

    (void) state;
    for (EventId id = 0; id < EVENT_COUNT; id++) {
        const EventRow *row = journal_row(id);
        assert_non_null(row->name);
        assert_int_equal(strlen(row->message_id), 32);
        for (const char *c = row->message_id; *c; c++)
            assert_true(isdigit((unsigned char) *c) || (*c >= 'a' && *c <= 'f'));
        assert_true(g_hash_table_add(ids, (char *) (uintptr_t) row->message_id));
        assert_true(row->priority >= LOG_ERR && row->priority <= LOG_INFO);
        assert_true(strlen(row->sentence) > 5 && strlen(row->advice) > 10);
        assert_true(g_str_has_suffix(row->advice, "."));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_is_one_line_that_says_what_it_is_about,
                                        catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(
            a_reader_that_hangs_holds_up_nobody_and_what_is_lost_is_counted, catch_stderr,
            release_stderr),
        cmocka_unit_test(every_event_has_a_row_with_an_id_of_its_own),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
