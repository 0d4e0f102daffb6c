// Three small families of processes, in plain POSIX: the same on ox and on Linux. (The lab "processes".)
//
//     family tree N                  N processes; number K forks the numbers 2K and 2K + 1
//     family sum N                   N children each work on their own x; their parent adds up what they found
//     family pipeline PROGRAM...     PROGRAM | PROGRAM | ...; the status is the last one's

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int x = 5;

static void print_place(int number) {
    printf("process %d: pid %d, child of %d\n", number, (int)getpid(), (int)getppid());
    fflush(stdout);  // else each child inherits the unwritten line and prints it again
}

static void work(int number) {
    x += number * number;
    printf("worker %d: pid %d, x = %d\n", number, (int)getpid(), x);
    fflush(stdout);
}

// Becomes the program. Only if there is none of that name, this ends the process with 127.
static void become(char* program) {
    char* arguments[] = {program, NULL};
    execvp(program, arguments);
    perror(program);
    _exit(127);
}

// Called in process `number` of a tree of `last` processes. It prints the process's place, forks the children that it
// has, and waits for them. Returns the sum of the numbers of all processes from here down, its own included.
static int tree(int number, int last) {
    int sum = number;
    print_place(number);
    for (int next = 2 * number; next <= last && next <= 2 * number + 1; ++next) {
        pid_t child = fork();
        if (child < 0) perror("fork");
        if (child == 0) _exit(tree(next, last));
    }
    int status;
    while (wait(&status) > 0) sum += WEXITSTATUS(status);
    return sum;
}

// Forks the children 1 to `count`. Child K calls work(K), and so has an x of its own. Returns the sum of these.
static long sum(int count) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    for (int number = 1; number <= count; ++number) {
        pid_t child = fork();
        if (child < 0) perror("fork");
        if (child == 0) {
            work(number);
            _exit(write(ends[1], &x, sizeof x) == sizeof x ? 0 : 1);
        }
    }
    close(ends[1]);
    long result = 0;
    for (int found; read(ends[0], &found, sizeof found) == sizeof found;) result += found;
    close(ends[0]);
    while (wait(NULL) > 0) continue;
    return result;
}

// Runs all the programs at the same time. What one writes to its standard output is the next one's standard input.
// Waits for all. Returns the exit status of the last program.
static int pipeline(char** programs, int count) {
    int input = STDIN_FILENO, result = 0;
    pid_t last = 0;
    for (int i = 0; i < count; ++i) {
        int ends[2] = {STDIN_FILENO, STDOUT_FILENO};
        if (i + 1 < count && pipe(ends) != 0) return 1;
        last = fork();
        if (last < 0) perror("fork");
        if (last == 0) {
            if (i + 1 < count) close(ends[0]);
            if (input != STDIN_FILENO) dup2(input, STDIN_FILENO), close(input);
            if (ends[1] != STDOUT_FILENO) dup2(ends[1], STDOUT_FILENO), close(ends[1]);
            become(programs[i]);
        }
        if (input != STDIN_FILENO) close(input);
        if (ends[1] != STDOUT_FILENO) close(ends[1]);
        input = ends[0];
    }
    int status;
    for (pid_t ended; (ended = wait(&status)) > 0;) {
        if (ended == last) result = WEXITSTATUS(status);
    }
    return result;
}

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "";
    int number = argc > 2 ? atoi(argv[2]) : 0;
    if (strcmp(what, "tree") == 0 && number > 0 && number < 20) {
        printf("sum %d\n", tree(1, number));
    } else if (strcmp(what, "sum") == 0 && number > 0) {
        long found = sum(number);
        printf("sum %ld; the parent's x = %d\n", found, x);
    } else if (strcmp(what, "pipeline") == 0 && argc > 2) {
        return pipeline(argv + 2, argc - 2);
    } else {
        fputs("usage: family tree N (1 to 19) | family sum N | family pipeline PROGRAM...\n", stderr);
        return 1;
    }
    return 0;
}
