/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real worker over its socket: every turn that a job can take, one after the other. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/actions/check.h"
#include "tests/actions/peer.h"
#include "tests/actions/pictures.h"
#include "wire/wire.h"

static const char document[] = "#line 10 \"studio.conf\"\n"
                               "profile \"web\" {\n"
                               "    upright {}\n"
                               "    scale { width = 200 height = 200 }\n"
                               "    save { name = \"{dir}/{stem}.jpg\" }\n"
                               "    fit { width = 40 height = 40 }\n"
                               "    save { name = \"{dir}/thumbs/{stem}.png\" }\n"
                               "}\n"
                               "profile \"numbered\" {\n"
                               "    save { name = \"{seq:4}.jpg\" }\n"
                               "    save { name = \"{seq.folder:2}-{seq.day:3}-{seq.run}.jpg\" }\n"
                               "}\n"
                               "profile \"heavy\" {\n"
                               "    round {} sharpen {} crop { mode = trim }\n"
                               "    save { name = \"{name}.webp\" }\n"
                               "}\n";

static int photo_file(const char *suffix)
{
    g_autoptr(VipsImage) photo = picture_photo(600, 400);

    return picture_file(photo, suffix);
}

static int half_a_photo(void)
{
    int whole = photo_file(".jpg");
    g_autoptr(GBytes) bytes = picture_read(whole);
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);

    close(whole);
    return picture_bytes(data, size / 2);
}

static void went_well(const Talk *talk)
{
    if (talk->died)
        fail_msg("the worker died");
    if (!talk->ok)
        fail_msg("%s: %s", talk->error->where, talk->error->what);
}

static void a_job_saves_twice_and_tells_its_steps(void **state)
{
    static const char *const steps[] = { "10 open", "11 upright", "12 scale",
                                         "13 save", "14 fit",     "15 save" };
    Peer *peer = *state;
    Talk talk = { 0 };

    assert_int_equal(peer->profiles, 3);
    peer_job(peer, &talk, "web", "2024/may", "beach.JPG", photo_file(".jpg"));
    went_well(&talk);
    assert_int_equal(talk.steps->len, G_N_ELEMENTS(steps));
    for (guint i = 0; i < talk.steps->len; i++)
        assert_string_equal(talk.steps->pdata[i], steps[i]);
    assert_int_equal(talk.names->len, 2);
    assert_string_equal(talk.names->pdata[0], "2024/may/beach.jpg");
    assert_string_equal(talk.names->pdata[1], "2024/may/thumbs/beach.png");
    g_autoptr(VipsImage) large = picture_load(g_array_index(talk.files, int, 0));
    g_autoptr(VipsImage) small = picture_load(g_array_index(talk.files, int, 1));
    assert_int_equal(large->Xsize, 200);
    assert_int_equal(small->Xsize, 40);
    assert_int_equal(small->Ysize, 40);
    talk_clear(&talk);
}

/* A header can take its worker down, too: the evidence shall not name no step, or the last one. */
static void a_step_is_reported_before_the_header_is_read(void **state)
{
    Talk talk = { 0 };

    peer_job(*state, &talk, "numbered", "", "text.jpg", picture_bytes("\xff\xd8\xff\xe0", 4));
    assert_false(talk.died || talk.ok);
    assert_int_equal(talk.steps->len, 1);
    assert_string_equal(talk.steps->pdata[0], "17 open");
    talk_clear(&talk);
}

static void an_output_that_is_there_is_skipped(void **state)
{
    Talk talk = { .skip = true };

    peer_job(*state, &talk, "web", "", "beach.jpg", photo_file(".jpg"));
    went_well(&talk);
    assert_int_equal(talk.names->len, 2);
    assert_string_equal(talk.names->pdata[0], "beach.jpg");
    talk_clear(&talk);
}

static void a_refused_output_ends_the_job_where_it_was_asked_for(void **state)
{
    Talk talk = { .refuse = true };

    peer_job(*state, &talk, "web", "", "beach.jpg", photo_file(".jpg"));
    assert_false(talk.died || talk.ok);
    assert_int_equal(talk.names->len, 1); /* the second was not asked for any more */
    assert_string_equal(talk.error->where, "step 3 (save), studio.conf:13");
    talk_clear(&talk);
}

