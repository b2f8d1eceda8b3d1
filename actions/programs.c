/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/programs.h"

#include <string.h>

#include "base/text.h"

static GPtrArray *known; /* of KnownProgram; NULL: none. They live as long as the process. */

const Param known_program_params[] = {
    CHOICE(KnownProgram, takes, .choices = format_choices, .help = "what it gets"),
    CHOICE(KnownProgram, gives, .choices = format_choices, .help = "what it makes"),
    REAL(KnownProgram, grows, .def = "1", .min = 1, .max = 16,
         .help = "how many times as large its result may be"),
    BOOL(KnownProgram, alpha, .def = "no", .help = "whether its result may be transparent"),
    { 0 },
};

void programs_add(const KnownProgram *program)
{
    KnownProgram *kept = g_new(KnownProgram, 1);

    *kept = *program;
    if (!known)
        known = g_ptr_array_new();
    g_ptr_array_add(known, kept);
}

const KnownProgram *programs_find(const char *name)
{
    for (guint i = 0; known && i < known->len; i++) {
        const KnownProgram *program = known->pdata[i];
        if (!strcmp(program->name, name))
            return program;
    }
    return NULL;
}

char *programs_advice(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; known && i < known->len; i++)
        g_ptr_array_add(names, ((KnownProgram *) known->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    const char *near = text_closest(name, (const char *const *) names->pdata);
    if (near)
        return g_strdup_printf("did you mean %s?", near);
    if (names->len == 1)
        return g_strdup("write program \"NAME\" { run = { ... } } in the configuration: "
                        "hotfolder.conf(5)");
    g_autofree char *all = g_strjoinv(", ", (char **) names->pdata);
    return g_strdup_printf("choose one of: %s", all);
}
