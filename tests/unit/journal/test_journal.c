/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages: never in the way of work, never lost in silence, and each row complete. */
#include <ctype.h>
#include <pthread.h>
#include <syslog.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/journal/ratelimit.h"
#include "daemon/journal/record.h"
#include "tests/unit/check.h"

enum { FLOOD = 20000, LIMIT_MS = 60 * 1000 };

typedef struct Pipe {
    int read, saved;
} Pipe;

/* Our standard error becomes a pipe that is not read until a test does so. */
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

/* What was logged, after the logger ended; newly allocated. */
static char *logged(const Pipe *caught)
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

    error_set(&error, ERROR_PICTURE, "send it again", "it is\nbroken");
    journal_start();
    journal_event(EVENT_DONE, .folder = "inbox", .profile = "web", .job = 1, .attempt = 1,
                  .source = "a\nb.jpg", .output = "a.jpg", .duration_ms = 1250);
    journal_event(EVENT_FAILED, .folder = "inbox", .profile = "web", .job = 2, .attempt = 1,
                  .source = "c.jpg", .error = error, .duration_ms = 340);
    journal_event(EVENT_ERROR, .folder = "inbox", .source = "d", .reason = "it is\rslow");
    journal_event(EVENT_ERROR, .reason = "it is slow");
    journal_event(EVENT_DONE, .folder = "inbox", .profile = "web", .job = 3, .attempt = 1,
                  .source = "e.gif", .output = "e.png", .note = "1 of 24 frames");
    g_autofree char *text = logged(*state);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_int_equal(g_strv_length(lines), 6);
    assert_string_equal(lines[0], "inbox: a\\x0ab.jpg: done in 1.25 s -> a.jpg");
    assert_string_equal(lines[1],
                        "inbox: c.jpg: failed after 0.34 s: it is\\x0abroken; send it again");
    assert_string_equal(lines[2], "folder 'inbox': d: it is\\x0dslow");
    assert_string_equal(lines[3], "it is slow");
    assert_string_equal(lines[4], "inbox: e.gif: done in 0.00 s -> e.png; note: 1 of 24 frames");
}

static void a_reader_that_hangs_blocks_no_thread_and_what_is_lost_is_counted(void **state)
{
    g_autoptr(Error) error = NULL;
    int64_t began = clock_ms();

    error_set(&error, ERROR_CONFIG, "allow it", "no right to move it");
    journal_start();
    for (int i = 0; i < FLOOD; i++)
        journal_event(EVENT_DONE, .folder = "inbox", .profile = "web", .source = "beach.jpg",
                      .output = "beach.jpg");
    journal_event(EVENT_FAILED, .folder = "inbox", .profile = "web", .source = "the last word",
                  .error = error);              /* drives out what is less */
    assert_true(clock_ms() - began < LIMIT_MS); /* blocked on the full pipe it would be for ever */
    g_autofree char *text = logged(*state);
    assert_non_null(strstr(text, "messages are lost"));
    assert_non_null(strstr(text, "the last word"));
}

static void a_flood_of_one_kind_is_logged_by_its_count_when_it_stops(void **state)
{
    journal_start();
    for (int i = 0; i < FLOOD; i++)
        journal_event(EVENT_IGNORED, .folder = "inbox", .source = "a.txt", .reason = "no picture");
    journal_event(EVENT_STOPPED, .count = 0);
    g_autofree char *text = logged(*state);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_int_equal(g_strv_length(lines), RATELIMIT_BURST + 3);
    assert_string_equal(lines[0], "inbox: a.txt: ignored: no picture");
    assert_string_equal(lines[RATELIMIT_BURST], "stopped; unfinished pictures: 0");
    assert_string_equal(
        lines[RATELIMIT_BURST + 1],
        "folder 'inbox': 19980 more 'ignored' messages within a minute were suppressed");
}

static const char *field_of(const Record *record, const char *name)
{
    size_t length = strlen(name);

    for (unsigned i = 0; i < record->count; i++)
        if (!strncmp(record->fields[i], name, length) && record->fields[i][length] == '=')
            return record->fields[i] + length + 1;
    return NULL;
}

