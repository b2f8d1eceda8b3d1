/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a person, a program and the journal get of one import, from given records. */
#include <stdio.h>
#include <string.h>

#include "command/import_view.h"
#include "command/json.h"
#include "tests/unit/check.h"

#define LITERAL(literal) ((char *) (uintptr_t) (literal))

/* ---- an import that goes wrong, and then waits, and then goes on ---- */

static CardRecord record_in(CardState state)
{
    static char first[] = "/srv/cards", second[] = "/mnt/backup";
    static char *two[] = { first, second, NULL };

    return (CardRecord){ .id = 7,
                         .name = LITERAL("EOS"),
                         .state = state,
                         .files = 3,
                         .done = state == CARD_READING ? 0 : 1,
                         .began_ms = 1796047320000,
                         .destinations = two };
}

static void play(const ImportView *view)
{
    CardFile file = { .path = LITERAL("DCIM/A.JPG") };
    CardRecord held = record_in(CARD_HELD), record = record_in(CARD_READING);
    g_autoptr(Error) error = NULL;
    Verdict verdict = { .state = CARD_NOT_SAFE,
                        .line = LITERAL("NOT SAFE: 2 of 3"),
                        .reasons = g_ptr_array_new() };
    void *user = view->reporter.user;

    error_set(&error, ERROR_ENVIRONMENT, "look at it", "cannot be read");
    view->reporter.damaged(user, "/var/lib/import.db.damaged");
    view->reporter.progress(user, &record);
    held.reason = LITERAL("/mnt/backup needs 12 GB more");
    view->reporter.progress(user, &held);
    view->reporter.progress(user, &held);
    record.done = 1;
    view->reporter.progress(user, &record);
    view->reporter.progress(user, &record);
    view->reporter.trouble(user, &file, NULL, error);
    view->reporter.trouble(user, &file, "/srv/cards", error);
    view->reporter.not_handed(user, &file, "inbox", error);
    g_ptr_array_add(verdict.reasons, LITERAL("DCIM/A.JPG: cannot be read"));
    record = record_in(CARD_NOT_SAFE);
    view->end(user, &record, &verdict, false);
    g_ptr_array_unref(verdict.reasons);
}

/* What `show` writes on both outputs, newly allocated. */
static char *written(void (*show)(const ImportView *view), const ImportView *view)
{
    FILE *file = tmpfile();
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);

    assert_non_null(file);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    show(view);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    off_t length = lseek(fileno(file), 0, SEEK_END);
    char *text = g_malloc0((gsize) length + 1);
    assert_int_equal(pread(fileno(file), text, (size_t) length, 0), length);
    fclose(file);
    return text;
}

static void a_person_reads_each_cause_once_and_the_verdict_last(void **state)
{
    g_autoptr(ImportView) view = import_view_of_person(NULL, false);
    g_autofree char *text = written(play, view);

    (void) state;
    assert_string_equal(text, "hotfolder: what was remembered of cards was damaged, and is kept as "
                              "'/var/lib/import.db.damaged'; each card is read again in full; "
                              "check the disk of that directory\n"
                              "hotfolder: DCIM/A.JPG: cannot be read, passed over: cannot be read; "
                              "look at it\n"
                              "hotfolder: DCIM/A.JPG: not copied to /srv/cards: cannot be read; "
                              "look at it\n"
                              "hotfolder: DCIM/A.JPG: copied, but not handed to folder 'inbox': "
                              "cannot be read; look at it\n"
                              "  DCIM/A.JPG: cannot be read\nNOT SAFE: 2 of 3\n");
}

static void the_journal_gets_what_changes(void **state)
{
    g_autoptr(ImportView) view = import_view_of_service("EOS");
    g_autofree char *text = written(play, view);

    (void) state;
    assert_string_equal(
        text, "the catalog of cards was damaged; it is kept as '/var/lib/import.db.damaged', and "
              "hotfolder begins a new one\n"
              "card 'EOS': files to copy to /srv/cards, /mnt/backup: 3\n"
              "card 'EOS' is held: /mnt/backup needs 12 GB more\n"
              "card 'EOS': files to copy to /srv/cards, /mnt/backup: 3; there already: 1\n"
              "EOS: DCIM/A.JPG: cannot be read, passed over: cannot be read; look at it\n"
              "EOS: DCIM/A.JPG: not copied to /srv/cards: cannot be read; look at it\n"
              "EOS: DCIM/A.JPG: copied, but not handed to folder 'inbox': cannot be read; look at "
              "it\n"
              "card 'EOS': NOT SAFE: 2 of 3: DCIM/A.JPG: cannot be read\n");
}

