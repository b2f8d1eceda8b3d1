/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml_tags.h - finds the tags in a text of XML as it is written, and their attributes. Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A part of a text. */
typedef struct Span {
    const char *start, *end;
} Span;

typedef enum TagKind { TAG_OPEN, TAG_CLOSE, TAG_EMPTY } TagKind;

typedef struct Tag {
    Span whole, name;
    TagKind kind;
} Tag;

size_t span_length(Span span);
bool span_is(Span span, const char *word);
bool span_begins(Span span, const char *word);

/* Behind the next `word`; NULL where there is none. */
const char *span_behind(Span text, const char *word);

bool xml_is_space(char c);

/* Behind the spaces at its start. */
const char *span_skip_spaces(Span text);

/* Behind the '>' of the tag at text.start, which a quoted value may hold too; NULL: it is open. */
const char *xml_tag_end(Span text);

/* The next tag; text.start moves behind it. False at the end. */
bool xml_next_tag(Span *text, Tag *tag);

/* The next attribute in the rest of a tag; `rest` moves behind it. */
bool xml_next_attribute(Span *rest, Span *name, Span *whole);
