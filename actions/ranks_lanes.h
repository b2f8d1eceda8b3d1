/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ranks_lanes.h - ranks.c for values of one type: VALUE, of BITS, as LANES(name) calls them. It is
 * included for each type.
 *
 * A vector has the values of some samples in a row, each of which has its window: all of them cost
 * what one costs. */

#define VALUES LANES(values)

typedef VALUE VALUES __attribute__((vector_size(16)));

/* Reads the windows of `count` samples, or of as many as a vector has: a vector for each place. */
static void LANES(read)(const char *from, ptrdiff_t step, int bands, int size, size_t count,
                        VALUES *to)
{
    size_t bytes = count * sizeof(VALUE);

    for (int y = -(size / 2); y <= size / 2; y++)
        for (int x = -(size / 2); x <= size / 2; x++, to++) {
            const char *at = from + y * step + x * (ptrdiff_t) sizeof(VALUE) * bands;
            if (bytes >= sizeof(*to))
                memcpy(to, at, sizeof(*to));
            else
                memcpy(to, at, bytes);
        }
}

/* At which place of the values that are seen, in order, the rank is. */
static VALUES LANES(places)(const VALUES *seen, int count, double rank)
{
    VALUES number = { 0 };

    for (int i = 0; i < count; i++)
        number -= seen[i];
    for (size_t i = 0; i < sizeof(number) / sizeof(VALUE); i++)
        number[i] = (VALUE) ((MAX(number[i], 1) - 1) * rank / 100);
    return number;
}

/* The greatest number that at most as many values are less than, found bit by bit: it is one of the
 * values. */
static VALUES LANES(value)(const VALUES *values, const VALUES *seen, int count, VALUES places)
{
    VALUES found = { 0 };

    for (int bit = (BITS) -1; bit >= 0; bit--) {
        const VALUES more = found | (VALUE) ((VALUE) 1 << bit);
        VALUES less = { 0 };
        for (int i = 0; i < count; i++)
            less -= (VALUES) (values[i] < more) & seen[i];
        const VALUES enough = (VALUES) (less <= places);
        found = (more & enough) | (found & ~enough);
    }
    return found;
}

/* The value that is there most often, the least of several such; else that in the middle. */
static VALUES LANES(common)(const VALUES *values, const VALUES *seen, int count)
{
    VALUES found = values[count / 2];
    VALUES most = { 0 };

    most += COMMON - 1;
    for (int i = 0; i < count; i++) {
        VALUES same = { 0 };
        for (int other = 0; other < count; other++)
            same -= (VALUES) (values[other] == values[i]) & seen[other];
        const VALUES more = (VALUES) (same > most);
        const VALUES lesser = (VALUES) (same == most) & (VALUES) (values[i] < found);
        const VALUES better = (more | (lesser & (VALUES) (most >= COMMON))) & seen[i];
        found = (values[i] & better) | (found & ~better);
        most = (same & better) | (most & ~better);
    }
    return found;
}

static void LANES(run)(const WindowsRun *run, const void *state)
{
    const Ranks *ranks = state;
    int count = ranks->size * ranks->size;
    VALUES values[PLACES_MAX] = { 0 }, seen[PLACES_MAX] = { 0 };
    enum { AT_ONCE = sizeof(values[0]) / sizeof(VALUE) };

    if (!run->other)
        memset(seen, UINT8_MAX, sizeof(seen));
    VALUES places = LANES(places)(seen, count, ranks->rank);
    for (size_t at = 0; at < run->count; at += AT_ONCE) {
        size_t left = run->count - at;
        size_t start = at * sizeof(VALUE);
        LANES(read)(run->from + start, run->step, run->bands, ranks->size, left, values);
        if (run->other) {
            const char *other = run->other + start;
            LANES(read)(other, run->other_step, run->bands, ranks->size, left, seen);
            places = LANES(places)(seen, count, ranks->rank);
        }
        const VALUES made = ranks->common ? LANES(common)(values, seen, count)
                                          : LANES(value)(values, seen, count, places);
        memcpy((VALUE *) run->to + at, &made, MIN(left, AT_ONCE) * sizeof(VALUE));
    }
}

#undef VALUES
#undef LANES
#undef VALUE
#undef BITS
