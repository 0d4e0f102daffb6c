// A file as a notice board: an editor and a reader map its page. A clerk has nothing to do with it: he fills sheets of
// his own, and looks at them again later.

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page_size = 4096, sheets = 64, trouble = 2 };

static int to_clerk[2], to_reader[2], to_editor[2];
static _Alignas(4096) long sheet[sheets][page_size / sizeof(long)];  // each in a page of its own

static void wait_at(const int* pipe) {
    char turn;
    if (read(pipe[0], &turn, 1) != 1) _exit(trouble);
}

static void wake(const int* pipe) {
    if (write(pipe[1], "", 1) != 1) _exit(trouble);
}

static char* map_board(void) {
    int file = open("board.txt", O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, page_size) != 0) _exit(trouble);
    char* board = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (board == MAP_FAILED) _exit(trouble);
    close(file);
    return board;
}

static int reader(void) {
    wait_at(to_reader);
    printf("Reader: the board says \"%s\"\n", map_board());
    return 0;
}

static int clerk(void) {
    wait_at(to_clerk);
    for (long i = 0; i < sheets; ++i) sheet[i][0] = i;
    wake(to_editor);
    wait_at(to_clerk);
    for (long i = 0; i < sheets; ++i) {
        if (sheet[i][0] == i) continue;
        printf("Clerk: sheet %ld is not as I wrote it: \"%s\"\n", i, (const char*)sheet[i]);
        return 1;
    }
    printf("Clerk: all %d sheets are as I wrote them\n", sheets);
    return 0;
}

static pid_t start(int (*work)(void)) {
    pid_t child = fork();
    if (child < 0) _exit(trouble);
    if (child == 0) _exit(work() + fflush(stdout));
    return child;
}

int main(void) {
    if (pipe(to_clerk) != 0 || pipe(to_reader) != 0 || pipe(to_editor) != 0) return trouble;
    int status = 0;
    pid_t the_clerk = start(clerk), the_reader = start(reader);
    char* board = map_board();
    strcpy(board, "Open all week");
    wake(to_reader);
    waitpid(the_reader, &status, 0);
    wake(to_clerk);
    wait_at(to_editor);
    strcpy(board, "Closed on Monday");
    printf("Editor: the board says \"%s\"\n", board);
    fflush(stdout);
    wake(to_clerk);
    waitpid(the_clerk, &status, 0);
    if (status == 0) unlink("board.txt");  // else it stays, for somebody to look at
    return WIFEXITED(status) ? WEXITSTATUS(status) : trouble;
}
