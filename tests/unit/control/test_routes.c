/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of routes and openapi.json say the same. */
#include <cjson/cJSON.h>

#include "daemon/control/routes.h"
#include "tests/unit/check.h"

static const char *const kinds[] = {
    [PARAMETER_TEXT] = "string",
    [PARAMETER_PATH] = "string",
    [PARAMETER_NUMBER] = "integer",
    [PARAMETER_FLAG] = "boolean",
};

static int set_up(void **state)
{
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents(HOTFOLDER_OPENAPI, &text, NULL, NULL));
    *state = cJSON_Parse(text);
    assert_non_null(*state);
    return 0;
}

static int tear_down(void **state)
{
    cJSON_Delete(*state);
    return 0;
}

/* What is at the end of these names, NULL ends them; NULL: there is none. */
static const cJSON *below(const cJSON *json, ...)
{
    va_list names;
    const char *name = NULL;

    va_start(names, json);
    while ((name = va_arg(names, const char *)))
        json = cJSON_GetObjectItemCaseSensitive(json, name);
    va_end(names);
    return json;
}

static const char *text_at(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(below(json, name, NULL));
}

static bool list_has(const cJSON *list, const char *word)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item, list) if (!g_strcmp0(cJSON_GetStringValue(item), word)) return true;
    return false;
}

static const cJSON *operation_of(const cJSON *description, const Route *route)
{
    g_autofree char *method = g_ascii_strdown(route->method, -1);
    const cJSON *operation = below(description, "paths", route->path, method, NULL);

    if (!operation)
        fail_msg("%s %s is not described", route->method, route->path);
    return operation;
}

static void each_route_is_described_and_no_other(void **state)
{
    const cJSON *path = NULL, *method = NULL;
    int described = 0, routes = 0;

    for (const Route *route = control_routes; route->path; route++, routes++)
        assert_string_equal(text_at(operation_of(*state, route), "summary"), route->help);
    cJSON_ArrayForEach(path, below(*state, "paths", NULL)) cJSON_ArrayForEach(method, path)
        described++;
    assert_int_equal(described, routes);
}

/* A parameter of a query; NULL: there is none of this name. */
static const cJSON *in_query(const cJSON *operation, const char *name)
{
    const cJSON *parameter = NULL;

    cJSON_ArrayForEach(
        parameter, below(operation, "parameters", NULL)) if (!g_strcmp0(text_at(parameter, "name"),
                                                                        name)) return parameter;
    return NULL;
}

static void assert_parameter(const cJSON *operation, const Route *route, const Parameter *row)
{
    const cJSON *body =
        below(operation, "requestBody", "content", "application/json", "schema", NULL);
    const cJSON *parameter =
        body ? below(body, "properties", row->name, NULL) : in_query(operation, row->name);
    bool required = body ? list_has(below(body, "required", NULL), row->name)
                         : cJSON_IsTrue(below(parameter, "required", NULL));

    if (!parameter)
        fail_msg("%s %s: %s is not described", route->method, route->path, row->name);
    assert_string_equal(text_at(parameter, "description"), row->help);
    assert_string_equal(text_at(body ? parameter : below(parameter, "schema", NULL), "type"),
                        kinds[row->kind]);
    assert_int_equal(required, row->required);
}

static void each_parameter_is_described_and_no_other(void **state)
{
    for (const Route *route = control_routes; route->path; route++) {
        const cJSON *operation = operation_of(*state, route);
        const cJSON *body = below(operation, "requestBody", "content", "application/json", "schema",
                                  "properties", NULL);
        int rows = 0;

        for (const Parameter *row = route->parameters; row && row->name; row++, rows++)
            assert_parameter(operation, route, row);
        assert_int_equal(cJSON_GetArraySize(body) +
                             cJSON_GetArraySize(below(operation, "parameters", NULL)),
                         rows);
    }
}

static void the_statuses_that_every_route_of_its_kind_has_are_described(void **state)
{
    for (const Route *route = control_routes; route->path; route++) {
        const cJSON *statuses = below(operation_of(*state, route), "responses", NULL);

        assert_non_null(below(statuses, "200", NULL));
        assert_non_null(below(statuses, "400", NULL));
        assert_int_equal(below(statuses, "403", NULL) != NULL, route->permission == ROUTE_STEER);
        assert_int_equal(below(statuses, "503", NULL) != NULL, route->slow);
        assert_int_equal(below(statuses, "504", NULL) != NULL, route->slow);
    }
}

static void what_changes_something_is_posted_and_for_those_who_may_steer(void **state)
{
    (void) state;
    for (const Route *route = control_routes; route->path; route++)
        assert_string_equal(route->method, route->permission == ROUTE_STEER ? "POST" : "GET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_route_is_described_and_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_parameter_is_described_and_no_other, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_statuses_that_every_route_of_its_kind_has_are_described,
                                        set_up, tear_down),
        cmocka_unit_test(what_changes_something_is_posted_and_for_those_who_may_steer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
