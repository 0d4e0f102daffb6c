// Whose parent is gone is adopted by init, which ends when nobody is left, with this program's own status.
#include <time.h>
#include <unistd.h>

#include "check.h"

int main(void) {
  for (int n = 0; n < 5; ++n) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      if (fork() == 0 && fork() == 0) {
        struct timespec nap = {0, 30 * 1000 * 1000};
        nanosleep(&nap, 0);
        CHECK(getppid() >= 1);
        CHECK(write(1, "orphan\n", 7) == 7);
      }
      _exit(9);
    }
  }
  return 5;
}