static void a_program_gets_one_object(void **state)
{
    g_autoptr(ImportView) view = import_view_of_program(false);
    g_autofree char *text = written(play, view);
    cJSON *json = cJSON_Parse(strchr(text, '{')); /* behind what is on the standard error */

    (void) state;
    assert_non_null(json);
    assert_string_equal(json_text(json, "verdict"), "NOT SAFE: 2 of 3");
    assert_string_equal(json_text(json, "state"), "not safe");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "reasons")), 1);
    const cJSON *troubles = cJSON_GetObjectItem(json, "troubles");
    assert_int_equal(cJSON_GetArraySize(troubles), 3);
    assert_null(cJSON_GetObjectItem(cJSON_GetArrayItem(troubles, 0), "destination"));
    assert_string_equal(json_text(cJSON_GetArrayItem(troubles, 1), "destination"), "/srv/cards");
    assert_string_equal(json_text(cJSON_GetArrayItem(troubles, 2), "folder"), "inbox");
    assert_null(cJSON_GetObjectItem(json, "planned"));
    cJSON_Delete(json);
}

static void hold(const ImportView *view)
{
    CardRecord record = record_in(CARD_HELD);
    Verdict verdict = { .state = CARD_HELD,
                        .line = LITERAL("NOT SAFE: held: /b needs 12 GB more") };

    record.reason = LITERAL("/b needs 12 GB more");
    verdict.reasons = g_ptr_array_new();
    g_ptr_array_add(verdict.reasons, LITERAL("'DCIM/A.JPG': was not read in this insertion"));
    view->end(view->reporter.user, &record, &verdict, false);
    g_ptr_array_unref(verdict.reasons);
}

static void a_program_reads_why_a_card_is_held(void **state)
{
    g_autoptr(ImportView) view = import_view_of_program(false);
    g_autofree char *text = written(hold, view);
    cJSON *json = cJSON_Parse(text);
    const cJSON *reasons = cJSON_GetObjectItem(json, "reasons");

    (void) state;
    assert_int_equal(cJSON_GetArraySize(reasons), 1);
    assert_string_equal(cJSON_GetArrayItem(reasons, 0)->valuestring, "/b needs 12 GB more");
    cJSON_Delete(json);
}

/* ---- how it ends ---- */

static void end_well(const ImportView *view)
{
    static const CardState states[] = { CARD_SAFE, CARD_COPIED, CARD_INTERRUPTED, CARD_NOT_SAFE };
    static const char *const lines[] = { "SAFE TO FORMAT: 3 of 3", "COPIED", "interrupted",
                                         "NOT SAFE: 2 of 3" };

    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        CardRecord record = record_in(states[i]);
        Verdict verdict = { .state = states[i], .line = LITERAL(lines[i]) };
        verdict.reasons = g_ptr_array_new();
        view->end(view->reporter.user, &record, &verdict, false);
        record.ended_ms = record.began_ms;
        view->end(view->reporter.user, &record, &verdict, true);
        g_ptr_array_unref(verdict.reasons);
    }
}

static void each_end_is_a_message_and_so_is_nothing_new(void **state)
{
    g_autoptr(ImportView) view = import_view_of_service("EOS");
    g_autofree char *text = written(end_well, view);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    (void) state;
    assert_int_equal(g_strv_length(lines), 9);
    assert_string_equal(lines[0], "card 'EOS': SAFE TO FORMAT: 3 of 3");
    assert_true(g_str_has_prefix(lines[1], "card 'EOS': imported "));
    assert_true(g_str_has_suffix(lines[1], ": 1 of 3, SAFE; nothing new"));
    assert_string_equal(lines[2], "card 'EOS': COPIED");
    assert_string_equal(lines[4], "card 'EOS': interrupted");
    assert_string_equal(lines[6], "card 'EOS': NOT SAFE: 2 of 3");
    assert_string_equal(lines[7], lines[6]); /* why it is not safe is said each time */
}

static void fail_twice(const ImportView *view)
{
    static const ErrorKind kinds[] = { ERROR_CONFIG, ERROR_ENVIRONMENT };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(Error) error = NULL;
        error_set(&error, kinds[i], NULL, "it lies on the card");
        view->failed(view->reporter.user, error);
    }
}

static void what_could_not_begin_is_not_safe_unless_it_was_asked_for_wrongly(void **state)
{
    g_autoptr(ImportView) person = import_view_of_person(NULL, false);
    g_autoptr(ImportView) service = import_view_of_service("EOS");
    g_autofree char *seen = written(fail_twice, person);
    g_autofree char *logged = written(fail_twice, service);

    (void) state;
    assert_string_equal(seen, "hotfolder: it lies on the card\nNOT SAFE: it lies on the card\n");
    assert_string_equal(logged, "card 'EOS' is not imported: it lies on the card\n"
                                "card 'EOS' is not imported: it lies on the card\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_reads_each_cause_once_and_the_verdict_last),
        cmocka_unit_test(the_journal_gets_what_changes),
        cmocka_unit_test(a_program_gets_one_object),
        cmocka_unit_test(a_program_reads_why_a_card_is_held),
        cmocka_unit_test(each_end_is_a_message_and_so_is_nothing_new),
        cmocka_unit_test(what_could_not_begin_is_not_safe_unless_it_was_asked_for_wrongly),
    };

    return cmocka_run_group_tests_name("import_views", tests, NULL, NULL);
}
