// Process 1 of a machine in which a student's program is graded (program_tests.py). It runs the program, and then says,
// behind the word that it was told, how the program ended, how many processes it left behind, and whether all had to be
// killed.
//
//     watch WORD PROGRAM [ARGUMENT]...
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

// Of the machine's clock, which counts instructions: the longest test needs a tenth.
static const struct itimerval most = {.it_value = {.tv_usec = 200000}};

static volatile sig_atomic_t stopped;

static void stop(int signal) {
  (void)signal;
  stopped = 1;
  kill(-1, SIGKILL);
  setitimer(ITIMER_REAL, &most, NULL);  // somebody may have been forking
}

int main(int argc, char** argv) {
  if (argc < 3) return 1;
  signal(SIGALRM, stop);
  pid_t program = fork();
  if (program == 0) {
    execv(argv[2], argv + 2);
    _exit(127);
  }
  setitimer(ITIMER_REAL, &most, NULL);
  int status, ending = 0, left = 0;
  for (pid_t pid; (pid = wait(&status)) > 0;) {
    if (pid == program) {
      ending = status;
    } else {
      ++left;
    }
  }
  printf("\n%s: status %d, signal %d, left %d, stopped %d\n", argv[1], WIFEXITED(ending) ? WEXITSTATUS(ending) : 0,
         WIFSIGNALED(ending) ? WTERMSIG(ending) : 0, left, (int)stopped);
  return 0;
}
