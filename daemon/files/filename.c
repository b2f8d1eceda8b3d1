#include "daemon/files/filename.h"

#include <glib.h>
#include <string.h>

enum { NAME_BYTES = 255, LONGEST_EXTENSION = 16 };

void filename_split(const char *path, char **dir, char **name)
{
    const char *slash = strrchr(path, '/');

    *dir = slash ? g_strndup(path, (gsize) (slash - path)) : g_strdup("");
    *name = g_strdup(slash ? slash + 1 : path);
}

char *filename_join(const char *dir, const char *name)
{
    return *dir ? g_strdup_printf("%s/%s", dir, name) : g_strdup(name);
}

char *filename_with_tail(const char *name, size_t length, const char *tail)
{
    size_t room = NAME_BYTES - strlen(tail), cut = MIN(length, room);

    /* not inside of a character, where the name is made of them */
    for (int i = 0; cut < length && cut && i < 3 && ((unsigned char) name[cut] & 0xc0) == 0x80; i++)
        cut--;
    return g_strdup_printf("%.*s%s", (int) cut, name, tail);
}

char *filename_numbered(const char *name, unsigned number)
{
    const char *dot = strrchr(name, '.');
    g_autofree char *tail = NULL;

    if (!number)
        return g_strdup(name);
    if (!dot || dot == name || strlen(dot) > LONGEST_EXTENSION)
        dot = name + strlen(name);
    tail = g_strdup_printf("-%u%s", number, dot);
    return filename_with_tail(name, (size_t) (dot - name), tail);
}
