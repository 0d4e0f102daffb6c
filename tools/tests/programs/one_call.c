// A call that reads or writes several pieces, or many bytes, is one operation: errors are found before a byte moves, it
// waits at most once, and no other writer's bytes come between its own.
#include "folder.h"

#include <limits.h>
#include <sys/mman.h>
#include <sys/uio.h>

enum { WRITERS = 3, TIMES = 200, LARGE = 300000 };

static char a[64], b[64], block[LARGE];

static void late(int signal) {
    (void)signal;
    static const char text[] = "readv waits for more than there is\n";
    (void)!write(2, text, sizeof text - 1);
    _exit(1);
}

static void a_read_waits_for_the_first_bytes_only(void) {
    int p[2];
    CHECK(pipe(p) == 0);
    signal(SIGALRM, late);
    alarm(20);
    const struct iovec pieces[] = {{a, 10}, {NULL, 0}, {b, 10}};
    CHECK(write(p[1], "0123456789", 10) == 10 && readv(p[0], pieces, 3) == 10);
    CHECK(write(p[1], "0123456789abc", 13) == 13 && readv(p[0], pieces, 3) == 13);
    CHECK(memcmp(a, "0123456789", 10) == 0 && memcmp(b, "abc", 3) == 0);
    alarm(0);
}

// A place for a call: `before` bytes, and then a page that is not mapped.
static char* before_a_hole(size_t before) {
    char* const pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED && munmap(pages + PAGE, PAGE) == 0);
    memset(pages, 'h', PAGE);
    return pages + PAGE - before;
}

static long size_of(int fd) { return (long)lseek(fd, 0, SEEK_END); }

static void what_is_wrong_shows_first(int fd) {
    const size_t huge = (size_t)minus_one;
    CHECK_ERROR(write(fd, a, huge), EFAULT);
    CHECK_ERROR(pwrite(fd, a, huge, 0), EFAULT);
    CHECK_ERROR(read(fd, a, huge), EFAULT);
    struct iovec pieces[] = {{a, 10}, {b, huge}};
    CHECK_ERROR(writev(fd, pieces, 2), EINVAL);
    CHECK_ERROR(readv(fd, pieces, 2), EINVAL);
    CHECK_ERROR(pwritev(fd, pieces, 2, 0), EINVAL);
    pieces[1] = (struct iovec){(void*)((uintptr_t)1 << 63), 10};
    CHECK_ERROR(writev(fd, pieces, 2), EFAULT);
    CHECK_ERROR(writev(fd, pieces, minus_one), EINVAL);
    CHECK_ERROR(writev(fd, pieces, 1026 + minus_one), EINVAL);
    struct iovec* const cut = (struct iovec*)before_a_hole(sizeof *cut);
    *cut = pieces[0];
    CHECK_ERROR(writev(fd, cut, 2), EFAULT);
    CHECK_ERROR(preadv(fd, pieces, 1, minus_one), EINVAL);
    CHECK_ERROR(pwritev(fd, pieces, 1, minus_one), EINVAL);
    CHECK(size_of(fd) == 0);
}

