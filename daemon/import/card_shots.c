/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shots that the files of a card are, by their names. */
#include <string.h>
#include <strings.h>

#include "daemon/import/card.h"

/* Files that may be of one shot: their keys are the same. */
typedef struct Kin {
    GPtrArray *shots; /* of CardShot: of the same stem, in upper and lower case, too */
} Kin;

typedef struct Grouping {
    Card *card;
    GHashTable *kin;  /* char * key -> Kin */
    GPtrArray *order; /* of Kin, borrowed, as their first files come */
} Grouping;

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Where the stem ends. A file of no known kind has one, too: DJI_0001.SRT is the text of a film. */
static const char *tail_of(const char *path)
{
    const char *tail = shot_tail(path), *name = name_of(path), *dot = strrchr(name, '.');

    if (*tail || !dot || dot == name)
        return tail;
    return dot;
}

/* The stem with its directory, the stem's letters small; newly allocated. */
static char *key_of(const char *path, const char *tail)
{
    char *key = g_strndup(path, (gsize) (tail - path));

    for (char *letter = key + (name_of(path) - path); *letter; letter++)
        *letter = g_ascii_tolower(*letter);
    return key;
}

static bool has_tail(const CardShot *shot, const char *tail)
{
    for (guint i = 0; i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        if (!g_ascii_strcasecmp(file->tail, tail))
            return true;
    }
    return false;
}

/* Whether the stem of the shot's first file is written as that of `file`. */
static bool has_stem(const CardShot *shot, const CardFile *file)
{
    const CardFile *first = shot->files->pdata[0];
    size_t length = (size_t) (file->tail - file->path);

    return length == (size_t) (first->tail - first->path) &&
           !memcmp(first->path, file->path, length);
}

static void add_to_shot(CardShot *shot, CardFile *file)
{
    g_ptr_array_add(shot->files, file);
    file->shot = shot;
}

static CardShot *new_shot(void)
{
    CardShot *shot = g_new0(CardShot, 1);

    shot->files = g_ptr_array_new();
    return shot;
}

static Kin *kin_of(Grouping *grouping, char *key)
{
    Kin *kin = g_hash_table_lookup(grouping->kin, key);

    if (kin) {
        g_free(key);
        return kin;
    }
    kin = g_new0(Kin, 1);
    kin->shots = g_ptr_array_new();
    g_hash_table_insert(grouping->kin, key, kin);
    g_ptr_array_add(grouping->order, kin);
    return kin;
}

/* Files with the same stem, written in the same way, are together, unless their names differ in the
 * case of their extensions alone. */
static void add_file(Grouping *grouping, CardFile *file)
{
    file->tail = tail_of(file->path);

    Kin *kin = kin_of(grouping, key_of(file->path, file->tail));
    for (guint i = 0; i < kin->shots->len; i++) {
        CardShot *shot = kin->shots->pdata[i];
        if (has_stem(shot, file) && !has_tail(shot, file->tail)) {
            add_to_shot(shot, file);
            return;
        }
    }
    CardShot *shot = new_shot();
    add_to_shot(shot, file);
    g_ptr_array_add(kin->shots, shot);
}

/* Whether no name of one is a name of the other one, where case does not matter. */
static bool can_join(const CardShot *a, const CardShot *b)
{
    for (guint i = 0; i < b->files->len; i++) {
        const CardFile *file = b->files->pdata[i];
        if (has_tail(a, file->tail))
            return false;
    }
    return true;
}

/* The files of `from` become files of `to`. */
static void join(CardShot *to, CardShot *from)
{
    for (guint i = 0; i < from->files->len; i++)
        add_to_shot(to, from->files->pdata[i]);
    g_ptr_array_set_size(from->files, 0);
}

