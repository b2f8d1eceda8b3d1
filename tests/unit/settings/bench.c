#include "tests/unit/settings/bench.h"

#include "daemon/settings/load.h"

static char *replace(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, -1);

    return g_strjoinv(to, parts);
}

void put(const World *world, const char *name, const char *text)
{
    g_autofree char *whole = replace(text, "@", world->dir);

    check_write(world->dir, name, whole);
}

char *tell(const World *world, const GPtrArray *errors)
{
    GString *told = g_string_new(NULL);
    g_autofree char *all = NULL;

    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *line = error_text(errors->pdata[i]);
        g_string_append_printf(told, "%s\n", line);
    }
    all = g_string_free(told, FALSE);
    return replace(all, world->dir, "@");
}

void load_with(World *world, const char *worker)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *file = g_build_filename(world->dir, "main.conf", NULL);

    g_clear_pointer(&world->told, g_free);
    g_clear_pointer(&world->settings, settings_unref);
    world->settings = settings_load(file, worker, errors);
    world->told = tell(world, errors);
    assert_true(!world->settings == (errors->len > 0));
}

void assert_reported(World *world, const char *text, const char *expected)
{
    put(world, "main.conf", text);
    load_with(world, NULL);
    assert_string_equal(world->told, expected);
}

int set_up(void **state)
{
    World *world = g_new0(World, 1);

    world->dir = check_mkdir();
    *state = world;
    return 0;
}

int tear_down(void **state)
{
    World *world = *state;

    settings_unref(world->settings);
    g_free(world->told);
    check_rmdir(world->dir);
    g_free(world);
    return 0;
}
