/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory is claimed by one process, as long as that lives. */
#include <signal.h>
#include <sys/wait.h>

#include "daemon/folders/claim.h"
#include "tests/unit/check.h"

static char *top;

static int set_up(void **state)
{
    (void) state;
    top = check_mkdir();
    check_write(top, "inner/deep/a.txt", "");
    check_write(top, "done/a.txt", "");
    check_write(top, "beside/a.txt", "");
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    claims_retain(NULL);
    check_rmdir(top);
    return 0;
}

static bool claims(const char *below, bool recursive, Originals originals, char **reason)
{
    g_autofree char *path = g_build_filename(top, below, NULL);
    char name[] = "inbox";
    const Folder folder = {
        .name = name, .path = path, .recursive = recursive, .originals = originals
    };
    g_autoptr(Error) error = NULL;
    bool claimed = claim_folder(&folder, &error);

    assert_int_equal(claimed, error == NULL);
    if (reason)
        *reason = error ? error_text(error) : g_strdup("");
    return claimed;
}

/* Another process, which claims the directory and waits for its end. */
static pid_t other_with(const char *below, bool recursive)
{
    int ready[2];
    char byte = 0;

    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        byte = claims(below, recursive, ORIGINALS_DONE, NULL) ? 'y' : 'n';
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(byte, 'y');
    return child;
}

/* Killed, so that it removes nothing. */
static void end(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_another_process_has_claimed_is_refused_until_it_ends(void **state)
{
    pid_t other = other_with("", true);
    g_autofree char *reason = NULL;
    g_autofree char *named = g_strdup_printf("another hotfolder (process %d of user ", (int) other);

    (void) state;
    assert_false(claims("", true, ORIGINALS_DONE, &reason));
    assert_true(g_str_has_prefix(reason, named));
    assert_non_null(strstr(reason, top));
    end(other);
    assert_true(claims("", true, ORIGINALS_DONE, NULL));
    assert_true(claims("", true, ORIGINALS_DONE, NULL)); /* it has it already */
}

static void a_directory_in_what_another_one_watches_is_refused(void **state)
{
    pid_t other = other_with("", true);

    (void) state;
    assert_false(claims("inner/deep", true, ORIGINALS_KEEP, NULL));
    assert_true(claims("done", true, ORIGINALS_KEEP, NULL)); /* nothing there is watched */
    end(other);
    other = other_with("inner", false);
    assert_false(claims("", true, ORIGINALS_KEEP, NULL));
    assert_true(claims("inner/deep", true, ORIGINALS_KEEP, NULL)); /* it watches only its top */
    assert_true(claims("beside", true, ORIGINALS_KEEP, NULL));
    end(other);
}

static void a_batch_claims_nothing(void **state)
{
    pid_t other = other_with("", true);

    (void) state;
    assert_true(claims("", true, ORIGINALS_UNTOUCHED, NULL));
    end(other);
    assert_true(claims("", true, ORIGINALS_UNTOUCHED, NULL));
    end(other_with("", true)); /* which asserts that it can claim it */
}

static void a_claim_says_which_service_has_it(void **state)
{
    g_autofree char *config = g_canonicalize_filename("here.conf", NULL);
    g_autofree char *inner = g_build_filename(top, "inner", NULL);
    pid_t other = other_with("inner", false);
    g_autoptr(GPtrArray) claims = claims_read();
    guint i = 0;

    (void) state;
    while (i < claims->len && ((const Claim *) claims->pdata[i])->pid != other)
        i++;
    assert_true(i < claims->len);
    const Claim *found = claims->pdata[i];
    assert_int_equal(found->user, geteuid());
    assert_false(found->recursive);
    assert_string_equal(found->path, inner);
    assert_string_equal(found->folder, "inbox");
    assert_string_equal(found->config, config);
    end(other);
}

static void a_claim_ends_with_its_folder(void **state)
{
    g_autoptr(Settings) settings = settings_new("x.conf");
    g_autofree char *path = g_build_filename(top, "inner", NULL);
    Folder *folder = g_new0(Folder, 1);

    (void) state;
    folder->path = g_steal_pointer(&path);
    g_ptr_array_add(settings->folders, folder);
    assert_true(claims("inner", true, ORIGINALS_DONE, NULL));
    assert_true(claims("beside", true, ORIGINALS_DONE, NULL));
    claims_retain(settings);
    end(other_with("beside", true));
    claims_retain(NULL);
    end(other_with("inner", true));
}

int main(void)
{
    claims_set_service("here.conf", "run");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_another_process_has_claimed_is_refused_until_it_ends,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_in_what_another_one_watches_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_batch_claims_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_claim_says_which_service_has_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_claim_ends_with_its_folder, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
