// How Redis saves: it forks, and the child writes its memory to a file while the parent continues to change its own.
// The child sees memory as it was at the fork. Here memory holds accounts between which money moves, so a snapshot of
// one moment always has the same sum.
//
//     snapshot [PAGES [FILE]]      (1024 pages, /tmp/snapshot)

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page_size = 4096, page_accounts = page_size / sizeof(int64_t), start_money = 1000 };

static int64_t* accounts;
static uint64_t account_count;

static uint64_t random_account(void) {
    static uint64_t state = 88172645463325252u;  // xorshift
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % account_count;
}

static void move_money(void) {
    uint64_t from = random_account(), to = random_account();
    accounts[from] -= 7;
    accounts[to] += 7;
}

struct image {
    int64_t sum;
    uint64_t print;  // a hash: it changes when any account changes
};

static struct image image_of(const int64_t* all) {
    struct image image = {0, 14695981039346656037u};  // FNV
    for (uint64_t i = 0; i < account_count; ++i) {
        image.sum += all[i];
        image.print = (image.print ^ (uint64_t)all[i]) * 1099511628211u;
    }
    return image;
}

static int save(const char* path) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) return 1;
    for (uint64_t i = 0; i < account_count; i += page_accounts) {
        if (write(file, accounts + i, page_size) != page_size) return 1;
    }
    return close(file);
}

static int load(const char* path, int64_t* to) {
    int file = open(path, O_RDONLY);
    for (uint64_t i = 0; i < account_count; i += page_accounts) {
        if (read(file, to + i, page_size) != page_size) return 1;
    }
    return close(file);
}

int main(int argc, char** argv) {
    uint64_t pages = argc > 1 ? strtoul(argv[1], NULL, 10) : 1024;
    const char* path = argc > 2 ? argv[2] : "/tmp/snapshot";
    account_count = pages * page_accounts;
    accounts = mmap(NULL, 2 * pages * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == 0 || accounts == MAP_FAILED) return 1;
    for (uint64_t i = 0; i < account_count; ++i) accounts[i] = start_money;
    for (int i = 0; i < 10000; ++i) move_money();

    const struct image at_fork = image_of(accounts);
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return 1;
    }
    if (child == 0) _exit(save(path));
    int status, moves = 0;
    do {
        for (int i = 0; i < 100; ++i, ++moves) move_money();
    } while (waitpid(child, &status, WNOHANG) == 0);

    int64_t* saved = accounts + account_count;
    if (status != 0 || load(path, saved) != 0) {
        fprintf(stderr, "snapshot: cannot write or read %s\n", path);
        return 1;
    }
    unlink(path);
    const struct image in_file = image_of(saved), in_memory = image_of(accounts);
    int same = in_file.print == at_fork.print && in_file.sum == at_fork.sum;
    int sum_holds = in_file.sum == (int64_t)account_count * start_money && in_memory.sum == in_file.sum;
    printf("%llu pages saved while the parent went on\n", (unsigned long long)pages);
    printf("the file %s the moment of the fork\n", same ? "has" : "does NOT have");
    printf("the sum %s in both\n", sum_holds ? "holds" : "does NOT hold");
    printf("the parent's memory is %s\n", in_memory.print != in_file.print ? "another by now" : "NOT another");
    return same && sum_holds && moves > 0 ? 0 : 1;
}
