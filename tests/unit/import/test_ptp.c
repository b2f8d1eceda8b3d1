/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A camera is libgphoto2's driver for a directory, behind the real hotfolder-ptp. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/import/ptp.h"
#include "tests/unit/check.h"

static const Import import = { .other = IMPORT_OTHER_COPY };
static const volatile int stop;

typedef struct House {
    char *top, *camera, *spool, *port;
} House;

static void put(const House *house, const char *name, const char *bytes)
{
    g_autofree char *path = g_build_filename(house->camera, name, NULL);
    g_autofree char *directory = g_path_get_dirname(path);

    assert_int_equal(g_mkdir_with_parents(directory, 0755), 0);
    assert_true(g_file_set_contents(path, bytes, -1, NULL));
}

static int set_up(void **state)
{
    House *house = g_new0(House, 1);

    house->top = g_dir_make_tmp("hotfolder-ptp.XXXXXX", NULL);
    house->camera = g_build_filename(house->top, "camera", NULL);
    house->spool = g_build_filename(house->top, "spool", NULL);
    house->port = g_strconcat("disk:", house->camera, NULL);
    assert_int_equal(g_mkdir_with_parents(house->spool, 0755), 0);
    put(house, "DCIM/100EOS/IMG_0001.JPG", "the first one");
    put(house, "DCIM/100EOS/IMG_0002.JPG", "the second one, which is longer");
    put(house, "DCIM/101EOS/IMG_0001.CR2", "raw");
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    House *house = *state;
    g_autofree char *command = g_strdup_printf("rm -r %s", house->top);

    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    g_free(house->top);
    g_free(house->camera);
    g_free(house->spool);
    g_free(house->port);
    g_free(house);
    return 0;
}

static Ptp *camera_of(const House *house)
{
    g_autoptr(Error) error = NULL;
    Ptp *ptp = ptp_open(house->port, house->spool, &stop, &error);

    if (!ptp)
        fail_msg("%s", error->what);
    return ptp;
}

static Card *list(const Ptp *ptp)
{
    const ImportSource *source = ptp_source(ptp);
    g_autoptr(Error) error = NULL;
    Card *card = NULL;

    if (!source->list(source->files.user, &import, &card, &error))
        fail_msg("%s", error->what);
    return card;
}

static const CardFile *file_of(const Card *card, const char *path)
{
    for (guint i = 0; i < card->files->len; i++) {
        const CardFile *file = card->files->pdata[i];
        if (!strcmp(file->path, path))
            return file;
    }
    fail_msg("the card has no %s", path);
    return NULL;
}

/* What an open of the file gives; "" with *error where it cannot be opened. Newly allocated. */
static char *read_of(const Ptp *ptp, const CardFile *file, Error **error)
{
    const ImportSource *source = ptp_source(ptp);
    char bytes[100] = "";
    int fd = source->files.open(source->files.user, file, error);

    if (fd >= 0) {
        assert_true(read(fd, bytes, sizeof(bytes) - 1) >= 0);
        close(fd);
    }
    return g_strdup(bytes);
}

static void assert_gives(const Ptp *ptp, const CardFile *file, const char *bytes)
{
    g_autoptr(Error) error = NULL;
    g_autofree char *given = read_of(ptp, file, &error);

    if (error)
        fail_msg("%s", error->what);
    assert_string_equal(given, bytes);
}

/* Ends hotfolder-ptp, which is our only child. */
static void unplug(void)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", getpid());
    g_autofree char *children = NULL;

    assert_true(g_file_get_contents(path, &children, NULL, NULL));
    assert_true(atoi(children) > 0);                    /* NOLINT(cert-err34-c) */
    assert_int_equal(kill(atoi(children), SIGKILL), 0); /* NOLINT(cert-err34-c) */
}

static void every_file_of_a_camera_is_listed_and_read(void **state)
{
    g_autoptr(Ptp) ptp = camera_of(*state);
    g_autoptr(Card) card = list(ptp);

    assert_int_equal(card->files->len, 3);
    assert_int_equal(card->unreadable->len, 0);
    const CardFile *second = file_of(card, "DCIM/100EOS/IMG_0002.JPG");
    assert_int_equal(second->size, strlen("the second one, which is longer"));
    assert_true(second->mtime_ns > 0);
    assert_gives(ptp, second, "the second one, which is longer");
    assert_gives(ptp, file_of(card, "DCIM/101EOS/IMG_0001.CR2"), "raw");
    assert_true(ptp_source(ptp)->is_of_camera);
    /* A second open begins at the first byte, too. */
    assert_gives(ptp, second, "the second one, which is longer");
}

static void a_camera_that_was_gone_is_connected_again(void **state)
{
    g_autoptr(Ptp) ptp = camera_of(*state);
    g_autoptr(Card) card = list(ptp);

    unplug();
    assert_gives(ptp, file_of(card, "DCIM/100EOS/IMG_0001.JPG"), "the first one");
    assert_true(ptp_source(ptp)->files.is_there(ptp_source(ptp)->files.user));
}

static void a_camera_that_comes_back_with_other_files_is_another_card(void **state)
{
    g_autoptr(Ptp) ptp = camera_of(*state);
    g_autoptr(Card) card = list(ptp);
    g_autoptr(Error) error = NULL;

    put(*state, "DCIM/100EOS/IMG_0003.JPG", "new");
    unplug();
    g_autofree char *given = read_of(ptp, file_of(card, "DCIM/100EOS/IMG_0001.JPG"), &error);
    assert_non_null(error);
    assert_non_null(strstr(error->what, "has other files than before"));
    assert_string_equal(given, "");
    assert_false(ptp_source(ptp)->files.is_there(ptp_source(ptp)->files.user));
}

static void a_file_that_has_become_another_one_is_refused(void **state)
{
    g_autoptr(Ptp) ptp = camera_of(*state);
    g_autoptr(Card) card = list(ptp);
    g_autoptr(Error) error = NULL;

    put(*state, "DCIM/100EOS/IMG_0001.JPG", "it");
    g_autofree char *given = read_of(ptp, file_of(card, "DCIM/100EOS/IMG_0001.JPG"), &error);
    assert_non_null(error);
    assert_non_null(strstr(error->what, "another number of bytes"));
    assert_string_equal(given, "");
}

static void a_port_without_a_camera_is_an_error_at_once(void **state)
{
    const House *house = *state;
    g_autoptr(Error) error = NULL;

    assert_null(ptp_open("usb:250,250", house->spool, &stop, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "no camera is at usb:250,250"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_file_of_a_camera_is_listed_and_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_camera_that_was_gone_is_connected_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_camera_that_comes_back_with_other_files_is_another_card,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_has_become_another_one_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_port_without_a_camera_is_an_error_at_once, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
