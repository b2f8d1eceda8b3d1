/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/turning.h"

#include <math.h>

int turning_right_angles(double angle)
{
    double turns = angle / 90;

    return turns == floor(turns) ? ((int) turns % 4 + 4) % 4 : -1;
}

static double grown(double side, double wanted)
{
    static const double tiny = 1e-6; /* of a pixel: what sines are wrong by */

    return side + 2 * ceil((wanted - side) / 2 - tiny);
}

TurningSize turning_grown(double angle, TurningSize in)
{
    double sine = fabs(sin(angle * G_PI / 180)), cosine = fabs(cos(angle * G_PI / 180));
    int angles = turning_right_angles(angle);

    if (angles >= 0)
        return angles % 2 ? (TurningSize){ in.height, in.width } : in;
    return (TurningSize){ grown(in.width, in.width * cosine + in.height * sine),
                          grown(in.height, in.width * sine + in.height * cosine) };
}

Turning turning_of(double angle, TurningSize in, TurningSize out)
{
    return (Turning){ sin(angle * G_PI / 180),
                      cos(angle * G_PI / 180),
                      { (in.width - 1) / 2, (in.height - 1) / 2 },
                      { (out.width - 1) / 2, (out.height - 1) / 2 } };
}

WarpPlace turning_map(const void *turning, double x, double y)
{
    const Turning *turn = turning;
    double right = x - turn->to.x, down = y - turn->to.y;

    return (WarpPlace){ turn->from.x + right * turn->cosine + down * turn->sine,
                        turn->from.y - right * turn->sine + down * turn->cosine };
}
