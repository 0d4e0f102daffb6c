// The shell's jobs: pipelines that run, are stopped or are in the background, and the terminal that they share.
#pragma once

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#include "sh_words.h"

enum { max_stages = 16, max_jobs = 32 };

// A pipeline: one process for each command. With a terminal, all of them are in one process group.
struct job {
    pid_t group;
    pid_t pids[max_stages];  // 0: this process has ended
    int count;               // 0: this slot is free
    pid_t last;              // the last command's; its status is the job's status
    int stopped;
    int status;
    char text[100];
};
static struct job jobs[max_jobs];

static int interactive;
static struct termios modes;  // the terminal's modes when the shell started

static struct job* new_job(const struct token* t, int from, int to) {
    for (struct job* job = jobs; job < jobs + max_jobs; ++job) {
        if (job->count != 0) continue;
        memset(job, 0, sizeof *job);
        for (int i = from; i < to; ++i) {
            size_t used = strlen(job->text);
            snprintf(job->text + used, sizeof job->text - used, "%s%s", used > 0 ? " " : "", t[i].text);
        }
        return job;
    }
    fprintf(stderr, "sh: too many jobs\n");
    return NULL;
}

// --- the terminal: one process group has it at a time

static const int shells_signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

static void set_signals(void (*handler)(int)) {
    for (size_t i = 0; i < sizeof shells_signals / sizeof shells_signals[0]; ++i) signal(shells_signals[i], handler);
}

// Parent and child both call this, since either may run first.
static void join_group(struct job* job, pid_t pid, int background) {
    if (!interactive) return;
    if (job->group == 0) job->group = pid;
    setpgid(pid, job->group);
    if (!background) tcsetpgrp(STDIN_FILENO, job->group);
}

static void ignore_line(int signal) { (void)signal; }

static void become_interactive(void) {
    interactive = 1;
    set_signals(SIG_IGN);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = ignore_line}, NULL);  // interrupts the reading of a line
    setpgid(0, 0);
    tcsetpgrp(STDIN_FILENO, getpgrp());
    tcgetattr(STDIN_FILENO, &modes);
}

// --- waiting

static void report(const struct job* job, const char* what) {
    fprintf(stderr, "[%d] %-8s %s\n", (int)(job - jobs) + 1, what, job->text);
}

// Waits until all processes of the job have ended, one has stopped, or a signal has come. Returns whether all have
// ended.
static int wait_job(struct job* job, int options) {
    for (int i = 0; i < job->count; ++i) {
        if (job->pids[i] == 0) continue;
        int status;
        pid_t pid = waitpid(job->pids[i], &status, WUNTRACED | options);
        job->stopped = pid > 0 && WIFSTOPPED(status);
        if (pid == 0 || job->stopped || (pid < 0 && errno == EINTR)) return 0;
        if (job->pids[i] == job->last) job->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        job->pids[i] = 0;
    }
    return 1;
}

static void wait_in_foreground(struct job* job) {
    if (interactive) tcsetpgrp(STDIN_FILENO, job->group);
    int ended;
    do ended = wait_job(job, 0);
    while (!ended && !job->stopped);
    if (interactive) {
        tcsetpgrp(STDIN_FILENO, getpgrp());
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    }
    if (!ended) {
        last_status = 128 + SIGTSTP;
        fputc('\n', stderr);
        report(job, "Stopped");
        return;
    }
    last_status = job->status;
    if (last_status == 128 + SIGINT && interactive) {
        fputc('\n', stderr);
    } else if (last_status > 128 && last_status < 128 + 32 && last_status != 128 + SIGPIPE) {
        fprintf(stderr, "%s\n", strsignal(last_status - 128));
    }
    job->count = 0;
}

// Reports the background jobs that have changed state, and frees the slots of those that have ended.
static void look_after_jobs(void) {
    for (struct job* job = jobs; job < jobs + max_jobs; ++job) {
        if (job->count == 0 || job->stopped) continue;
        int ended = wait_job(job, WNOHANG);
        if (interactive && (ended || job->stopped)) report(job, ended ? "Done" : "Stopped");
        if (ended) job->count = 0;
    }
}

// --- jobs, fg, bg, wait

// The job called "%2" or "2", or the job whose last process has that pid; without a name, the newest job.
static struct job* find_job(const char* name) {
    int wanted = name == NULL ? 0 : atoi(name + (*name == '%'));
    for (struct job* job = jobs + max_jobs; job-- > jobs;) {
        int number = (int)(job - jobs) + 1;
        if (job->count > 0 && (wanted == 0 || wanted == number || wanted == job->last)) return job;
    }
    return NULL;
}

static int do_jobs(char** args) {
    (void)args;
    for (struct job* job = jobs; job < jobs + max_jobs; ++job) {
        if (job->count > 0) report(job, job->stopped ? "Stopped" : "Running");
    }
    return 0;
}

// fg and bg: continue a job.
static int do_continue(char** args) {
    struct job* job = interactive ? find_job(args[1]) : NULL;
    if (job == NULL) {
        fprintf(stderr, "%s: no such job\n", args[0]);
        return 1;
    }
    job->stopped = 0;
    int in_front = strcmp(args[0], "fg") == 0;
    if (in_front) tcsetpgrp(STDIN_FILENO, job->group);
    fprintf(stderr, "%s\n", job->text);
    kill(-job->group, SIGCONT);
    if (in_front) wait_in_foreground(job);
    return in_front ? last_status : 0;
}

// Waits for the named job, or for all running jobs.
static int do_wait(char** args) {
    for (struct job* job = jobs; job < jobs + max_jobs; ++job) {
        if (job->count == 0 || job->stopped || (args[1] != NULL && job != find_job(args[1]))) continue;
        if (!wait_job(job, 0)) return 128 + SIGINT;
        job->count = 0;
        if (args[1] != NULL) return job->status;
    }
    return args[1] != NULL ? 127 : 0;
}
