// The lecture's example with x alone in its page, so only x = 10 and x = 20 can make the kernel copy that page. (A
// variable on the stack shares its page with the frames of fork() and printf(), which write there earlier.)

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    _Alignas(4096) volatile int x;
    char rest[4096 - sizeof(int)];
} page = {.x = 5};

int main(void) {
    printf("Before fork: x = %d (address: %p)\n", page.x, (void*)&page.x);
    fflush(stdout);

    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        return 1;
    }
    if (pid == 0) {
        printf("Child: x = %d (address: %p)\n", page.x, (void*)&page.x);
        page.x = 10;
        printf("Child after change: x = %d (address: %p)\n", page.x, (void*)&page.x);
        return 0;
    }
    if (waitpid(pid, NULL, 0) != pid) {
        perror("waitpid");
        return 1;
    }
    printf("Parent: x = %d (address: %p)\n", page.x, (void*)&page.x);
    page.x = 20;
    printf("Parent after change: x = %d (address: %p)\n", page.x, (void*)&page.x);
    return 0;
}