static void a_bad_page_later_ends_it_short(int fd) {
    const struct iovec pieces[] = {{a, 10}, {before_a_hole(20), 40}, {b, 10}};
    CHECK(writev(fd, pieces, 3) == 30 && size_of(fd) == 30);
    CHECK(pread(fd, a, 64, 0) == 30 && a[10] == 'h');
    CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

static void pieces_have_places(int fd) {
    struct iovec pieces[] = {{(char*)"one", 3}, {(char*)"", 0}, {(char*)"two", 3}};
    CHECK(pwritev(fd, pieces, 3, 100) == 6 && lseek(fd, 0, SEEK_CUR) == 0 && size_of(fd) == 106);
    pieces[0] = (struct iovec){a, 4};
    pieces[2] = (struct iovec){b, 4};
    CHECK(preadv(fd, pieces, 3, 99) == 7 && memcmp(a, "\0one", 4) == 0 && memcmp(b, "two", 3) == 0);
    CHECK(preadv(fd, pieces, 3, 106) == 0);
    int p[2];
    CHECK(pipe(p) == 0);
    CHECK_ERROR(preadv(p[0], pieces, 3, 0), ESPIPE);
    CHECK_ERROR(pwritev(p[1], pieces, 3, 0), ESPIPE);
    // A thousand pieces, and pieces that overwrite the array that names them.
    static struct iovec many[IOV_MAX];
    for (int i = 0; i < IOV_MAX; ++i) many[i] = (struct iovec){block + IOV_MAX - 1 - i, 1};
    for (int i = 0; i < IOV_MAX; ++i) block[i] = (char)(i * 7);
    CHECK(pwritev(fd, many, IOV_MAX, 0) == IOV_MAX && pread(fd, block + IOV_MAX, IOV_MAX, 0) == IOV_MAX);
    for (int i = 0; i < IOV_MAX; ++i) CHECK(block[IOV_MAX + i] == (char)((IOV_MAX - 1 - i) * 7));
    struct iovec self[2] = {{self, sizeof self}, {a, 32}};
    CHECK(preadv(fd, self, 2, 0) == 64 && memcmp(a, block + IOV_MAX + 32, 32) == 0);
    CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

static void write_records(int fd, int writer) {
    char halves[2][50];
    memset(halves, 'A' + writer, sizeof halves);
    const struct iovec pieces[] = {{halves[0], 50}, {halves[1], 50}};
    for (int i = 0; i < TIMES; ++i) CHECK(writev(fd, pieces, 2) == 100);
    _exit(0);
}

static void records_are_whole(int fd) {
    char record[100];
    int count = 0;
    for (size_t have = 0;;) {
        const ssize_t more = read(fd, record + have, sizeof record - have);
        CHECK(more >= 0);
        if (more == 0) break;
        have += (size_t)more;
        if (have < sizeof record) continue;
        for (size_t i = 1; i < sizeof record; ++i) CHECK(record[i] == record[0]);
        have = 0;
        ++count;
    }
    CHECK(count == WRITERS * TIMES);
}

static void wait_for_writers(void) {
    int status;
    for (int i = 0; i < WRITERS; ++i) CHECK(wait(&status) > 0 && exited_with(status, 0));
}

static void records_stay_whole(const char* path) {
    int p[2];
    CHECK(pipe(p) == 0);
    for (int i = 0; i < WRITERS; ++i) {
        if (fork() == 0) write_records(p[1], i);
    }
    close(p[1]);
    records_are_whole(p[0]);
    wait_for_writers();

    for (int i = 0; i < WRITERS; ++i) {
        if (fork() == 0) write_records(open(path, O_WRONLY | O_APPEND), i);
    }
    wait_for_writers();
    records_are_whole(open(path, O_RDONLY));

    const int fd = open(path, O_RDWR | O_TRUNC);
    for (int i = 0; i < WRITERS; ++i) {
        if (fork() == 0) write_records(fd, i);
    }
    wait_for_writers();
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    records_are_whole(fd);
}

// More bytes than the kernel moves at once, from several writers to the same place. In the end they are one writer's.
static void a_large_write_is_whole(const char* path) {
    const int fd = open(path, O_RDWR | O_TRUNC);
    for (int i = 0; i < WRITERS; ++i) {
        if (fork() != 0) continue;
        memset(block, 'A' + i, sizeof block);
        for (int round = 0; round < 10; ++round) CHECK(pwrite(fd, block, sizeof block, 0) == sizeof block);
        _exit(0);
    }
    wait_for_writers();
    CHECK(pread(fd, block, sizeof block, 0) == sizeof block);
    for (size_t i = 1; i < sizeof block; ++i) CHECK(block[i] == block[0]);
}

int main(void) {
    enter_folder();
    const int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    a_read_waits_for_the_first_bytes_only();
    what_is_wrong_shows_first(fd);
    a_bad_page_later_ends_it_short(fd);
    pieces_have_places(fd);
    records_stay_whole("f");
    a_large_write_is_whole("f");
    CHECK(unlink("f") == 0);
    leave_folder();
    return 0;
}
