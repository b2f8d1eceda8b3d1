/* document PART FILE - writes what is made from the programs' tables while hotfolder is built. It
 * is never installed. */
#include "document.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct Part {
    const char *name;
    void (*print)(void);
} Part;

static const Part parts[] = {
    { "catalog", document_catalog },
    { 0 },
};

/* On the file from now on. */
static bool write_to(const char *file)
{
    if (freopen(file, "w", stdout))
        return true;
    perror(file);
    return false;
}

int main(int argc, char **argv)
{
    for (const Part *part = parts; argc == 3 && part->name; part++) {
        if (strcmp(part->name, argv[1]) != 0)
            continue;
        if (!write_to(argv[2]))
            return 1;
        part->print();
        return fclose(stdout) != 0;
    }
    fputs("usage: document PART FILE; the parts are rows in document.c\n", stderr);
    return 2;
}
