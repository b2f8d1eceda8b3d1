/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/actions/desk.h"

#include <sys/mman.h>
#include <unistd.h>

#include "actions/programs.h"
#include "actions/runner.h"
#include "tests/actions/check.h"
#include "worker/render.h"

static void close_file(void *file)
{
    close(*(int *) file);
}

static const SourceNames origin = { "web",       "inbox",    "2024/may",
                                    "beach.JPG", 1714566659, { 7, 3, 5, 20240501 } };

Desk *desk_new(void)
{
    Desk *desk = g_new0(Desk, 1);

    desk->names = g_ptr_array_new_with_free_func(g_free);
    desk->files = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_set_clear_func(desk->files, close_file);
    desk->limits.accept = FORMATS_TRUSTED;
    desk->origin = origin;
    return desk;
}

void desk_free(Desk *desk)
{
    g_ptr_array_unref(desk->names);
    g_array_unref(desk->files);
    g_free(desk->renamed);
    g_free(desk->notes);
    g_free(desk);
}

static bool output_open(void *user, const char *name, unsigned exists, int64_t mtime, int *fd,
                        Error **err G_GNUC_UNUSED)
{
    Desk *desk = user;

    g_ptr_array_add(desk->names, g_strdup(name));
    desk->exists = exists;
    desk->mtime = mtime;
    *fd = -1;
    if (desk->skips)
        return true;
    int file = memfd_create("output", MFD_CLOEXEC);
    g_array_append_val(desk->files, file);
    *fd = dup(file);
    return true;
}

static bool memory_wait(void *user, int64_t bytes, Error **err)
{
    Desk *desk = user;

    desk->asked++;
    desk->memory = bytes;
    return !desk->room || bytes <= desk->room ||
           error_set(err, ERROR_PICTURE, NULL, "there is no room for it");
}

static bool rename_original(void *user, const char *name, Error **err G_GNUC_UNUSED)
{
    Desk *desk = user;

    g_free(desk->renamed);
    desk->renamed = g_strdup(name);
    return true;
}

/* ---- programs that change nothing ---- */

static int program_file = -1;

static bool open_program_file(void *user G_GNUC_UNUSED, int *fd, Error **err G_GNUC_UNUSED)
{
    program_file = memfd_create("picture", MFD_CLOEXEC);
    *fd = dup(program_file);
    return true;
}

static bool run_program(void *user G_GNUC_UNUSED, const char *name, int64_t most, int *fd,
                        Error **err G_GNUC_UNUSED)
{
    assert_non_null(programs_find(name));
    assert_in_range(lseek(program_file, 0, SEEK_END), 1, most);
    *fd = program_file;
    program_file = -1;
    return true;
}

const Outputs desk_programs = { .program_file = open_program_file, .program = run_program };

/* What the examples of actions and profiles name, for every test that links this. */
__attribute__((constructor)) static void add_programs(void)
{
    programs_add(&(KnownProgram){ g_strdup("pngquant"), FORMAT_PNG, FORMAT_PNG, 1, false });
}

static void fail_with(const Error *error)
{
    g_autofree char *text = error_text(error);

    fail_msg("%s", text);
}

GPtrArray *desk_profiles(const char *steps)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text =
        g_strdup_printf("#line 1 \"desk.conf\"\nprofile \"web\" {\n%s\n}\n", steps);
    GPtrArray *profiles = profiles_read(text, errors);

    profiles_prepare(profiles, errors);
    if (errors->len)
        fail_with(errors->pdata[0]);
    assert_int_equal(profiles->len, 1);
    return profiles;
}

static bool say_nothing(void *user G_GNUC_UNUSED, const Step *step G_GNUC_UNUSED,
                        Error **err G_GNUC_UNUSED)
{
    return true;
}

bool desk_run(Desk *desk, int fd, const char *steps, Error **err)
{
    static const RenderListener listener = { .step = say_nothing };
    g_autoptr(GPtrArray) profiles = desk_profiles(steps);
    const Outputs outputs = { desk,        output_open,    memory_wait, open_program_file,
                              run_program, rename_original };
    g_autoptr(Image) image = image_open(fd, &desk->limits, &desk->origin, &outputs, err);

    if (!image || !render_profile(profiles->pdata[0], image, &listener, err))
        return false;
    g_free(desk->notes);
    desk->notes = image_notes(image);
    return true;
}

static VipsImage *apply(int fd, const char *steps, bool with_idle)
{
    g_autofree char *saved = g_strdup_printf("%s\nsave {}", steps); /* a profile has to */
    g_autoptr(GPtrArray) profiles = desk_profiles(saved);
    const Profile *profile = profiles->pdata[0];
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image = image_open(fd, NULL, &origin, &desk_programs, &error);
    g_autoptr(Runner) runner = runner_new(image);
    bool ok = image;

    for (guint i = 0; ok && i + 1 < profile->steps->len; i++) {
        const Step *step = &g_array_index(profile->steps, Step, i);
        Action action = *step->action;
        if (with_idle)
            action.idle = NULL;
        ok = runner_step(runner, &action, step->settings, true, &error);
    }
    if (!ok || !runner_finish(runner, &error) || !image_to_memory(image, &error))
        fail_with(error);
    return g_object_ref(image_pixels(image, &error));
}

VipsImage *desk_apply(int fd, const char *steps)
{
    return apply(fd, steps, false);
}

VipsImage *desk_apply_idle(int fd, const char *steps)
{
    return apply(fd, steps, true);
}

VipsImage *desk_output(Desk *desk, guint index)
{
    assert_true(index < desk->files->len);
    return picture_load(g_array_index(desk->files, int, index));
}

void desk_near_by(VipsImage *a, VipsImage *b, double mean, double most, const char *what)
{
    Distance distance = picture_distance(a, b);

    if (distance.mean > mean || distance.most > most)
        fail_msg("%s: %dx%dx%d and %dx%dx%d: mean %.2f, most %.0f", what, a->Xsize, a->Ysize,
                 a->Bands, b->Xsize, b->Ysize, b->Bands, distance.mean, distance.most);
}
