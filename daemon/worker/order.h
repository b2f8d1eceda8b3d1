/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* order.h - advice on the order of steps: which of them would better stand before another one, and
 * which does nothing behind it. Pure functions. */
#pragma once

#include "worker/profile.h"

typedef void OrderSay(const Step *step, const Profile *profile, const Error *advice);

/* Calls `say` with each advice on steps of the profile, in their order. What formulas decide is
 * left out. */
void order_advise(const Profile *profile, OrderSay *say);
