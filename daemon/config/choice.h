/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* choice.h - a word that a setting may be. */
#pragma once

typedef struct Choice {
    const char *word; /* NULL ends the list */
    int value;
    const char *help;
} Choice;
