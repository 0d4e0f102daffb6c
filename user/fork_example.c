#include <stdio.h>
#include <unistd.h>

int main() {
    int x = 5;  // Variable in memory

    printf("Before fork: x = %d (address: %p)\n", x, &x);

    pid_t pid = fork();

    if (pid < 0) {
        // Fork failed
        fprintf(stderr, "Fork failed\n");
        return 1;
    } else if (pid == 0) {
        // Child process
        printf("Child: x = %d (address: %p)\n", x, &x);
        x = 10;  // Child modifies x
        printf("Child after change: x = %d (address: %p)\n", x, &x);
    } else {
        // Parent process
        printf("Parent: x = %d (address: %p)\n", x, &x);
        x = 20;  // Parent modifies x
        printf("Parent after change: x = %d (address: %p)\n", x, &x);
    }

    return 0;
}