/* libvips gives no error for it, and warns. */
static void the_reason_is_found_where_libvips_only_warns(void **state)
{
    int file = photo_file(".png");
    unsigned char bytes[4096] = { 0 };
    Talk talk = { 0 };

    assert_true(pread(file, bytes, sizeof(bytes), 0) > 0);
    unsigned char *type = memmem(bytes, sizeof(bytes), "IDAT", 4);
    assert_non_null(type);
    assert_int_equal(pwrite(file, "<", 1, type - bytes), 1);
    peer_job(*state, &talk, "web", "", "beach.png", file);
    assert_false(talk.died || talk.ok);
    if (!strstr(talk.error->what, "invalid chunk type"))
        fail_msg("%s", talk.error->what);
    talk_clear(&talk);
}

static void each_number_comes_with_the_job(void **state)
{
    Talk talk = { 0 };

    for (int i = 0; i < 2; i++) {
        peer_job(*state, &talk, "numbered", "", "beach.jpg", photo_file(".jpg"));
        went_well(&talk);
        assert_string_equal(talk.names->pdata[0], "0042.jpg");
        assert_string_equal(talk.names->pdata[1], "42-007-3.jpg");
        talk_clear(&talk);
    }
}

static void a_bad_picture_fails_and_the_next_one_is_done(void **state)
{
    Talk talk = { 0 };

    peer_job(*state, &talk, "web", "", "half.jpg", half_a_photo());
    assert_false(talk.died || talk.ok);
    assert_int_equal(talk.error->kind, ERROR_PICTURE);
    assert_string_equal(talk.error->where, ""); /* before any step */
    talk_clear(&talk);

    peer_job(*state, &talk, "web", "", "text.jpg", picture_bytes("hello", 5));
    assert_false(talk.died || talk.ok);
    assert_int_equal(talk.error->kind, ERROR_PICTURE);
    assert_int_equal(talk.steps->len, 1);
    talk_clear(&talk);

    peer_job(*state, &talk, "web", "", "beach.jpg", photo_file(".jpg"));
    went_well(&talk);
    talk_clear(&talk);
}

static void any_bytes_make_a_name(void **state)
{
    Talk talk = { 0 };

    peer_job(*state, &talk, "web", "caf\xe9/\xff", "two\nlines \xfe.jpg", photo_file(".png"));
    went_well(&talk);
    assert_string_equal(talk.names->pdata[0], "caf\xe9/\xff/two\nlines \xfe.jpg");
    talk_clear(&talk);
}

static void a_directory_that_would_lead_out_is_made_harmless(void **state)
{
    Talk talk = { 0 };

    peer_job(*state, &talk, "web", "..\xff/..", "\xfe.jpg", photo_file(".png"));
    went_well(&talk);
    assert_string_equal(talk.names->pdata[0], "..\xff/__/\xfe.jpg");
    talk_clear(&talk);
}

static void an_unknown_profile_is_the_set_ups_fault(void **state)
{
    Talk talk = { 0 };

    peer_job(*state, &talk, "wen", "", "beach.jpg", photo_file(".jpg"));
    assert_false(talk.died || talk.ok);
    assert_int_equal(talk.error->kind, ERROR_CONFIG);
    assert_non_null(strstr(talk.error->what, "wen"));
    talk_clear(&talk);
}

static void a_descriptor_that_was_read_before_is_read_from_its_start(void **state)
{
    int fd = photo_file(".jpg");
    Talk talk = { 0 };

    lseek(fd, 0, SEEK_END);
    peer_job(*state, &talk, "web", "", "beach.jpg", fd);
    went_well(&talk);
    talk_clear(&talk);
}

static long descriptors_of(const Peer *peer)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int) peer->pid);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    long count = 0;

    while (dir && g_dir_read_name(dir)) /* NULL: it is not dumpable, and we are not root */
        count++;
    return count;
}

