/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A helper that runs programs, as the daemon sees it: the test is the helper. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/process/program.h"
#include "tests/unit/check.h"
#include "wire/program.h"
#include "wire/wire.h"

static const char *const formats[PROGRAM_COUNT] = PROGRAM_FORMATS;

static char *run[] = { (char[]){ "/bin/true" }, (char[]){ "{in}" }, NULL };
static const Program program = {
    .name = (char[]){ "some" }, .run = run, .takes = FORMAT_PNG, .gives = FORMAT_PNG
};

static int listening(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    assert_false(bind(fd, (const struct sockaddr *) &address, sizeof(address)));
    assert_false(listen(fd, 1));
    return fd;
}

static int memory(unsigned flags)
{
    int fd = memfd_create("result", MFD_CLOEXEC | flags);

    assert_true(fd >= 0);
    return fd;
}

static int sealed(int seals)
{
    int fd = memory(MFD_ALLOW_SEALING);

    assert_false(fcntl(fd, F_ADD_SEALS, seals));
    return fd;
}

/* What the daemon makes of a result, which is closed. */
static bool takes(const char *path, int listener, int result)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(GVariant) body = NULL;
    int picture = memory(0), passed = -1, got = -1;
    unsigned type = 0;

    setenv("HOTFOLDER_PROGRAM_SOCKET", path, 1); /* NOLINT(concurrency-mt-unsafe) */
    g_autoptr(Helper) helper = helper_ask(&program, picture, 1000, 1000, &error);
    assert_non_null(helper);
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(wire_receive(client, formats, PROGRAM_COUNT, 0, &type, &body, &passed, &error));
    assert_int_equal(type, PROGRAM_RUN);
    assert_true(wire_send(client, PROGRAM_DONE, g_variant_new("()"), result, &error));
    bool taken = helper_take(helper, &program, &got, &error);
    assert_true(taken == (got >= 0));
    if (!taken)
        assert_string_equal(error->what, "hotfolder-program sent an answer that is not valid");
    else
        close(got);
    close(client);
    close(passed);
    close(picture);
    close(result);
    return taken;
}

static void a_result_that_could_still_change_is_refused(void **state G_GNUC_UNUSED)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "socket", NULL);
    g_autofree char *file = g_build_filename(dir, "file", NULL);
    int listener = listening(path), pipe_ends[2];

    assert_true(takes(path, listener, sealed(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)));
    assert_false(takes(path, listener, sealed(F_SEAL_SHRINK | F_SEAL_GROW)));
    assert_false(takes(path, listener, memory(0)));
    assert_false(takes(path, listener, open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600)));
    assert_false(pipe2(pipe_ends, O_CLOEXEC));
    assert_false(takes(path, listener, pipe_ends[0]));
    close(pipe_ends[1]);
    close(listener);
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_that_could_still_change_is_refused),
    };

    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
