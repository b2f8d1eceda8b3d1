/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/profile.h"

#include <string.h>

#include "actions/assets.h"
#include "actions/loader.h"
#include "actions/programs.h"
#include "config/conf.h"
#include "config/conf_parser.h"
#include "worker/arrange.h"
#include "worker/imports.h"

/* ---- schema ---- */

/* Sections of actions at each depth, those in branches at the next one. */
typedef struct Schema {
    ConfSection *depths[BRANCH_DEPTH_MAX + 1];
} Schema;

/* A branch that is too deep is read as text, and refused in add_steps(). */
static ConfSection action_section(const Action *action, const ConfSection *deeper)
{
    ConfSection section = { .name = action->name,
                            .aliases = action->aliases,
                            .many = true,
                            .params = action_params(action) };

    if (action->flags & ACTION_BRANCHES) {
        section.member = "action";
        section.verbatim = !deeper;
        section.sections = deeper;
    }
    return section;
}

/* A section for each action, newly allocated: the tables of the actions are the schema. */
static ConfSection *action_sections(const ConfSection *deeper)
{
    GArray *sections = g_array_new(TRUE, TRUE, sizeof(ConfSection));

    for (const Action *const *a = actions; *a; a++) {
        ConfSection section = action_section(*a, deeper);
        g_array_append_val(sections, section);
    }
    return (ConfSection *) (void *) g_array_free(sections, FALSE);
}

static bool is_step(const ConfNode *node)
{
    return node->section && node->section->params != raw_params;
}

/* What a profile holds beside those in branches: how a RAW is read. */
static ConfSection *top_sections(const ConfSection *deeper)
{
    g_autofree ConfSection *steps = action_sections(deeper);
    GArray *sections = g_array_new(TRUE, TRUE, sizeof(ConfSection));
    const ConfSection raw = { .name = "raw", .params = raw_params };

    for (const ConfSection *step = steps; step->name; step++)
        g_array_append_val(sections, *step);
    g_array_append_val(sections, raw);
    return (ConfSection *) (void *) g_array_free(sections, FALSE);
}

static Schema schema_new(void)
{
    Schema schema = { 0 };

    for (int depth = BRANCH_DEPTH_MAX; depth > 0; depth--)
        schema.depths[depth] =
            action_sections(depth < BRANCH_DEPTH_MAX ? schema.depths[depth + 1] : NULL);
    schema.depths[0] = top_sections(schema.depths[1]);
    return schema;
}

