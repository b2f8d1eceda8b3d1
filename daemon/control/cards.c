/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/cards.h"

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/answers.h"
#include "daemon/control/json.h"

/* ---- a card ---- */

static void add_lines(cJSON *object, const char *name, char *const *lines)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);

    for (; lines && *lines; lines++) {
        g_autofree char *shown = text_escape(*lines);
        if (**lines)
            cJSON_AddItemToArray(list, cJSON_CreateString(shown));
    }
}

static void add_texts(cJSON *object, const CardRecord *record)
{
    const struct {
        const char *name, *value;
    } texts[] = {
        { "name", record->name },     { "label", record->label },   { "uuid", record->uuid },
        { "source", record->source }, { "import", record->import }, { "verdict", record->verdict },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].value && *texts[i].value)
            json_add_text(object, texts[i].name, texts[i].value);
}

static void add_counts(cJSON *object, const CardRecord *record, int64_t now_ms)
{
    double speed = card_record_speed(record, now_ms);

    cJSON_AddNumberToObject(object, "files", (double) record->files);
    cJSON_AddNumberToObject(object, "done", (double) record->done);
    cJSON_AddNumberToObject(object, "bytes", (double) record->bytes);
    cJSON_AddNumberToObject(object, "read", (double) record->read);
    if (speed > 0)
        cJSON_AddNumberToObject(object, "bytes_per_s", (double) (int64_t) speed);
}

cJSON *cards_json_of(const CardRecord *record, int64_t now_ms)
{
    cJSON *object = cJSON_CreateObject();
    g_auto(GStrv) reasons = g_strsplit(record->reason ? record->reason : "", "\n", -1);

    cJSON_AddNumberToObject(object, "id", (double) record->id);
    add_texts(object, record);
    cJSON_AddStringToObject(object, "state", card_state_word(record->state));
    cJSON_AddBoolToObject(object, "safe", record->state == CARD_SAFE);
    cJSON_AddBoolToObject(object, "may_be_pulled", !card_record_is_at_work(record));
    add_counts(object, record, now_ms);
    json_add_time(object, "began", record->began_ms);
    if (record->ended_ms)
        json_add_time(object, "ended", record->ended_ms);
    add_lines(object, "reasons", reasons);
    add_lines(object, "destinations", record->destinations);
    return object;
}

cJSON *cards_json(const GPtrArray *records)
{
    cJSON *list = cJSON_CreateArray();
    int64_t now_ms = clock_wall_ms();

    for (guint i = 0; i < records->len; i++)
        cJSON_AddItemToArray(list, cards_json_of(records->pdata[i], now_ms));
    return list;
}

/* ---- the request ---- */

/* Of the service's own catalog; there may be none yet. */
static bool read_cards(const ControlView *view, GPtrArray **records, Error **err)
{
    g_autoptr(Catalog) catalog = NULL;

    if (!catalog_open(view->state_dir, true, &catalog, err))
        return false;
    if (catalog)
        return catalog_cards(catalog, CARDS_LISTED, records, err);
    *records = g_ptr_array_new();
    return true;
}

void answer_cards(const ControlView *view, const Request *request G_GNUC_UNUSED, Answer *answer)
{
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(Error) error = NULL;

    if (read_cards(view, &records, &error))
        cJSON_AddItemToObject(answer->json, "cards", cards_json(records));
    else
        answer_error(answer, ANSWER_FAILED, error);
}
