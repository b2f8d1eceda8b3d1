/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts_readers.h - Fact.read of each fact, and how they set their values: for the facts' files
 * alone. */
#pragma once

#include "actions/facts.h"

typedef bool FactReader(const Fact *fact, const FactSource *source, Value *value, Error **err);

/* facts_file.c */
FactReader fact_read_stem, fact_read_ext, fact_read_name, fact_read_dir, fact_read_folder,
    fact_read_profile, fact_read_size, fact_read_hash, fact_read_mtime, fact_read_now,
    fact_read_shot, fact_read_seq, fact_read_seq_day, fact_read_seq_run;

/* facts_import.c */
FactReader fact_read_day, fact_read_card, fact_read_assignment, fact_read_seq_card, fact_read_label,
    fact_read_uuid, fact_read_maker, fact_read_medium_size, fact_read_removable;

/* facts_picture.c */
FactReader fact_read_width, fact_read_height, fact_read_shorter, fact_read_longer, fact_read_pixels,
    fact_read_aspect, fact_read_landscape, fact_read_portrait, fact_read_square, fact_read_alpha,
    fact_read_grey, fact_read_depth, fact_read_dpi, fact_read_format, fact_read_space,
    fact_read_pages, fact_read_source_width, fact_read_source_height;

/* facts_metadata.c; text, list, number and positive are of the fact's name there */
FactReader fact_read_taken, fact_read_text, fact_read_list, fact_read_number, fact_read_positive,
    fact_read_camera, fact_read_owner, fact_read_subsec, fact_read_iso, fact_read_shutter,
    fact_read_flash, fact_read_latitude, fact_read_longitude, fact_read_altitude;

/* The number that a text begins with: "28/10", "2.8"; false where it is none. */
bool fact_number_of(const char *text, double *number);

/* ---- setting a value; each is true ---- */

static inline bool fact_set_number(Value *value, double number)
{
    value->type = VALUE_NUMBER;
    value->number = number;
    value->missing = false;
    return true;
}

static inline bool fact_set_truth(Value *value, bool truth)
{
    fact_set_number(value, truth);
    value->type = VALUE_TRUTH;
    return true;
}

/* Takes over `text`; NULL: the picture does not say it. */
static inline bool fact_set_text(Value *value, char *text)
{
    value->type = VALUE_TEXT;
    value->text = text;
    value->missing = !text;
    return true;
}

/* The first `length` bytes, copied. */
static inline bool fact_set_text_of(Value *value, const char *bytes, size_t length)
{
    return fact_set_text(value, g_strndup(bytes, length));
}

/* Take over what they get, as above. */
static inline bool fact_set_list(Value *value, GStrv list)
{
    value->type = VALUE_LIST;
    value->list = list;
    value->missing = !list;
    return true;
}

static inline bool fact_set_date(Value *value, GDateTime *date)
{
    value->type = VALUE_DATE;
    value->date = date;
    value->missing = !date;
    return true;
}
