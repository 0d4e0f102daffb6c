// Private memory after fork: whoever writes, and however it came to be shared, nobody else sees it. After the cases of
// Linux's selftests/mm/cow.c.
#include "cow.h"

#include <sched.h>

// Both have written before the fork; the parent writes after it, then the child.
static void test_parent_writes_first(char* memory) {
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        take_turn(&turns);
        CHECK(all_are(memory, 1));
        fill(memory, 3);
        CHECK(all_are(memory, 3));
        end_turns(&turns);
    }
    fill(memory, 2);
    give_turn(&turns);
    end_turns(&turns);
    CHECK(all_are(memory, 2));
}

static void test_child_writes_first(char* memory) {
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        fill(memory, 2);
        give_turn(&turns);
        take_turn(&turns);
        CHECK(all_are(memory, 2));
        end_turns(&turns);
    }
    take_turn(&turns);
    CHECK(all_are(memory, 1));
    fill(memory, 3);
    give_turn(&turns);
    end_turns(&turns);
    CHECK(all_are(memory, 3));
}

static void round_trip(char* memory) {
    CHECK(mprotect(memory, length, PROT_READ) == 0);
    CHECK(mprotect(memory, length, PROT_NONE) == 0);
    CHECK(mprotect(memory, length, PROT_READ | PROT_WRITE) == 0);
}

// Making memory writable again must not make a shared page writable.
static void test_protection_round_trips(char* memory) {
    struct turns turns;
    round_trip(memory);
    if (begin_turns(&turns) == 0) {
        round_trip(memory);
        fill(memory, 2);
        give_turn(&turns);
        take_turn(&turns);
        round_trip(memory);
        CHECK(all_are(memory, 2));
        end_turns(&turns);
    }
    take_turn(&turns);
    round_trip(memory);
    CHECK(all_are(memory, 1));
    fill(memory, 3);
    give_turn(&turns);
    end_turns(&turns);
    CHECK(all_are(memory, 3));
}

// Read-only at the fork, and a part of it only.
static void test_fork_while_read_only(char* memory) {
    CHECK(mprotect(memory + PAGE, 2 * PAGE, PROT_READ) == 0);
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        CHECK(mprotect(memory, length, PROT_READ | PROT_WRITE) == 0);
        fill(memory, 2);
        give_turn(&turns);
        end_turns(&turns);
    }
    take_turn(&turns);
    CHECK(all_are(memory, 1));
    end_turns(&turns);
    CHECK(mprotect(memory, length, PROT_READ | PROT_WRITE) == 0);
}

// Untouched memory is zeros: read before the fork, or never.
static void test_zero_page(char* memory) {
    for (int read_before = 0; read_before < 2; ++read_before) {
        char* zeros = private_memory();
        if (read_before) CHECK(all_are(zeros, 0));
        struct turns turns;
        if (begin_turns(&turns) == 0) {
            zeros[0] = 2;
            give_turn(&turns);
            take_turn(&turns);
            CHECK(zeros[0] == 2 && zeros[PAGE] == 0);
            end_turns(&turns);
        }
        take_turn(&turns);
        CHECK(all_are(zeros, 0));
        zeros[PAGE] = 3;
        give_turn(&turns);
        end_turns(&turns);
        CHECK(zeros[0] == 0 && zeros[PAGE] == 3 && munmap(zeros, length) == 0);
    }
    CHECK(all_are(memory, 1));
}

// The one who unmaps it takes nothing away from the other.
static void test_unmap_in_one(char* memory) {
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        CHECK(munmap(memory + PAGE, 2 * PAGE) == 0);
        memory[0] = 2;
        give_turn(&turns);
        end_turns(&turns);
    }
    take_turn(&turns);
    CHECK(all_are(memory, 1));
    fill(memory, 3);
    end_turns(&turns);
    CHECK(all_are(memory, 3));
}

