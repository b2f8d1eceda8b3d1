/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf_value.h - parses the value of a setting, and recognises what people write instead of one;
 * used by conf_grammar.c only. */
#pragma once

#include "config/conf_parser.h"

/* Parses the value or list after the = or += just consumed; *count is how many values it has.
 * False, with the error reported, when it is not valid. */
bool confvalue_read(Parser *parser, const Param *param, const Token *name, const Token *sign,
                    int *count);