static void many_jobs_leave_nothing_behind(void **state)
{
    enum { WARM = 60, JOBS = 500, SLACK_KB = 6 * 1024 };
    Peer *peer = *state;
    long memory = 0;
    long descriptors = 0;

    for (int i = 0; i < WARM + JOBS; i++) {
        static const char *const profiles[] = { "web", "numbered", "heavy" };
        Talk talk = { 0 };
        if (i == WARM) {
            memory = peer_memory(peer);
            descriptors = descriptors_of(peer);
        }
        g_autoptr(VipsImage) photo = picture_photo(240, 160);
        int fd = i % 5 == 4 ? half_a_photo() : picture_file(photo, ".jpg");
        peer_job(peer, &talk, profiles[i % 3], "", "beach.jpg", fd);
        assert_false(talk.died);
        if (i % 5 != 4)
            went_well(&talk);
        talk_clear(&talk);
    }
    long more = peer_memory(peer) - memory;
    print_message("%ld KB, %+ld KB over %d jobs\n", memory, more, JOBS);
    assert_int_equal(descriptors_of(peer), descriptors);
#ifndef KEEPS_FREED_MEMORY
    assert_true(more < SLACK_KB);
#endif
}

/* ---- the end ---- */

static int start(void **state)
{
    Peer *peer = g_new0(Peer, 1);

    *peer = peer_start(document);
    *state = peer;
    return 0;
}

static int stop(void **state)
{
    g_autofree Peer *peer = *state;

    return peer_stop(peer); /* 0, and so nothing that a sanitizer found */
}

static void it_ends_in_peace_when_the_daemon_goes_in_the_middle_of_a_job(void **state)
{
    Peer peer = peer_start(document);
    int fd = photo_file(".jpg");

    (void) state;
    peer_send_job(&peer, "web", "", "x.jpg", fd);
    close(fd);
    assert_int_equal(peer_stop(&peer), 0);
}

static void an_answer_out_of_turn_fails_the_job_only(void **state)
{
    Peer peer = peer_start(document);
    Talk talk = { .nonsense = true };

    (void) state;
    peer_job(&peer, &talk, "web", "", "x.jpg", photo_file(".jpg"));
    assert_false(talk.died || talk.ok);
    assert_int_equal(talk.error->kind, ERROR_INTERNAL);
    talk_clear(&talk);
    peer_job(&peer, &talk, "web", "", "x.jpg", photo_file(".jpg"));
    went_well(&talk);
    talk_clear(&talk);
    assert_int_equal(peer_stop(&peer), 0);
}

static void a_job_without_a_picture_ends_the_worker(void **state)
{
    Peer peer = peer_start(document);
    g_autoptr(Error) error = NULL;

    (void) state;
    peer_send_job(&peer, "web", "", "x.jpg", -1);
    /* Its end is what we wait for: the socket stays open until then. */
    g_autoptr(GVariant) body = NULL;
    const char *const none[] = { NULL };
    unsigned type = 0;
    int fd = -1;
    assert_false(wire_receive(peer.socket, none, 1, clock_ms() + 60000, &type, &body, &fd, &error));
    assert_int_equal(peer_stop(&peer), 1);
}

static void a_profile_with_an_error_fails_its_own_jobs_only(void **state)
{
    Peer peer = peer_start("profile \"good\" { save {} }\n"
                           "#line 3 \"bad.conf\"\n"
                           "profile \"bad\" { scale { size = 3 } save {} }\n");
    Talk talk = { 0 };

    (void) state;
    assert_int_equal(peer.profiles, 1);
    peer_job(&peer, &talk, "bad", "", "x.jpg", photo_file(".jpg"));
    assert_false(talk.died || talk.ok);
    assert_int_equal(talk.error->kind, ERROR_CONFIG);
    assert_true(g_str_has_prefix(talk.error->where, "bad.conf:3"));
    talk_clear(&talk);
    peer_job(&peer, &talk, "good", "", "x.jpg", photo_file(".jpg"));
    went_well(&talk);
    talk_clear(&talk);
    assert_int_equal(peer_stop(&peer), 0);
}

static void a_worker_that_is_not_the_daemons_child_ends(void **state)
{
    g_autofree char *said = NULL;
    char command[] = "HOTFOLDER_PARENT=1 exec '" WORKER "' --serve 3<>/dev/null </dev/null";
    char *argv[] = { (char *) (uintptr_t) "/bin/sh", (char *) (uintptr_t) "-c", command, NULL };
    int status = -1;

    (void) state;
    assert_true(
        g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &said, &status, NULL));
    assert_int_equal(status, 0);
}

