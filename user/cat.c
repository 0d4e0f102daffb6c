// Copies files, or its input, to its output.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int copy(int from, const char* name) {
    static char buffer[65536];
    for (;;) {
        ssize_t got = read(from, buffer, sizeof buffer);
        if (got == 0) return 0;
        for (ssize_t done = 0; got > 0 && done < got;) {
            ssize_t written = write(STDOUT_FILENO, buffer + done, (size_t)(got - done));
            if (written < 0) {
                got = written;
                break;
            }
            done += written;
        }
        if (got < 0) {
            fprintf(stderr, "cat: %s: %s\n", name, strerror(errno));
            return 1;
        }
    }
}

int main(int argc, char** argv) {
    int failed = 0;
    if (argc == 1) return copy(STDIN_FILENO, "the input");
    for (int i = 1; i < argc; ++i) {
        int file = strcmp(argv[i], "-") == 0 ? STDIN_FILENO : open(argv[i], O_RDONLY);
        if (file < 0) {
            fprintf(stderr, "cat: %s: %s\n", argv[i], strerror(errno));
            failed = 1;
            continue;
        }
        failed |= copy(file, argv[i]);
        if (file != STDIN_FILENO) close(file);
    }
    return failed;
}