static void schema_clear(Schema *schema)
{
    for (int depth = 0; depth <= BRANCH_DEPTH_MAX; depth++)
        g_free(schema->depths[depth]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Schema, schema_clear)

const char *profile_action_meant_by(const char *name)
{
    g_autofree ConfSection *sections = action_sections(NULL);

    return schema_meant_by(&(ConfSection){ .sections = sections }, name);
}

/* ---- steps ---- */

static void step_clear(void *data)
{
    Step *step = data;

    error_free(step->failure);
    if (step->done == STEP_PREPARED && step->action->release)
        step->action->release(step->settings);
    assets_release(action_params(step->action), step->settings);
    action_clear(step->action, step->settings);
    g_free(step->settings);
}

static bool take_formula(void *user, const Param *param, const char *value, Error **err)
{
    const Step *step = user;

    return action_add_formula(step->action, step->settings, param, value, err);
}

/* The settings of a step, each on its own and then against each other. */
static Step step_read(const ConfNode *node, const ProfileSettings *profile, GPtrArray *errors)
{
    const Action *action = action_find(node->name);
    Step step = { .action = action,
                  .settings = g_malloc0(action_size(action)),
                  .line = node->line };
    guint before = errors->len;
    g_autoptr(Error) error = NULL;

    params_set_defaults(action_params(action), step.settings);
    conf_apply_formulas(node, step.settings, take_formula, &step, errors);
    conf_require(node, NULL, errors);
    if (errors->len == before && !node->invalid &&
        !action_complete(action, step.settings, profile, &error))
        conf_add_error(errors, node->file, node->line, error->fix, "%s", error->what);
    return step;
}

bool step_saves(const Step *step)
{
    return step->action->flags & ACTION_SAVES;
}

bool step_branches(const Step *step)
{
    return step->action->flags & ACTION_BRANCHES;
}

const Step *profile_step(const Profile *profile, guint index)
{
    return &g_array_index(profile->steps, Step, index);
}

/* Or may be: a formula decides for each picture. */
static bool is_enabled(const Step *step)
{
    return common_settings(step->action, step->settings)->enabled;
}

/* Adds the steps that write outputs. */
static void collect_saves(const Profile *profile, guint first, guint end, GPtrArray *saves)
{
    for (guint i = first; i < end; i = profile_step(profile, i)->next) {
        const Step *step = profile_step(profile, i);
        if (!is_enabled(step))
            continue;
        if (step->action->writes)
            g_ptr_array_add(saves, &g_array_index(profile->steps, Step, i));
        collect_saves(profile, i + 1, step->next, saves);
    }
}

/* Whether steps before it change what it does: of a copy of the original only its name, and whether
 * it is made. */
static bool shows_changes(const Step *save)
{
    g_autofree char *name = NULL;

    if (save->optional || !save->action->copies || !save->action->copies(save->settings))
        return true;
    name = save->action->writes(save->settings);
    return !name;
}

/* The same of one of the steps. */
static bool show_changes(const Profile *profile, guint first, guint end)
{
    g_autoptr(GPtrArray) saves = g_ptr_array_new();
    bool show = false;

    collect_saves(profile, first, end, saves);
    for (guint i = 0; i < saves->len; i++)
        show |= shows_changes(saves->pdata[i]);
    return show;
}

static void refuse_unsaved(const Profile *profile, const Step *step, bool in_branch,
                           GPtrArray *errors)
{
    conf_add_error(errors, profile->file, step->line,
                   "move it before a save, or add a save after it",
                   "%s has no effect: no save comes after it%s", step->action->name,
                   in_branch ? " in its branch" : "");
}

static void refuse_uncopied(const Profile *profile, const Step *step, bool in_branch,
                            GPtrArray *errors)
{
    conf_add_error(errors, profile->file, step->line,
                   "remove it, or save in another format after it",
                   "%s has no effect: after it%s the original is only copied", step->action->name,
                   in_branch ? " in its branch" : "");
}

/* Whether one of the steps writes an output, or renames the original. A branch without a save, or a
 * step after the last save of its path, or the last one that it changes, is an error of its writer.
 * Steps that are left out do not count. */
static bool check_path(const Profile *profile, guint first, guint end, GPtrArray *errors)
{
    const Step *after_save = NULL; /* the first step after the last save */
    const Step *unseen = NULL;     /* the first step after the last save that shows it */
    bool saves = false;

    for (guint i = first; i < end; i = profile_step(profile, i)->next) {
        const Step *step = profile_step(profile, i);
        if (!is_enabled(step))
            continue;
        if (step->action->flags & ACTION_RENAMES) {
            saves = true;
            continue;
        }
        bool writes = step_saves(step) || step_branches(step);
        saves |= writes;
        after_save = writes ? NULL : after_save ? after_save : step;
        if (!writes && !(step->action->flags & ACTION_METADATA)) /* which a copy says, too */
            unseen = unseen ? unseen : step;
        else if (show_changes(profile, i, step->next))
            unseen = NULL;
        if (step_branches(step) && !check_path(profile, i + 1, step->next, errors))
            conf_add_error(errors, profile->file, step->line,
                           "end it with save { name = \"{dir}/NAME/{stem}.jpg\" }, or remove it",
                           "this %s saves nothing", step->action->name);
    }
    if (saves && unseen && unseen != after_save)
        refuse_uncopied(profile, unseen, first, errors);
    if (saves && after_save)
        refuse_unsaved(profile, after_save, first, errors);
    return saves;
}

static void check_saves(const Profile *profile, GPtrArray *errors)
{
    if (!check_path(profile, 0, profile->steps->len, errors))
        conf_add_error(errors, profile->file, profile->line,
                       "end it with save { name = \"{dir}/{stem}.jpg\" }",
                       "profile \"%s\" saves nothing", profile->name);
}

/* Where no output holds them, all pictures of a file but the first would be worked on for nothing.
 */
static void check_pages(const Profile *profile, GPtrArray *errors)
{
    g_autoptr(GPtrArray) saves = g_ptr_array_new();

    collect_saves(profile, 0, profile->steps->len, saves);
    for (guint i = 0; i < saves->len; i++) {
        const Step *step = saves->pdata[i];
        if (step->action->joins && step->action->joins(step->settings))
            return;
    }
    conf_add_error(errors, profile->file, profile->line,
                   "save as tiff, webp or gif, or set pages = first",
                   "pages = all, but no save of profile \"%s\" writes a format that holds several "
                   "pictures",
                   profile->name);
}

/* The daemon refuses a second output of one name: every picture would fail. */
static void check_names(const Profile *profile, GPtrArray *errors)
{
    g_autoptr(GPtrArray) saves = g_ptr_array_new();
    g_autoptr(GHashTable) written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    collect_saves(profile, 0, profile->steps->len, saves);
    for (guint i = 0; i < saves->len; i++) {
        const Step *step = saves->pdata[i];
        /* NULL: a name that depends on more than the picture */
        g_autofree char *name = step->action->writes(step->settings);
        const Step *twin = name ? g_hash_table_lookup(written, name) : NULL;
        if (twin && !(twin->optional && step->optional)) /* else formulas may exclude one */
            conf_add_error(errors, profile->file, step->line,
                           "give each save of a profile another name, as in "
                           "{dir}/thumbs/{stem}.jpg",
                           "this %s would write the same name as that in line %d",
                           twin->action->name, twin->line);
        else if (name && !twin)
            g_hash_table_insert(written, g_steal_pointer(&name), saves->pdata[i]);
    }
}

/* ---- profiles ---- */

static void profile_free(void *data)
{
    Profile *profile = data;

    g_free(profile->name);
    g_free(profile->file);
    g_array_unref(profile->steps);
    g_free(profile);
}

static bool refuse_depth(const ConfNode *node, GPtrArray *errors)
{
    conf_add_error(errors, node->file, node->line, "move it out of the one around it",
                   "this %s is inside %d others: it is one too deep", node->name, BRANCH_DEPTH_MAX);
    return false;
}

/* Adds the steps in `node`, each branch with those in it; `optional`: a formula decides whether
 * they are done. False where one is too deep. */
static bool add_steps(Profile *profile, const ConfNode *node, bool optional, GPtrArray *errors)
{
    bool fits = true;

    for (guint i = 0; i < node->nodes->len; i++) {
        const ConfNode *part = node->nodes->pdata[i];
        if (!is_step(part))
            continue;
        Step step = step_read(part, &profile->settings, errors);
        guint at = profile->steps->len;
        step.number = at + 1;
        step.optional = optional || action_may_be_left_out(step.action, step.settings);
        g_array_append_val(profile->steps, step);
        fits = (part->section->verbatim ? refuse_depth(part, errors)
                                        : add_steps(profile, part, step.optional, errors)) &&
               fits;
        g_array_index(profile->steps, Step, at).next = profile->steps->len;
    }
    return fits;
}

static Profile *profile_read(const ConfNode *node, GPtrArray *errors)
{
    Profile *profile = g_new0(Profile, 1);
    guint before = errors->len;

    profile->name = g_strdup(node->title);
    profile->file = g_strdup(node->file);
    profile->line = node->line;
    profile->steps = g_array_new(FALSE, TRUE, sizeof(Step));
    g_array_set_clear_func(profile->steps, step_clear);
    params_set_defaults(profile_params, &profile->settings);
    conf_apply(node, &profile->settings, errors);
    params_set_defaults(raw_params, &profile->settings.raw);
    if (conf_find(node, "raw"))
        conf_apply(conf_find(node, "raw"), &profile->settings.raw, errors);
    bool fits = add_steps(profile, node, false, errors);
    if (fits && !node->invalid) /* else the save may be among the invalid steps */
        check_saves(profile, errors);
    if (!node->invalid && errors->len == before)
        check_names(profile, errors);
    if (!node->invalid && errors->len == before && profile->settings.pages == PAGES_ALL)
        check_pages(profile, errors);
    if (!node->invalid && errors->len == before) {
        arrange_steps(profile->steps);
        return profile;
    }
    profile_free(profile);
    return NULL;
}

/* The formats that a document asks for. */
typedef struct Reads {
    unsigned accept;
} Reads;

static const Param reads_params[] = {
    WORDS(Reads, accept, .choices = format_choices,
          .help = "formats that libvips must be able to read"),
    { 0 },
};

static void check_reads(const ConfNode *node, GPtrArray *errors)
{
    Reads reads = { 0 };

    conf_apply(node, &reads, errors);
    for (const Choice *format = format_choices; format->word; format++)
        if ((reads.accept & FORMAT_BIT(format->value)) &&
            !loader_make_ready((Format) format->value))
            conf_add_error(errors, node->file, node->line,
                           "remove it, or install a libvips that reads it",
                           "accept = %s: the libvips of this machine cannot read %s", format->word,
                           format_name((Format) format->value));
}

/* The daemon has checked it. */
static void add_program(const ConfNode *node, GPtrArray *errors)
{
    KnownProgram program = { 0 };

    params_set_defaults(known_program_params, &program);
    conf_apply(node, &program, errors);
    program.name = g_strdup(node->title);
    programs_add(&program);
}

GPtrArray *profiles_read(const char *document, GPtrArray *errors)
{
    g_auto(Schema) steps = schema_new();
    const ConfSection sections[] = {
        { .name = "profile",
          .member = "action",
          .titled = true,
          .many = true,
          .params = profile_params,
          .sections = steps.depths[0] },
        { .name = "reads", .many = true, .params = reads_params },
        { .name = "program", .titled = true, .many = true, .params = known_program_params },
        { .name = "import", .titled = true, .many = true, .params = import_params },
        { .name = "camera", .titled = true, .many = true, .params = camera_params },
        { 0 },
    };
    const ConfSection schema = { .member = "section",
                                 .line_directives = true,
                                 .sections = sections };
    g_autoptr(ConfNode) file = conf_read(&schema, "profiles", document, NULL, errors);
    GPtrArray *profiles = g_ptr_array_new_with_free_func(profile_free);

    imports_forget();
    for (guint i = 0; i < file->nodes->len; i++) {
        const ConfNode *node = file->nodes->pdata[i];
        Profile *profile = NULL;

        if (node->section->params == reads_params)
            check_reads(node, errors);
        else if (node->section->params == known_program_params)
            add_program(node, errors);
        else if (node->section->params == import_params)
            imports_add(node, errors);
        else if (node->section->params == camera_params)
            cameras_add(node, errors);
        else if ((profile = profile_read(node, errors)))
            g_ptr_array_add(profiles, profile);
    }
    return profiles;
}

static bool open_step(const Step *step, Error **err)
{
    return assets_open(action_params(step->action), step->settings, err);
}

/* Its settings are checked by then: what only a picture tells is not known. */
static bool prepare_step(const Step *step, Error **err)
{
    return assets_read(action_params(step->action), step->settings, err) &&
           (!step->action->prepare || step->action->prepare(step->settings, err));
}

/* Does it for each step, once. */
static void prepare_all(GPtrArray *profiles, Preparation done,
                        bool (*what)(const Step *step, Error **err), GPtrArray *errors)
{
    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = profiles->pdata[i];
        for (guint n = 0; n < profile->steps->len; n++) {
            Step *step = &g_array_index(profile->steps, Step, n);
            g_autoptr(Error) error = NULL;
            if (step->failure || step->done >= done)
                continue;
            step->done = done;
            if (what(step, &error))
                continue;
            conf_add_error(errors, profile->file, step->line, error->fix, "%s", error->what);
            step->failure = g_steal_pointer(&error);
        }
    }
}

