// Private memory after fork: a write by one process is never seen by another, whoever writes and however the page came
// to be shared. The cases follow Linux's selftests/mm/cow.c.
#include "cow.h"

#include <sched.h>

// Both wrote before the fork. After it the parent writes first, then the child.
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

// mprotect() to writable must not make a shared page writable in place.
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

// The memory is read-only at the fork, in whole or in part.
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

// Untouched memory reads as zeros, whether or not it was read before the fork.
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

// If one process unmaps the memory, the other one keeps it.
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

// The parent sleeps in read() while the child shares the buffer, forks and writes. Only the parent gets the bytes.
static void test_read_in_flight(char* memory) {
    int data[2];
    CHECK(pipe(data) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        usleep(20000);  // now the parent sleeps
        pid_t grandchild = fork();
        CHECK(grandchild >= 0);
        if (grandchild == 0) {
            usleep(20000);
            CHECK(all_are(memory, 1));  // neither the bytes that read() stored nor the child's write
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

// The same, with the child asleep in read(), while the parent writes and forks again.
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

// Shared pages are shared again by the next generation. Each generation writes some of them.
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

// All children live at the same time: one frame with 301 owners.
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
        CHECK(read(start[0], &byte, 1) == 0);  // the end of file: all write ends are closed, so all children are here
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

// After the others have gone, the last owner writes in place, and its memory is unchanged otherwise.
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