// The parent sleeps in read() when the child shares the buffer, forks and writes: the bytes are the parent's alone.
static void test_read_in_flight(char* memory) {
    int data[2];
    CHECK(pipe(data) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        usleep(20000);  // by now the parent sleeps
        pid_t grandchild = fork();
        CHECK(grandchild >= 0);
        if (grandchild == 0) {
            usleep(20000);
            CHECK(all_are(memory, 1));  // neither the parent's bytes nor the child's
            _exit(0);
        }
        memory[PAGE] = 5;
        char bytes[PAGE + 10];
        memset(bytes, 9, sizeof bytes);
        CHECK(write(data[1], bytes, sizeof bytes) == sizeof bytes);
        int status;
        CHECK(waitpid(grandchild, &status, 0) == grandchild && status == 0);
        CHECK(memory[0] == 1 && memory[10] == 1 && memory[PAGE] == 5);
        _exit(0);
    }
    for (ssize_t done = 0, got; done < PAGE + 10; done += got)
        CHECK((got = read(data[0], memory + done, PAGE + 10)) > 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(memory[0] == 9 && memory[PAGE + 9] == 9 && memory[PAGE + 10] == 1);
    close(data[0]), close(data[1]);
}

// The same with the child asleep, and the parent writing and forking on.
static void test_read_in_flight_in_child(char* memory) {
    int data[2];
    CHECK(pipe(data) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(read(data[0], memory + PAGE - 4, 8) == 8);
        CHECK(memory[PAGE - 5] == 1 && memory[PAGE - 4] == 9 && memory[PAGE + 3] == 9 && memory[PAGE + 4] == 1);
        _exit(0);
    }
    usleep(20000);
    memory[PAGE] = 3;
    pid_t other = fork();
    CHECK(other >= 0);
    if (other == 0) _exit(memory[PAGE] == 3 && memory[PAGE - 1] == 1 ? 0 : 1);
    CHECK(write(data[1], "\t\t\t\t\t\t\t\t", 8) == 8);
    for (int i = 0, status; i < 2; ++i) CHECK(wait(&status) > 0 && status == 0);
    CHECK(memory[PAGE] == 3 && memory[PAGE - 1] == 1 && memory[PAGE + 1] == 1);
    close(data[0]), close(data[1]);
}

// Pages that are shared already are shared again, each generation writing some of them.
static void generation(char* memory, int depth) {
    if (depth == 8) _exit(0);
    memory[(depth % pages) * PAGE + depth] = (char)(10 + depth);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (int d = 0; d <= depth; ++d) CHECK(memory[(d % pages) * PAGE + d] == 10 + d);
        generation(memory, depth + 1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    for (int d = 0; d <= depth; ++d) CHECK(memory[(d % pages) * PAGE + d] == 10 + d);
    CHECK(memory[((depth + 1) % pages) * PAGE + depth + 1] == 1);
    if (depth > 0) _exit(0);
}
static void test_fork_of_shared_pages(char* memory) { generation(memory, 0); }

// All alive at once: one frame with 301 owners.
static void test_three_hundred_children(char* memory) {
    enum { children = 300 };
    int start[2], ready[2];
    CHECK(pipe(start) == 0 && pipe(ready) == 0);
    for (int i = 0; i < children; ++i) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child > 0) continue;
        char byte;
        CHECK(close(start[1]) == 0 && write(ready[1], "r", 1) == 1);
        CHECK(read(start[0], &byte, 1) == 0);  // the writing ends are closed: all are here
        CHECK(memory[0] == 1);
        memory[0] = (char)i;
        memory[1] = (char)(i >> 8);
        sched_yield();
        CHECK(memory[0] == (char)i && memory[1] == (char)(i >> 8) && memory[2] == 1);
        _exit(0);
    }
    char byte;
    for (int i = 0; i < children; ++i) CHECK(read(ready[0], &byte, 1) == 1);
    close(start[0]), close(start[1]);
    for (int i = 0, status; i < children; ++i) CHECK(wait(&status) > 0 && status == 0);
    CHECK(all_are(memory, 1));
    close(ready[0]), close(ready[1]);
}

// Nobody shares it any more: the last one writes in place, and has what it had.
static void test_last_owner(char* memory) {
    for (int i = 0; i < 3; ++i) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) _exit(all_are(memory, (char)(1 + i)) ? 0 : 1);
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
        CHECK(all_are(memory, (char)(1 + i)));
        fill(memory, (char)(2 + i));
    }
}

int main(void) {
    static void (*const tests[])(char*) = {
        test_parent_writes_first,
        test_child_writes_first,
        test_protection_round_trips,
        test_fork_while_read_only,
        test_zero_page,
        test_unmap_in_one,
        test_read_in_flight,
        test_read_in_flight_in_child,
        test_fork_of_shared_pages,
        test_three_hundred_children,
        test_last_owner,
    };
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; ++i) {
        char* memory = private_memory();
        fill(memory, 1);
        tests[i](memory);
        CHECK(munmap(memory, length) == 0);
    }
    return 0;
}
