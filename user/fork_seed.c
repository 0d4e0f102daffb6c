// A family whose numbers come from a seed: how many children there are, how many of them store to x, and where x is.
//
//     fork_seed SEED
//
// x has a page of its own. The parent forks all its children first. Then some of them store to x, one after the other,
// and at last the parent does. Until then nobody ends. The parent waits for some of its children and becomes ps.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page_size = 4096, most = 5 };

struct plan {
    unsigned children, stores, waits;  // at least 2 children; 1 or more of them store; fewer than all are waited for
    uintptr_t address;                 // of x
    int x;
};

static struct plan plan_of(unsigned seed) {
    struct plan plan;
    plan.children = 2 + seed % (most - 1);
    plan.stores = 1 + seed / 4 % plan.children;
    plan.waits = seed / 16 % plan.children;
    plan.address = 0x30000000 + (uintptr_t)(seed % 997) * page_size + seed % 61 * sizeof(int);
    plan.x = 10 + (int)(seed % 37);
    return plan;
}

static void put(int end) {
    if (write(end, "", 1) != 1) _exit(1);
}

static void get(int end) {
    char byte;
    if (read(end, &byte, 1) != 1) _exit(1);
}

// A child: it stores when it gets a byte, and ends when it gets another one. Its exit status is what it reads in x.
static void live(volatile int* x, int number, int stores, int turn, int done) {
    get(turn);
    if (stores) *x = *x + number;
    put(done);
    get(turn);
    _exit(*x);
}

int main(int argc, char** argv) {
    int seed = argc > 1 ? atoi(argv[1]) : 0;
    if (seed <= 0) {
        fputs("usage: fork_seed SEED, a number above 0\n", stderr);
        return 1;
    }
    struct plan plan = plan_of((unsigned)seed);
    void* page = mmap((void*)(plan.address / page_size * page_size), page_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    volatile int* x = (int*)plan.address;
    int turn[most][2], done[2];
    pid_t child[most];
    if (page == MAP_FAILED || pipe(done) != 0) return 1;
    *x = plan.x;
    printf("x = %d (address: %p)\n", *x, (void*)plan.address);

    for (unsigned i = 0; i < plan.children; ++i) {
        if (pipe(turn[i]) != 0) return 1;
        fflush(stdout);
        child[i] = fork();
        if (child[i] < 0) {
            perror("fork");
            return 1;
        }
        if (child[i] == 0) live(x, (int)i + 1, i < plan.stores, turn[i][0], done[1]);
    }
    for (unsigned i = 0; i < plan.children; ++i) {
        put(turn[i][1]);
        get(done[0]);
    }
    *x = *x + 100;
    for (unsigned i = 0; i < plan.children; ++i) {
        siginfo_t how;
        put(turn[i][1]);
        waitid(P_PID, (id_t)child[i], &how, WEXITED | WNOWAIT);  // it has ended, and is left as it is
        printf("child %u, pid %d, ends with status %d\n", i + 1, (int)child[i], how.si_status);
    }
    for (unsigned i = 0; i < plan.waits; ++i) waitpid(child[i], NULL, 0);
    printf("parent: x = %d\n", *x);
    fflush(stdout);
    execlp("ps", "ps", (char*)NULL);
    perror("ps");
    return 1;
}
