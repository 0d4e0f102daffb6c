// vfork and posix_spawn lend the parent's space to the child until it execs or exits; exec starts a program afresh.
#define _GNU_SOURCE
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

extern char** environ;

static int exit_status(pid_t child) {
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int main(int argc, char** argv) {
  if (argc == 3) return atoi(argv[2]) + (getenv("PLUS") ? atoi(getenv("PLUS")) : 0);

  char* arguments[] = {"spawn", "again", "41", 0};
  char* environment[] = {"PLUS=1", 0};
  for (volatile int round = 0; round < 5; ++round) {
    pid_t child;
    CHECK(posix_spawn(&child, "/spawn", 0, 0, arguments, environment) == 0);
    CHECK(exit_status(child) == 42);
    CHECK(posix_spawn(&child, "/nosuch", 0, 0, arguments, environment) == ENOENT);

    volatile int seen = 0;
    child = vfork();
    if (child == 0) {
      seen = 9;  // in the parent's own memory
      _exit(seen);
    }
    CHECK(child > 0 && seen == 9 && exit_status(child) == 9);

    child = vfork();
    if (child == 0) {
      execve("/spawn", arguments, environ);
      _exit(100);
    }
    CHECK(child > 0 && exit_status(child) == 41);

    child = fork();
    if (child == 0) {
      CHECK(execve("/nosuch", arguments, environ) == -1 && errno == ENOENT);
      CHECK(execve("/", arguments, environ) == -1 && (errno == EACCES || errno == EISDIR));
      execve("/spawn", arguments, environment);
      _exit(100);
    }
    CHECK(child > 0 && exit_status(child) == 42);
  }
  CHECK(argv[0] != 0);
  return 0;
}
