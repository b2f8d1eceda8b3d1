/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which file it is, and whether two have the same content. */
#include <fcntl.h>
#include <unistd.h>

#include "daemon/files/fileid.h"
#include "tests/unit/check.h"
#include "tests/unit/sample.h"

/* An open file with these bytes and no name. */
static int open_with(const GByteArray *bytes)
{
    g_autofree char *dir = check_mkdir();
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->data, bytes->len), bytes->len);
    check_rmdir(g_steal_pointer(&dir));
    return fd;
}

static FileId hashed(int fd, const FileKey *key)
{
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    FileId id = fileid_of(&st);
    assert_true(fileid_hash_keyed(fd, key, &id));
    return id;
}

static void two_files_of_one_public_hash_differ_under_a_secret_key(void **state)
{
    g_autoptr(GByteArray) bytes = sample_twin(false), twin_bytes = sample_twin(true);
    int fd = open_with(bytes), twin_fd = open_with(twin_bytes);
    FileKey key = { 0 };
    bool same = true;

    (void) state;
    fileid_new_key(&key);
    FileId id = hashed(fd, &key), twin = hashed(twin_fd, &key);
    assert_memory_equal(id.hash, twin.hash, sizeof(id.hash));
    for (int i = 0; i < 2; i++)
        assert_true(id.keyed[i] != twin.keyed[i]);
    assert_false(fileid_same_content(&id, &twin));
    assert_true(fileid_compare(fd, twin_fd, &same));
    assert_false(same);
    close(fd);
    close(twin_fd);
}

static void the_same_content_is_the_same_with_one_key_and_not_with_two(void **state)
{
    g_autoptr(GByteArray) bytes = sample_jpeg();
    int fd = open_with(bytes), copy_fd = open_with(bytes);
    FileKey key = { 0 }, other_key = { 0 };
    bool same = false;

    (void) state;
    fileid_new_key(&key);
    fileid_new_key(&other_key);
    FileId id = hashed(fd, &key), copy = hashed(copy_fd, &key), other = hashed(fd, &other_key);
    assert_true(fileid_same_content(&id, &copy));
    assert_memory_equal(id.hash, other.hash, sizeof(id.hash));
    assert_false(fileid_same_content(&id, &other));
    assert_true(fileid_compare(fd, copy_fd, &same));
    assert_true(same);
    close(fd);
    close(copy_fd);
}

static void a_file_that_was_read_without_a_key_is_known_by_its_public_hash(void **state)
{
    g_autoptr(GByteArray) bytes = sample_jpeg();
    int fd = open_with(bytes);
    FileKey key = { 0 };

    (void) state;
    fileid_new_key(&key);
    FileId id = hashed(fd, &key), old = hashed(fd, NULL), unread = { .size = id.size };
    assert_int_equal(old.keyed[0] | old.keyed[1], 0);
    assert_true(fileid_same_content(&id, &old));
    assert_false(fileid_same_content(&unread, &unread));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_files_of_one_public_hash_differ_under_a_secret_key),
        cmocka_unit_test(the_same_content_is_the_same_with_one_key_and_not_with_two),
        cmocka_unit_test(a_file_that_was_read_without_a_key_is_known_by_its_public_hash),
    };

    return cmocka_run_group_tests_name("fileid", tests, NULL, NULL);
}
