/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/original.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/blocks_jpeg.h"
#include "actions/coded_jpeg.h"
#include "actions/embed.h"

/* As the encoder's output has it, unless the colours would be others. */
static GByteArray *head_for(const CodedJpeg *coded, const Embed *embed)
{
    bool wanted = embed->blocks.density.unit != DENSITY_UNKNOWN || !embed->blocks.exif;

    return blocks_jpeg_head(&embed->blocks, embed->profile,
                            coded->needs_jfif || (wanted && !coded->refuses_jfif));
}

static bool write_run(Bytes *bytes, CodedRun run, VipsTarget *target)
{
    size_t count = 0;

    for (uint64_t done = 0; done < run.size; done += count) {
        const unsigned char *part = bytes_from(bytes, run.at + done, &count);
        if (!part)
            return false;
        count = (size_t) MIN(count, run.size - done);
        if (vips_target_write(target, part, count))
            return false;
    }
    return true;
}

static bool write_over(int fd, const GByteArray *head, Bytes *bytes, const CodedJpeg *coded)
{
    g_autoptr(VipsTarget) target = NULL;

    if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0 ||
        !(target = vips_target_new_to_descriptor(fd)) ||
        vips_target_write(target, head->data, head->len))
        return false;
    for (unsigned i = 0; i < coded->runs->len; i++)
        if (!write_run(bytes, g_array_index(coded->runs, CodedRun, i), target))
            return false;
    return vips_target_end(target) == 0;
}

bool original_keep(int from, Format format, VipsImage *pixels, const MetadataBlocks *blocks, int fd,
                   bool *kept, Error **err)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    g_auto(CodedJpeg) coded = { 0 };
    g_auto(Embed) embed = { 0 };
    struct stat made;

    *kept = false;
    if (format != FORMAT_JPEG || fstat(fd, &made) || !bytes_begin(bytes, from, UINT64_MAX))
        return true;
    bytes->read_size = BYTES_WINDOW;
    if (!coded_jpeg_find(bytes, &coded) || coded.colours != (unsigned) pixels->Bands)
        return true;
    embed_begin(&embed, format, blocks, pixels, fd);
    g_autoptr(GByteArray) head = head_for(&coded, &embed);
    *kept = head->len + coded.size < (uint64_t) made.st_size;
    if (!*kept || write_over(fd, head, bytes, &coded))
        return true;
    vips_error_system(errno, "original", "%s", "cannot write");
    return libvips_error(err, "keep the original's picture");
}