/* IMG_1.JPG and img_1.nef are one shot, where there is no second IMG_1.JPG that it could be of. */
static void join_kin(Kin *kin)
{
    for (guint i = 1; i < kin->shots->len; i++) {
        CardShot *shot = kin->shots->pdata[i];
        for (guint k = 0; k < i && shot->files->len; k++) {
            CardShot *to = kin->shots->pdata[k];
            if (to->files->len && can_join(to, shot))
                join(to, shot);
        }
    }
}

/* ---- makers that name the files of one shot in different ways ---- */

/* A file whose stem is not that of its shot. */
typedef struct Habit {
    bool (*fits)(const char *name, size_t length);
    /* The nth stem, in small letters, that the film may have; newly allocated, NULL: no more. */
    char *(*stem)(const char *name, size_t length, unsigned n);
    size_t tail; /* bytes at its end that are its tail */
} Habit;

static bool are_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isdigit(text[i]))
            return false;
    return true;
}

/* Sony: C0001.MP4 has C0001M01.XML. */
static bool fits_sony(const char *name, size_t length)
{
    return length > 7 && !strcasecmp(name + length - 4, ".XML") &&
           g_ascii_toupper(name[length - 7]) == 'M' && are_digits(name + length - 6, 2);
}

static char *stem_of_sony(const char *name, size_t length, unsigned n)
{
    return n == 0 ? g_ascii_strdown(name, (gssize) length - 7) : NULL;
}

/* GoPro: GX010001.MP4, or GH010001.MP4, has GL010001.LRV. */
static bool fits_gopro(const char *name, size_t length)
{
    return length == 12 && !strncasecmp(name, "GL", 2) && are_digits(name + 2, 6) &&
           !strcasecmp(name + 8, ".LRV");
}

static char *stem_of_gopro(const char *name, size_t length, unsigned n)
{
    static const char *const codecs[] = { "gx", "gh" };

    return n < G_N_ELEMENTS(codecs)
               ? g_strdup_printf("%s%.*s", codecs[n], (int) length - 6, name + 2)
               : NULL;
}

static const Habit habits[] = {
    { fits_sony, stem_of_sony, 7 },
    { fits_gopro, stem_of_gopro, 4 },
};

/* The only shot of such a key, where it has a film. */
static CardShot *find_film(const Grouping *grouping, const char *key)
{
    const Kin *kin = g_hash_table_lookup(grouping->kin, key);
    CardShot *shot = NULL;

    for (guint i = 0; kin && i < kin->shots->len; i++) {
        CardShot *one = kin->shots->pdata[i];
        if (!one->files->len)
            continue;
        if (shot)
            return NULL;
        shot = one;
    }
    for (guint i = 0; shot && i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        if (file->kind == SHOT_FILM)
            return shot;
    }
    return NULL;
}

/* The shot of the film that a file with this habit is of; NULL: there is none. */
static CardShot *film_of(const Grouping *grouping, const Habit *habit, const char *path)
{
    const char *name = name_of(path);
    CardShot *found = NULL;

    for (unsigned n = 0; !found; n++) {
        g_autofree char *stem = habit->stem(name, strlen(name), n);
        if (!stem)
            break;
        g_autofree char *key = g_strdup_printf("%.*s%s", (int) (name - path), path, stem);
        found = find_film(grouping, key);
    }
    return found;
}

/* Only a lone file: a shot is what its maker's habits say, or what its stem says, not both. */
static void follow_habit(const Grouping *grouping, const Habit *habit, CardFile *file)
{
    const char *name = name_of(file->path), *tail = name + strlen(name) - habit->tail;
    CardShot *film = file->shot->files->len == 1 ? film_of(grouping, habit, file->path) : NULL;

    if (!film || film == file->shot || has_tail(film, tail))
        return;
    file->tail = tail;
    join(film, file->shot);
}

