/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an errno says of the cause: a picture is blamed for none of the machine's troubles. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "tests/unit/check.h"

static void the_cause_of_an_errno_is_known(void **state)
{
    static const struct {
        int code;
        ErrorKind kind;
        const char *fix; /* a part of it; NULL: none */
    } rows[] = {
        { ENOSPC, ERROR_ENVIRONMENT, "free some space" },
        { EMFILE, ERROR_ENVIRONMENT, "LimitNOFILE=" },
        { ENFILE, ERROR_ENVIRONMENT, "fs.file-max" },
        { EIO, ERROR_ENVIRONMENT, NULL },
        { EACCES, ERROR_CONFIG, "the right to do this" },
        { ENOMEM, ERROR_MEMORY, NULL },
        { EINTR, ERROR_TRANSIENT, NULL },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;

        assert_false(error_errno(&error, rows[i].code, "cannot open '%s'", "a.jpg"));
        assert_int_equal(error->kind, rows[i].kind);
        assert_true(g_str_has_prefix(error->what, "cannot open 'a.jpg': "));
        assert_true(strstr(error->what, g_strerror(rows[i].code)));
        assert_int_equal(!error->fix, !rows[i].fix);
        if (error->fix && rows[i].fix)
            assert_non_null(strstr(error->fix, rows[i].fix));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cause_of_an_errno_is_known),
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
