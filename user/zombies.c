// A process that has ended stays a zombie (state Z, no memory, only an exit status) until its parent reads the status
// with wait(). If a process's parent ends, init adopts the process and reaps it when it ends.
//
//     zombies [N]      (3)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// The state letter after the name in /proc/PID/stat; '-': there is no such process.
static char state_of(pid_t pid) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE* file = fopen(path, "r");
    if (file == NULL) return '-';
    char* name_end = fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL;
    fclose(file);
    return name_end != NULL ? name_end[2] : '?';
}

// Waits for each child by its pid, because wait() may return the children in any order.
static void show_zombies(int count) {
    pid_t* children = calloc((size_t)count + 1, sizeof *children);
    if (children == NULL) exit(1);
    for (int i = 1; i <= count; ++i) {
        pid_t child = children[i] = fork();
        if (child < 0) {
            perror("fork");
            exit(1);
        }
        if (child == 0) _exit(i);
        char state;
        while ((state = state_of(child)) != 'Z' && state != '-') usleep(1000);
        printf("child %d has ended: state %c\n", i, state);
        fflush(stdout);
    }
    for (int i = 1; i <= count; ++i) {
        int status;
        waitpid(children[i], &status, 0);
        printf("waited: exit status %d, state %c\n", WEXITSTATUS(status), state_of(children[i]));
    }
    fflush(stdout);
    free(children);
}

static void show_orphan(void) {
    int ends[2];
    if (pipe(ends) != 0) exit(1);
    pid_t child = fork();
    if (child == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {  // the grandchild
            while (getppid() == parent) usleep(1000);
            printf("orphan: my parent has ended, now it is %s\n", getppid() == 1 ? "init" : "somebody else");
            fflush(stdout);
            _exit(0);  // this closes the pipe's last write end
        }
        _exit(0);
    }
    close(ends[1]);
    waitpid(child, NULL, 0);
    char end;
    while (read(ends[0], &end, 1) > 0) continue;  // waits until the grandchild has ended
}

int main(int argc, char** argv) {
    int count = argc > 1 ? atoi(argv[1]) : 3;
    show_zombies(count > 0 ? count : 0);
    show_orphan();
    return 0;
}
