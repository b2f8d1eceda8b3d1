/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/programs.h"

#include <string.h>

#include "base/text.h"
#include "daemon/files/trust.h"
#include "daemon/settings/tables.h"

enum { SHOWN_MAX = 60, NAME_LENGTH = 64 };

/* The word for the path of the picture's file, as wire/program.h has it. */
static const char input[] = "{in}";

static void refuse(Draft *draft, const ConfNode *node, const char *setting, const char *fix,
                   const char *what)
{
    const ConfNode *at = conf_find(node, setting);

    at = at ? at : node;
    conf_add_error(draft->errors, at->file, at->line, fix, "%s: %s", setting, what);
}

/* It goes into a document, and into messages. */
static bool is_name(const char *title)
{
    size_t length = strspn(title, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-_.+");

    return length && length <= NAME_LENGTH && !title[length];
}

static void check_title(Draft *draft, const ConfNode *node)
{
    g_autofree char *shown = text_value(node->title, SHOWN_MAX);

    if (!is_name(node->title))
        conf_add_error(draft->errors, node->file, node->line,
                       "name it with letters, digits and - _ . +",
                       "program %s: this is no name of a program", shown);
}

/* Messages between processes have them as text. */
static void check_words(Draft *draft, const ConfNode *node, char *const *run)
{
    for (; run && *run; run++) {
        g_autofree char *shown = text_value(*run, SHOWN_MAX);
        g_autofree char *what = g_strdup_printf("%s is not UTF-8", shown);
        if (!g_utf8_validate(*run, -1, NULL))
            refuse(draft, node, "run", "write a script that has it, and name that", what);
    }
}

void draft_check_program(Draft *draft, const ConfNode *node, char *const *run, const char *example)
{
    g_autoptr(Error) error = NULL;

    check_words(draft, node, run);
    if (!run || !*run) {
        g_autofree char *fix = g_strdup_printf("give { \"/path/of/a/program\"%s }", example);
        refuse(draft, node, "run", fix, "it is empty");
    } else if (**run != '/') {
        g_autofree char *shown = text_value(*run, SHOWN_MAX);
        g_autofree char *what = g_strdup_printf("%s is not the whole path of a program", shown);
        refuse(draft, node, "run", "begin it with /, as in \"/usr/bin/pngquant\"", what);
    } else if (!trust_program(*run, &error)) {
        refuse(draft, node, "run", error->fix, error->what);
    }
}

static void check_run(Draft *draft, const ConfNode *node, char **run)
{
    bool takes = !run || !*run; /* that it is empty was said */

    for (char **word = run; !takes && *word; word++)
        takes = word != run && strstr(*word, input);
    draft_check_program(draft, node, run, ", \"{in}\", \"{out}\"");
    if (!takes)
        refuse(draft, node, "run", "add \"{in}\" where the program expects the file to read",
               "no argument has {in}, so that the program never gets the picture");
}

static Program *program_new(const char *name, ProgramSettings *settings)
{
    Program *program = g_new0(Program, 1);

    program->name = g_strdup(name);
    program->run = g_steal_pointer(&settings->run);
    program->takes = (Format) settings->takes;
    program->gives = (Format) settings->gives;
    program->grows = settings->grows;
    program->alpha = settings->alpha;
    program->deadline_ms = settings->deadline;
    return program;
}

static void add_program(Draft *draft, const ConfNode *node)
{
    ProgramSettings settings = { 0 };
    guint before = draft->errors->len;

    params_set_defaults(program_settings, &settings);
    conf_apply(node, &settings, draft->errors);
    conf_require(node, NULL, draft->errors);
    check_title(draft, node);
    if (conf_find(node, "run"))
        check_run(draft, node, settings.run);
    if (draft->errors->len == before && !node->invalid)
        g_ptr_array_add(draft->settings->programs, program_new(node->title, &settings));
    params_clear(program_settings, &settings);
}

void draft_add_programs(Draft *draft)
{
    for (guint i = 0; i < draft->files->nodes->len; i++) {
        const ConfNode *node = draft->files->nodes->pdata[i];
        if (!strcmp(node->name, "program"))
            add_program(draft, node);
    }
}

char *programs_document(const GPtrArray *programs)
{
    GString *document = g_string_new(NULL);

    for (guint i = 0; i < programs->len; i++) {
        const Program *program = programs->pdata[i];
        char grows[G_ASCII_DTOSTR_BUF_SIZE];

        g_ascii_dtostr(grows, sizeof(grows), program->grows);
        g_string_append_printf(document,
                               "program \"%s\" { takes = %s gives = %s grows = %s alpha = %s }\n",
                               program->name, format_word(program->takes),
                               format_word(program->gives), grows, program->alpha ? "yes" : "no");
    }
    return g_string_free(document, FALSE);
}
