/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* formula_check.h - whether a function of a formula gets what it takes; used by formula.c only. */
#pragma once

#include "actions/formula_node.h"

/* Checks a function that has all its values, which end where the last token did, and computes it
 * where the picture does not decide it. Takes node over; NULL with *p->err set where it is wrong.
 */
FormulaNode *formula_complete(const FormulaReader *p, FormulaNode *node);