static void the_original_gets_its_name_with_the_job(void **state)
{
    Peer peer = peer_start("profile \"renamed\" { rename { name = \"{seq:3}-{stem}\" } }\n");
    Talk talk = { 0 };

    (void) state;
    peer_job(&peer, &talk, "renamed", "2024/may", "beach.JPG", photo_file(".jpg"));
    went_well(&talk);
    assert_string_equal(talk.renamed, "042-beach.JPG");
    assert_int_equal(talk.names->len, 0);
    talk_clear(&talk);
    assert_int_equal(peer_stop(&peer), 0);
}

static const char sidecar[] =
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
    "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4' "
    "xmlns:crs='http://ns.adobe.com/camera-raw-settings/1.0/' crs:HasCrop='True'/></rdf:RDF>"
    "</x:xmpmeta>";

static void rated(const Talk *talk, const char *expected)
{
    went_well(talk);
    assert_int_equal(talk->names->len, 1);
    assert_string_equal(talk->names->pdata[0], expected);
}

static void a_sidecar_is_that_of_the_job_that_follows(void **state)
{
    Peer peer = peer_start("profile \"rated\" { save { name = \"{rating|none}.jpg\" } }\n");
    Talk with = { 0 }, without = { 0 }, damaged = { 0 };

    (void) state;
    peer_send_sidecar(&peer, "a.xmp", picture_bytes(sidecar, sizeof(sidecar) - 1));
    peer_job(&peer, &with, "rated", "", "a.jpg", photo_file(".jpg"));
    rated(&with, "4.jpg");
    assert_true(g_str_has_prefix(with.notes, "the crop in a.xmp was not applied"));
    peer_job(&peer, &without, "rated", "", "b.jpg", photo_file(".jpg"));
    rated(&without, "none.jpg");
    assert_null(strstr(without.notes, "crop"));
    peer_send_sidecar(&peer, "c.xmp", picture_bytes("?", 1));
    peer_job(&peer, &damaged, "rated", "", "c.jpg", photo_file(".jpg"));
    rated(&damaged, "none.jpg");
    assert_true(g_str_has_prefix(damaged.notes, "c.xmp is no XMP: it was not read"));
    talk_clear(&with);
    talk_clear(&without);
    talk_clear(&damaged);
    assert_int_equal(peer_stop(&peer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_saves_twice_and_tells_its_steps),
        cmocka_unit_test(a_step_is_reported_before_the_header_is_read),
        cmocka_unit_test(an_output_that_is_there_is_skipped),
        cmocka_unit_test(a_refused_output_ends_the_job_where_it_was_asked_for),
        cmocka_unit_test(the_reason_is_found_where_libvips_only_warns),
        cmocka_unit_test(each_number_comes_with_the_job),
        cmocka_unit_test(a_bad_picture_fails_and_the_next_one_is_done),
        cmocka_unit_test(any_bytes_make_a_name),
        cmocka_unit_test(a_directory_that_would_lead_out_is_made_harmless),
        cmocka_unit_test(an_unknown_profile_is_the_set_ups_fault),
        cmocka_unit_test(a_descriptor_that_was_read_before_is_read_from_its_start),
        cmocka_unit_test(many_jobs_leave_nothing_behind),
    };
    const struct CMUnitTest ends[] = {
        cmocka_unit_test(the_original_gets_its_name_with_the_job),
        cmocka_unit_test(a_sidecar_is_that_of_the_job_that_follows),
        cmocka_unit_test(it_ends_in_peace_when_the_daemon_goes_in_the_middle_of_a_job),
        cmocka_unit_test(an_answer_out_of_turn_fails_the_job_only),
        cmocka_unit_test(a_job_without_a_picture_ends_the_worker),
        cmocka_unit_test(a_profile_with_an_error_fails_its_own_jobs_only),
        cmocka_unit_test(a_worker_that_is_not_the_daemons_child_ends),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_serve", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("serve", tests, start, stop);
    failed += cmocka_run_group_tests_name("serve: the end", ends, NULL, NULL);
    libvips_stop();
    return failed;
}
