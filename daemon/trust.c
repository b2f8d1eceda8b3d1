#include "daemon/trust.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { ENTRY_BYTES = 1 << 14 };

/* Newly allocated: a name, else the number. */
static char *user_name(uid_t user)
{
    g_autofree char *buffer = g_malloc(ENTRY_BYTES);
    struct passwd entry, *found = NULL;

    if (getpwuid_r(user, &entry, buffer, ENTRY_BYTES, &found) != 0 || !found)
        return g_strdup_printf("%u", user);
    return g_strdup(found->pw_name);
}

/* sudo tells who called it; where we are root, nobody else could have. */
static bool is_caller(uid_t user)
{
    const char *caller = geteuid() == 0 ? g_getenv("SUDO_UID") : NULL;

    return caller && *caller && g_ascii_strtoull(caller, NULL, 10) == user;
}

static bool is_trusted(uid_t user)
{
    struct stat program;

    return user == 0 || user == geteuid() || is_caller(user) ||
           (stat("/proc/self/exe", &program) == 0 && program.st_uid == user);
}

static bool refuse_writable(const char *what, const char *path, Error **err)
{
    g_autofree char *shown = text_escape(path);
    g_autofree char *fix = g_strdup_printf("chmod o-w %s", shown);

    return error_set(err, ERROR_SETUP, fix,
                     "%s'%s' may be changed by everybody on this machine, and so would decide what "
                     "is done here",
                     what, shown);
}

/* In a sticky one, such as /tmp, others may not replace the file. */
static bool trust_directory(const char *file, Error **err)
{
    g_autofree char *directory = g_path_get_dirname(file);
    struct stat st;

    if (stat(directory, &st) < 0 || !(st.st_mode & S_IWOTH) || st.st_mode & S_ISVTX)
        return true;
    return refuse_writable("the directory ", directory, err);
}

bool trust_file(const char *file, Error **err)
{
    char *resolved = realpath(file, NULL);
    g_autofree char *real = g_strdup(resolved ? resolved : file);
    struct stat st;

    free(resolved);
    if (stat(file, &st) < 0 || !S_ISREG(st.st_mode))
        return true;
    if (st.st_mode & S_IWOTH)
        return refuse_writable("", file, err);
    if (!is_trusted(st.st_uid)) {
        g_autofree char *shown = text_escape(file), *owner = user_name(st.st_uid);
        g_autofree char *self = user_name(geteuid());
        g_autofree char *fix = g_strdup_printf("chown root %s", shown);
        return error_set(err, ERROR_SETUP, fix, "'%s' belongs to %s, and not to root%s%s", shown,
                         owner, geteuid() ? " or " : "", geteuid() ? self : "");
    }
    return trust_directory(file, err) && trust_directory(real, err);
}

char *trust_warning(const char *path)
{
    struct stat st;
    g_autofree char *shown = text_escape(path);

    if (stat(path, &st) < 0 || !(st.st_mode & S_IWOTH))
        return NULL;
    return g_strdup_printf("everybody on this machine may write into '%s'; if that is not meant: "
                           "chmod o-w %s",
                           shown, shown);
}
