// A tree of processes: each process forks WIDTH children, until the tree is DEPTH generations deep, and waits for them.
// A child has a copy of all that its parent knew at the fork, such as its place in the tree. But their memories are
// separate from then on, so a child's count reaches the parent only through its exit status.
//
//     fork_tree [DEPTH [WIDTH]]      (2 and 2; at most 255 processes fit into an exit status)

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_place(int depth, pid_t parent) {
    printf("%*s%s pid %d, child of %d\n", 4 * depth, "", depth == 0 ? "root" : "`--", (int)getpid(), (int)parent);
    fflush(stdout);  // else each child inherits the unwritten line and prints it again
}

// Returns the number of processes in the tree below this one, itself included.
static int grow(int depth, int deepest, int width) {
    int count = 1;
    print_place(depth, getppid());
    for (int i = 0; depth < deepest && i < width; ++i) {
        pid_t child = fork();
        if (child < 0) {
            fprintf(stderr, "fork_tree: %s\n", strerror(errno));
            break;
        }
        if (child == 0) _exit(grow(depth + 1, deepest, width));
        int status;
        if (waitpid(child, &status, 0) == child && WIFEXITED(status)) count += WEXITSTATUS(status);
    }
    return count;
}

int main(int argc, char** argv) {
    int deepest = argc > 1 ? atoi(argv[1]) : 2;
    int width = argc > 2 ? atoi(argv[2]) : 2;
    printf("%d processes\n", grow(0, deepest, width));
    return 0;
}