static void follow_habits(const Grouping *grouping)
{
    for (guint i = 0; i < grouping->card->files->len; i++) {
        CardFile *file = grouping->card->files->pdata[i];
        const char *name = name_of(file->path);
        for (size_t k = 0; k < G_N_ELEMENTS(habits); k++)
            if (habits[k].fits(name, strlen(name)))
                follow_habit(grouping, &habits[k], file);
    }
}

/* ---- the shots ---- */

static int rank_of(const CardFile *file)
{
    switch (file->kind) {
    case SHOT_PICTURE:
        return 0;
    case SHOT_RAW:
        return 1;
    case SHOT_FILM:
        return 2;
    case SHOT_NONE:
    case SHOT_XMP:
    case SHOT_AAE:
    case SHOT_THM:
    case SHOT_SOUND:
    case SHOT_LRV:
        break;
    }
    return 3;
}

static gint by_rank(gconstpointer a, gconstpointer b)
{
    const CardFile *const *x = a, *const *y = b;
    int order = rank_of(*x) - rank_of(*y);

    return order ? order : strcmp((*x)->path, (*y)->path);
}

/* A shot without a picture is of other files, which may be left. */
static bool is_left(const CardShot *shot)
{
    const CardFile *first = shot->files->pdata[0];

    return first->is_left;
}

static void free_left(CardShot *shot)
{
    for (guint i = 0; i < shot->files->len; i++) {
        CardFile *file = shot->files->pdata[i];
        file->shot = NULL;
    }
    g_ptr_array_unref(shot->files);
    g_free(shot);
}

static void end_shot(Card *card, CardShot *shot)
{
    if (shot->files->len == 0 || (g_ptr_array_sort(shot->files, by_rank), is_left(shot))) {
        free_left(shot);
        return;
    }
    for (guint i = 0; i < shot->files->len; i++) {
        CardFile *file = shot->files->pdata[i];
        file->is_left = false;
        shot->is_protected |= file->is_protected;
        card->bytes += file->size;
    }
    g_ptr_array_add(card->shots, shot);
}

static gint by_path(gconstpointer a, gconstpointer b)
{
    const CardFile *const *x = a, *const *y = b;

    return strcmp((*x)->path, (*y)->path);
}

static gint by_first(gconstpointer a, gconstpointer b)
{
    const CardShot *const *x = a, *const *y = b;

    return by_path(&(*x)->files->pdata[0], &(*y)->files->pdata[0]);
}

static uint64_t fingerprint(const Card *card)
{
    g_autoptr(ContentReader) reader = content_reader_new(0);
    Content content;

    for (guint i = 0; i < card->files->len; i++) {
        const CardFile *file = card->files->pdata[i];
        const int64_t numbers[] = { file->size, file->mtime_ns };
        content_add(reader, file->path, strlen(file->path) + 1);
        content_add(reader, numbers, sizeof(numbers));
    }
    content_end(reader, &content);
    content.xxh128[16] = '\0';
    return g_ascii_strtoull(content.xxh128, NULL, 16);
}

static void kin_free(void *data)
{
    Kin *kin = data;

    g_ptr_array_unref(kin->shots);
    g_free(kin);
}

void card_group(Card *card)
{
    Grouping grouping = {
        .card = card,
        .kin = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, kin_free),
        .order = g_ptr_array_new(),
    };

    g_ptr_array_sort(card->files, by_path);
    for (guint i = 0; i < card->files->len; i++)
        add_file(&grouping, card->files->pdata[i]);
    for (guint i = 0; i < grouping.order->len; i++)
        join_kin(grouping.order->pdata[i]);
    follow_habits(&grouping);
    for (guint i = 0; i < grouping.order->len; i++) {
        const Kin *kin = grouping.order->pdata[i];
        for (guint k = 0; k < kin->shots->len; k++)
            end_shot(card, kin->shots->pdata[k]);
    }
    g_ptr_array_sort(card->shots, by_first);
    card->listing = fingerprint(card);
    g_ptr_array_unref(grouping.order);
    g_hash_table_destroy(grouping.kin);
}
