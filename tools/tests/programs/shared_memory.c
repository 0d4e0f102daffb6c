// Shared memory, anonymous and of files, and the results of mmap, mremap, madvise and msync.
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { BOTH = PROT_READ | PROT_WRITE };

static char* map(int flags, int file, size_t size) {
    char* memory = mmap(NULL, size, BOTH, flags, file, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static int new_file(char fill, size_t size) {
    char name[] = "/tmp/sharedXXXXXX";
    int file = mkstemp(name);
    CHECK(file >= 0 && unlink(name) == 0);
    for (size_t i = 0; i < size; ++i) CHECK(write(file, &fill, 1) == 1);
    return file;
}

static char byte_at(int file, off_t offset) {
    char byte;
    CHECK(pread(file, &byte, 1, offset) == 1);
    return byte;
}

static char* volatile shared;

static void write_shared(void) {
    CHECK(shared[0] == 0 || shared[0] == 'f');
    shared[0] = 1;
    shared[3 * PAGE] = 2;  // no process has touched this page before the fork
}

static void test_anonymous(void) {
    shared = map(MAP_SHARED | MAP_ANONYMOUS, -1, 4 * PAGE);
    CHECK(exited_with(status_of(write_shared), 0));
    CHECK(shared[0] == 1 && shared[PAGE] == 0 && shared[3 * PAGE] == 2);
    CHECK(mprotect(shared, PAGE, PROT_READ) == 0 && mprotect(shared, PAGE, BOTH) == 0);
    shared[0] = 0;
    CHECK(exited_with(status_of(write_shared), 0) && shared[0] == 1);
    CHECK(munmap(shared, 4 * PAGE) == 0);
}

// The file itself, its readers, and all its mappings show the same bytes.
static void test_file(void) {
    int file = new_file('f', PAGE + 10);
    shared = map(MAP_SHARED, file, 2 * PAGE);
    char* other = map(MAP_SHARED, file, PAGE);
    CHECK(shared[PAGE + 9] == 'f' && shared[PAGE + 10] == 0);
    shared[PAGE] = 'x';
    CHECK(byte_at(file, PAGE) == 'x');
    CHECK(pwrite(file, "y", 1, 1) == 1 && shared[1] == 'y' && other[1] == 'y');
    pid_t child = fork();
    if (child == 0) {
        shared[2] = 'c';
        CHECK(pwrite(file, "w", 1, 3) == 1);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    CHECK(shared[2] == 'c' && other[2] == 'c' && byte_at(file, 2) == 'c' && other[3] == 'w');
    CHECK(msync(shared, 2 * PAGE, MS_SYNC) == 0);
    CHECK(close(file) == 0 && shared[2] == 'c');
    CHECK(munmap(shared, 2 * PAGE) == 0 && other[2] == 'c' && munmap(other, PAGE) == 0);
}

// A private mapping has its own copy of each page that it has written, whatever is written to the file later, and how.
static void test_private(void) {
    int file = new_file('f', 2 * PAGE);
    char* mine = map(MAP_PRIVATE, file, 2 * PAGE);
    mine[0] = 'm';
    CHECK(byte_at(file, 0) == 'f');
    CHECK(pwrite(file, "x", 1, 0) == 1 && mine[0] == 'm');
    shared = map(MAP_SHARED, file, 2 * PAGE);
    CHECK(shared[0] == 'x');
    shared[1] = 's';
    CHECK(mine[1] == 'f' && byte_at(file, 1) == 's');
    char* late = map(MAP_PRIVATE, file, 2 * PAGE);
    CHECK(late[1] == 's');
    late[1] = 'l';
    CHECK(shared[1] == 's' && byte_at(file, 1) == 's');
    CHECK(munmap(mine, 2 * PAGE) == 0 && munmap(late, 2 * PAGE) == 0 && munmap(shared, 2 * PAGE) == 0);
    CHECK(close(file) == 0);
}

static void load_behind(void) { (void)*(volatile char*)(shared + 2 * PAGE); }

static void test_end_of_file(void) {
    int file = new_file('f', PAGE + 1);
    shared = map(MAP_PRIVATE, file, 4 * PAGE);
    CHECK(shared[PAGE] == 'f' && shared[2 * PAGE - 1] == 0);
    CHECK(killed_by(status_of(load_behind), SIGBUS));
    CHECK(ftruncate(file, 3 * PAGE) == 0 && shared[2 * PAGE] == 0);
    CHECK(munmap(shared, 4 * PAGE) == 0 && close(file) == 0);
}

// The last page extends past the end of the file. Bytes stored there do not become part of the file when it grows.
static void test_behind_the_end(void) {
    int file = new_file('f', PAGE + 1);
    char* memory = map(MAP_SHARED, file, 3 * PAGE);
    memory[PAGE + 10] = 1;
    CHECK(ftruncate(file, PAGE + 1) == 0 && memory[PAGE + 10] == 0 && memory[PAGE] == 'f');
    if (on_ox()) {  // as POSIX demands; Linux's tmpfs drops them
        memory[PAGE + 10] = 1;
        CHECK(ftruncate(file, PAGE + 100) == 0 && byte_at(file, PAGE + 10) == 0);
        memory[PAGE + 110] = 1;
        CHECK(pwrite(file, "g", 1, 2 * PAGE) == 1 && byte_at(file, PAGE + 110) == 0 && byte_at(file, 2 * PAGE) == 'g');
    }
    CHECK(munmap(memory, 3 * PAGE) == 0 && close(file) == 0);
}

static void test_mremap(void) {
    char* memory = map(MAP_PRIVATE | MAP_ANONYMOUS, -1, 8 * PAGE);
    memset(memory, 7, 4 * PAGE);
    CHECK(mremap(memory, 8 * PAGE, 4 * PAGE, 0) == memory);
    CHECK(mremap(memory, 4 * PAGE, 8 * PAGE, 0) == memory && memory[3 * PAGE] == 7 && memory[7 * PAGE] == 0);
    CHECK(mprotect(memory + 4 * PAGE, 4 * PAGE, PROT_READ) == 0);
    CHECK_ERROR(mremap(memory, 4 * PAGE, 6 * PAGE, 0), ENOMEM);
    char* moved = mremap(memory, 4 * PAGE, 600 * PAGE, MREMAP_MAYMOVE);
    CHECK(moved != MAP_FAILED && moved != memory);
    for (int n = 0; n < 4 * PAGE; ++n) CHECK(moved[n] == 7);
    CHECK(moved[599 * PAGE] == 0);
    moved[599 * PAGE] = 1;
    CHECK(munmap(moved, 600 * PAGE) == 0 && munmap(memory + 4 * PAGE, 4 * PAGE) == 0);
    CHECK_ERROR(mremap(memory, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    memory = map(MAP_PRIVATE | MAP_ANONYMOUS, -1, 3 * PAGE);
    CHECK(mprotect(memory + PAGE, 2 * PAGE, PROT_READ) == 0);
    CHECK_ERROR(mremap(memory, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE), EFAULT);  // the range has two mappings
    CHECK(mremap(memory, 3 * PAGE, PAGE, 0) == memory && munmap(memory, PAGE) == 0);
    CHECK_ERROR(msync(memory + 2 * PAGE, PAGE, MS_SYNC), ENOMEM);
    CHECK_ERROR(mremap(memory + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL);
    CHECK_ERROR(mremap(memory, PAGE, 0, 0), EINVAL);
}

static void test_madvise(void) {
    char* memory = map(MAP_PRIVATE | MAP_ANONYMOUS, -1, 4 * PAGE);
    memset(memory, 7, 4 * PAGE);
    CHECK(madvise(memory + PAGE, 2 * PAGE, MADV_DONTNEED) == 0);
    CHECK(memory[0] == 7 && memory[PAGE] == 0 && memory[3 * PAGE] == 7);
    CHECK(madvise(memory, 4 * PAGE, MADV_WILLNEED) == 0 && madvise(memory, 0, MADV_DONTNEED) == 0);
    CHECK_ERROR(madvise(memory + 1, PAGE, MADV_DONTNEED), EINVAL);
    CHECK(munmap(memory + PAGE, PAGE) == 0);
    CHECK_ERROR(madvise(memory, 4 * PAGE, MADV_DONTNEED), ENOMEM);  // an error, but the mapped pages are discarded
    CHECK(memory[0] == 0 && memory[3 * PAGE] == 0);
    CHECK_ERROR(msync(memory, 2 * PAGE, MS_SYNC), ENOMEM);
    CHECK_ERROR(msync(memory, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK(msync(memory, PAGE, MS_ASYNC) == 0);
    CHECK(munmap(memory, 4 * PAGE) == 0);
    int file = new_file('f', PAGE);
    memory = map(MAP_PRIVATE, file, PAGE);
    memory[0] = 'm';
    CHECK(madvise(memory, PAGE, MADV_DONTNEED) == 0 && memory[0] == 'f');
    CHECK(munmap(memory, PAGE) == 0 && close(file) == 0);
}

static void test_errors(void) {
    char name[] = "/tmp/sharedXXXXXX";
    int file = mkstemp(name);
    CHECK(file >= 0 && write(file, "x", 1) == 1);
    int read_only = open(name, O_RDONLY), write_only = open(name, O_WRONLY), folder = open("/tmp", O_RDONLY);
    int ends[2];
    CHECK(unlink(name) == 0 && pipe(ends) == 0 && folder >= 0);
    CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 99, 0), EBADF);
    CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ends[0], 0), ENODEV);
    CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, folder, 0), ENODEV);
    CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 1), EINVAL);
    CHECK_ERROR(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, file, 0), EINVAL);
    CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, 0, file, 0), EINVAL);
    CHECK_ERROR(mmap(NULL, PAGE, BOTH, MAP_SHARED, read_only, 0), EACCES);
    CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, write_only, 0), EACCES);
    char* memory = mmap(NULL, PAGE, BOTH, MAP_PRIVATE, read_only, 0);
    CHECK(memory != MAP_FAILED && memory[0] == 'x');
    memory[0] = 'y';
    CHECK(byte_at(file, 0) == 'x');
    CHECK(mmap(memory, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, read_only, 0) == memory && memory[0] == 'x');
    CHECK_ERROR(mprotect(memory, PAGE, BOTH), EACCES);
    CHECK(mprotect(memory, PAGE, PROT_NONE) == 0 && mprotect(memory, PAGE, PROT_READ) == 0 && memory[0] == 'x');
    CHECK(mmap(memory, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == memory && memory[0] == 'x');
    CHECK_ERROR(mmap(memory, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, file, 0), EEXIST);
    CHECK(munmap(memory, PAGE) == 0);
}

int main(void) {
    test_anonymous();
    test_file();
    test_private();
    test_end_of_file();
    test_behind_the_end();
    test_mremap();
    test_madvise();
    test_errors();
    return 0;
}
