// Ends with the status, or by the signal, that its argument says.
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
    if (argc < 2) return 99;
    if (strcmp(argv[1], "segv") == 0) *(volatile int*)8 = 1;
    return atoi(argv[1]);
}