void profiles_open(GPtrArray *profiles, GPtrArray *errors)
{
    prepare_all(profiles, STEP_OPENED, open_step, errors);
}

void profiles_prepare(GPtrArray *profiles, GPtrArray *errors)
{
    profiles_open(profiles, errors);
    prepare_all(profiles, STEP_PREPARED, prepare_step, errors);
    profiles_check_inks(profiles, errors);
}

static bool refuse_text(const Step *step, Error **err)
{
    return !(step->action->flags & ACTION_FONTS) ||
           error_set(err, ERROR_CONFIG, "use a kernel that has landlock, or leave the step out",
                     "%s: no font can be read in the workers' sandbox", step->action->name);
}

void profiles_refuse_text(GPtrArray *profiles, GPtrArray *errors)
{
    prepare_all(profiles, STEP_CONFINED, refuse_text, errors);
}

bool profiles_draw_text(const GPtrArray *profiles)
{
    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = profiles->pdata[i];
        for (guint n = 0; n < profile->steps->len; n++)
            if (g_array_index(profile->steps, Step, n).action->flags & ACTION_FONTS)
                return true;
    }
    return false;
}

unsigned profiles_longest(const GPtrArray *profiles)
{
    unsigned longest = 0;

    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = profiles->pdata[i];
        longest = MAX(longest, profile->steps->len);
    }
    return longest;
}

const Profile *profile_find(const GPtrArray *profiles, const char *name)
{
    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = profiles->pdata[i];
        if (!strcmp(profile->name, name))
            return profile;
    }
    return NULL;
}
