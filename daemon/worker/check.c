/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions/runner.h"
#include "actions/warm_up.h"
#include "base/text.h"
#include "worker/document.h"
#include "worker/imports.h"
#include "worker/order.h"
#include "worker/profile.h"
#include "worker/sandbox.h"

static void print_error(const Error *error)
{
    g_autofree char *where = text_escape(error->where);
    g_autofree char *what = text_escape(error->what);
    g_autofree char *fix = text_escape(error->fix ? error->fix : "");

    printf("%s\x1f%s\x1f%s\n", where, what, fix);
}

static void print_files(const Profile *profile, const Step *step)
{
    for (const Param *param = action_params(step->action); param->type != PARAM_END; param++) {
        const char *path = param_file(param, step->settings);
        if (!path)
            continue;
        g_autofree char *where = text_escape(profile->file), *shown = g_strescape(path, NULL);
        printf("%s:%d\x1f%s\n", where, step->line, shown);
        if (param->type == PARAM_TRACK)
            printf("track\x1f%s\n", shown);
    }
}

/* The file system of a folder's output may not take the name. */
static void print_name(const Profile *profile, const Step *step)
{
    g_autofree char *name = step->action->sample ? step->action->sample(step->settings) : NULL;

    if (!name)
        return;
    g_autofree char *where = text_escape(profile->file), *shown = g_strescape(name, NULL);
    g_autofree char *title = text_escape(profile->name);
    printf("name\x1f%s:%d\x1f%s\x1f%s\n", where, step->line, title, shown);
}

/* The folder may leave its originals where they are. */
static void print_rename(const Profile *profile, const Step *step)
{
    if (!(step->action->flags & ACTION_RENAMES) || runner_skips(step->action, step->settings))
        return;
    g_autofree char *where = text_escape(profile->file), *title = text_escape(profile->name);
    printf("renames\x1f%s:%d\x1f%s\x1f%s\n", where, step->line, title, step->action->name);
}

static void print_losses(const Profile *profile, const Step *step)
{
    g_autofree char *loses = step->action->loses ? step->action->loses(step->settings) : NULL;

    if (!loses)
        return;
    g_autofree char *where = text_escape(profile->file), *title = text_escape(profile->name);
    printf("loses\x1f%s:%d\x1f%s\x1f%s\n", where, step->line, title, loses);
}

static void print_advice(const Step *step, const Profile *profile, const Error *advice)
{
    g_autofree char *where = text_escape(profile->file), *what = text_escape(advice->what);
    g_autofree char *fix = text_escape(advice->fix ? advice->fix : "");
    printf("advice\x1f%s:%d\x1f%s\x1f%s\n", where, step->line, what, fix);
}

static bool advised(const Action *action, const void *settings, const void *none G_GNUC_UNUSED,
                    Error **err)
{
    return action_advise(action, settings, err);
}

static void advise(const Step *step, const Profile *profile)
{
    g_autoptr(Error) advice = NULL;

    if (!action_check_samples(step->action, step->settings, advised, NULL, &advice))
        print_advice(step, profile, advice);
}

/* `user`: the Shape. */
static bool advised_on(const Action *action, const void *settings, const void *user, Error **err)
{
    g_autoptr(Error) none = NULL;
    g_autofree void *finished = action_finished(action, settings, NULL, user, &none);

    return !action->advise_on || action->advise_on(finished, user, err);
}

/* Where others of the profile hold all pictures of a file. */
static void advise_on_pages(const Profile *profile, const Step *step)
{
    g_autoptr(Error) advice = NULL;

    if (profile->settings.pages != PAGES_ALL || !step->action->joins ||
        step->action->joins(step->settings))
        return;
    error_set(&advice, ERROR_CONFIG, "save as tiff, webp or gif, unless the first one is enough",
              "pages = all, but this %s writes a format that holds one picture: of a file of "
              "several it gets the first",
              step->action->name);
    print_advice(step, profile, advice);
}

/* False where the step can make nothing of that shape. */
static bool advise_on_step(const Profile *profile, const Step *step, Shape *shape)
{
    g_autoptr(Error) advice = NULL, none = NULL;
    g_autofree void *finished = action_finished(step->action, step->settings, NULL, shape, &none);

    if (step->failure || runner_skips(step->action, finished))
        return true;
    print_losses(profile, step);
    if (!action_check_samples(step->action, step->settings, advised_on, shape, &advice))
        print_advice(step, profile, advice);
    advise_on_pages(profile, step);
    return runner_plan(step->action, finished, shape, &none);
}

/* On what the steps make of a photo; where they can make nothing of its size, its own picture says
 * so. */
static void advise_on_steps(const Profile *profile, guint first, guint end, Shape shape)
{
    bool good = true;

    for (guint i = first; good && i < end; i = profile_step(profile, i)->next) {
        const Step *step = profile_step(profile, i);
        if (!step_branches(step))
            good = advise_on_step(profile, step, &shape);
        else if (!runner_skips(step->action, step->settings))
            advise_on_steps(profile, i + 1, step->next, shape);
    }
}

static void print_fonts(const GPtrArray *profiles)
{
    if (profiles_draw_text(profiles))
        puts("fonts\x1f");
}

/* The files that the profiles name, which the daemon's own sandbox must not hide; and the outputs.
 */
static void print_names(const GPtrArray *profiles)
{
    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = profiles->pdata[i];
        for (guint n = 0; n < profile->steps->len; n++) {
            print_files(profile, &g_array_index(profile->steps, Step, n));
            print_name(profile, &g_array_index(profile->steps, Step, n));
            print_rename(profile, &g_array_index(profile->steps, Step, n));
            advise(&g_array_index(profile->steps, Step, n), profile);
        }
        advise_on_steps(profile, 0, profile->steps->len, profile_photo);
        order_advise(profile, print_advice);
    }
}

/* As in --serve (see serve.c): a watermark is decoded here first, and by root if root checks the
 * configuration. What the sandbox lacks is the same in --serve. */
static void enter_sandbox(bool fonts, GString *lacks)
{
    warm_reserve_code(0);
    fonts = sandbox_close_paths(fonts, lacks);
    warm_up();
    sandbox_close_calls(fonts, lacks);
}

bool check_print(const GPtrArray *profiles, const GPtrArray *errors, const char *lacks)
{
    if (*lacks)
        printf("\x1f%s\n", lacks);
    for (guint i = 0; i < errors->len; i++)
        print_error(errors->pdata[i]);
    print_fonts(profiles);
    print_names(profiles);
    return fflush(stdout) == 0;
}

int worker_check(void)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(GString) lacks = g_string_new(NULL);
    g_autoptr(Error) error = NULL;
    g_autofree char *document = document_read();

    if (!document) {
        fprintf(stderr, "hotfolder-worker: cannot read the profiles: %s\n", g_strerror(errno));
        return 2;
    }
    if (!libvips_start("hotfolder-worker", &error)) {
        fprintf(stderr, "hotfolder-worker: %s\n", error->what);
        return 2;
    }
    profiles = profiles_read(document, errors);
    profiles_open(profiles, errors);
    enter_sandbox(profiles_draw_text(profiles), lacks);
    profiles_prepare(profiles, errors);
    bool printed = check_print(profiles, errors, lacks->str);
    g_clear_pointer(&profiles, g_ptr_array_unref);
    imports_forget();
    libvips_stop();
    return !printed ? 2 : errors->len ? 1 : 0;
}
