/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>
#include <unistd.h>

#include "base/user.h"

static Error *error_new(ErrorKind kind, const char *fix, char *what)
{
    Error *error = g_new0(Error, 1);

    error->kind = kind;
    error->what = what;
    error->fix = g_strdup(fix);
    return error;
}

bool error_set(Error **err, ErrorKind kind, const char *fix, const char *format, ...)
{
    va_list args;

    g_assert(err && !*err);
    va_start(args, format);
    *err = error_new(kind, fix, g_strdup_vprintf(format, args));
    va_end(args);
    return false;
}

static ErrorKind kind_of_errno(int code)
{
    switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
    case EIO:
    case ESTALE:
    case ENOTCONN:
    case ENODEV:
    case ENXIO:
    case EHOSTDOWN:
    case EMFILE:
    case ENFILE:
        return ERROR_ENVIRONMENT;
    case EACCES:
    case EPERM:
        return ERROR_CONFIG;
    case ENOMEM:
        return ERROR_MEMORY;
    default:
        return ERROR_TRANSIENT;
    }
}

/* The remedy, newly allocated, or NULL. Where the sandbox of a unit may be the cause, the unit sets
 * $HOTFOLDER_DROPIN to the command that opens it. */
static char *fix_of_errno(int code)
{
    const char *dropin = g_getenv("HOTFOLDER_DROPIN");
    g_autofree char *user = NULL;

    switch (code) {
    case ENOSPC:
        return g_strdup("free some space on that file system; hotfolder then continues");
    case EDQUOT:
        return g_strdup("raise the quota or remove files; hotfolder then continues");
    case EROFS:
        return dropin ? g_strdup_printf("run `%s` and restart the service; if that does not help, "
                                        "mount the file system writable",
                                        dropin)
                      : g_strdup("mount the file system writable");
    case EMFILE:
        return g_strdup("raise the limit of open files (LimitNOFILE=)");
    case ENFILE:
        return g_strdup("raise the system's limit of open files (sysctl fs.file-max)");
    case EACCES:
    case EPERM:
        user = user_name(geteuid());
        return g_strdup_printf("give the user '%s' the right to do this%s%s%s", user,
                               dropin ? "; in a home directory, run `" : "", dropin ? dropin : "",
                               dropin ? "` and restart the service too" : "");
    default:
        return NULL;
    }
}

bool error_errno(Error **err, int code, const char *format, ...)
{
    g_autofree char *subject = NULL, *fix = fix_of_errno(code);
    va_list args;

    g_assert(err && !*err);
    va_start(args, format);
    subject = g_strdup_vprintf(format, args);
    va_end(args);
    *err =
        error_new(kind_of_errno(code), fix, g_strdup_printf("%s: %s", subject, g_strerror(code)));
    return false;
}

bool error_set_where(Error **err, const char *format, ...)
{
    va_list args;

    if ((*err)->where)
        return false;

    va_start(args, format);
    (*err)->where = g_strdup_vprintf(format, args);
    va_end(args);
    return false;
}

char *error_text(const Error *error)
{
    return g_strdup_printf("%s%s%s%s%s", error->where ? error->where : "", error->where ? ": " : "",
                           error->what, error->fix ? "; " : "", error->fix ? error->fix : "");
}

static const char *const kind_words[] = {
    [ERROR_TRANSIENT] = "transient",     [ERROR_MEMORY] = "memory",
    [ERROR_PICTURE] = "picture",         [ERROR_CONFIG] = "config",
    [ERROR_ENVIRONMENT] = "environment", [ERROR_TAKEN] = "taken",
    [ERROR_INTERNAL] = "internal",
};

const char *error_kind_word(ErrorKind kind)
{
    return kind_words[kind];
}

ErrorKind error_kind_from_word(const char *word)
{
    for (ErrorKind kind = ERROR_TRANSIENT; kind < ERROR_INTERNAL; kind++)
        if (!g_strcmp0(word, kind_words[kind]))
            return kind;
    return ERROR_INTERNAL;
}

Error *error_copy(const Error *error)
{
    Error *copy = g_new0(Error, 1);

    copy->kind = error->kind;
    copy->what = g_strdup(error->what);
    copy->where = g_strdup(error->where);
    copy->fix = g_strdup(error->fix);
    copy->uncertain = error->uncertain;
    return copy;
}

void error_free(Error *error)
{
    if (!error)
        return;
    g_free(error->what);
    g_free(error->where);
    g_free(error->fix);
    g_free(error);
}