static void an_entry_has_the_fields_of_its_event_and_bytes_as_they_are(void **state)
{
    (void) state;
    Record *record = record_new(
        EVENT_DONE,
        &(EventFields){
            .folder = "inbox", .profile = "web", .job = 7, .attempt = 1, .source = "a\nb.jpg" });

    assert_string_equal(
        record_message(record),
        "inbox: a\\x0ab.jpg: done in 0.00 s -> nothing new: each output exists already");
    assert_string_equal(field_of(record, "MESSAGE_ID"), event_row(EVENT_DONE)->message_id);
    assert_string_equal(field_of(record, "PRIORITY"), "6");
    assert_string_equal(field_of(record, "HOTFOLDER_EVENT"), "done");
    assert_string_equal(field_of(record, "HOTFOLDER_FOLDER"), "inbox");
    assert_string_equal(field_of(record, "HOTFOLDER_SOURCE"), "a\nb.jpg");
    assert_string_equal(field_of(record, "HOTFOLDER_JOB"), "7");
    assert_string_equal(field_of(record, "HOTFOLDER_DURATION_MS"), "0");
    assert_null(field_of(record, "HOTFOLDER_OUTPUT")); /* nothing was made */
    assert_null(field_of(record, "HOTFOLDER_COUNT"));  /* not this event's */
    record_free(record);
}

static void every_event_has_a_row_with_an_id_of_its_own(void **state)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

    (void) state;
    for (EventId id = 0; id < EVENT_COUNT; id++) {
        const EventRow *row = event_row(id);
        assert_non_null(row->name);
        assert_int_equal(strlen(row->message_id), 32);
        for (const char *c = row->message_id; *c; c++)
            assert_true(isdigit((unsigned char) *c) || (*c >= 'a' && *c <= 'f'));
        assert_true(g_hash_table_add(ids, (char *) (uintptr_t) row->message_id));
        assert_true(g_hash_table_add(ids, (char *) (uintptr_t) row->name));
        assert_true(row->priority >= LOG_ERR && row->priority <= LOG_INFO);
        assert_true(strlen(row->title) > 5 && strlen(row->sentence) > 5);
        assert_true(strlen(row->advice) > 10 && g_str_has_suffix(row->advice, "."));
    }
}

/* Fails where an event's text names a field that its entries may lack. */
static char *carried_by(const FieldRow *field, const void *row)
{
    assert_int_equal(event_field_presence(row, field->word), FIELD_REQUIRED);
    return g_strdup(field->word);
}

static char *known_to(const FieldRow *field, const void *row)
{
    assert_int_not_equal(event_field_presence(row, field->word), FIELD_ABSENT);
    return g_strdup(field->word);
}

static void every_event_carries_what_its_texts_speak_of(void **state)
{
    (void) state;
    for (EventId id = 0; id < EVENT_COUNT; id++) {
        const EventRow *row = event_row(id);
        g_autofree char *sentence = event_expand(row->sentence, known_to, row);
        g_autofree char *title = event_expand(row->title, carried_by, row);
        g_autofree char *advice = event_expand(row->advice, carried_by, row);
        assert_true(sentence && title && advice);
        g_auto(GStrv) words = g_strsplit(row->fields, " ", -1);

        for (char **word = words; *word; word++) {
            const FieldRow *field = event_fields;
            g_strdelimit(*word, "?", '\0');
            while (field->word && strcmp(field->word, *word) != 0)
                field++;
            assert_non_null(field->word);
        }
        if (event_field_presence(row, "source") == FIELD_REQUIRED) { /* whose source would it be? */
            bool of_card = event_field_presence(row, "card") == FIELD_REQUIRED;
            assert_true(of_card || event_field_presence(row, "folder") == FIELD_REQUIRED);
            assert_true(g_str_has_prefix(row->sentence,
                                         of_card ? "{card}: {source}: " : "{folder}: {source}: "));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_is_one_line_that_says_what_it_is_about,
                                        catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(
            a_reader_that_hangs_blocks_no_thread_and_what_is_lost_is_counted, catch_stderr,
            release_stderr),
        cmocka_unit_test_setup_teardown(a_flood_of_one_kind_is_logged_by_its_count_when_it_stops,
                                        catch_stderr, release_stderr),
        cmocka_unit_test(an_entry_has_the_fields_of_its_event_and_bytes_as_they_are),
        cmocka_unit_test(every_event_carries_what_its_texts_speak_of),
        cmocka_unit_test(every_event_has_a_row_with_an_id_of_its_own),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
