/* conf_value.h - the value of a setting, and what people write where one should be; used by
 * conf_grammar.c only. */
#pragma once

#include "config/conf_scanner.h"

/* Goes over the value or list behind the = or += just taken, and counts what is in it. False, with
 * the mistake reported, when it is none. */
bool confvalue_read(Scanner *scanner, const Param *param, const Token *name, const Token *sign,
                    int *count);
