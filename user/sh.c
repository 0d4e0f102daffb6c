// A small shell: pipelines, redirection, ; && || &, subshells, quotes, variables, file names for *, job control.
//
//     sh                commands from a prompt, if the input is a terminal; else from the lines of the input
//     sh FILE [ARG...]  commands from a file; $1... are the arguments
//     sh -c LINE
//
// There is no syntax tree. A line is cut into tokens. Each function searches its tokens for the operators of its own
// level, outside parentheses, and passes the pieces between them to the next level: list (; &), conditions (&& ||),
// pipeline (|), command.

#define _GNU_SOURCE  // pipe2
#include <fcntl.h>
#include <sys/stat.h>

#include "run_program.h"
#include "sh_jobs.h"

static void run_list(const struct token* t, int from, int to);

// Not exit(3): it would move the position in the script that is being read, which is shared with the parent shell.
static void leave(int status) {
    fflush(stdout);
    _exit(status);
}

// --- builtins: commands that must run in the shell itself

static int do_cd(char** args) {
    const char* folder = args[1] != NULL ? args[1] : get_variable("HOME");
    if (chdir(folder) == 0) return 0;
    fprintf(stderr, "cd: %s: %s\n", folder, strerror(errno));
    return 1;
}

static int do_exit(char** args) {
    leave(args[1] != NULL ? atoi(args[1]) : last_status);
    return 0;
}

static void assign(char* word) {
    char* value = strchr(word, '=');
    *value = 0;
    setenv(word, value + 1, 1);
}

static int do_export(char** args) {
    for (int i = 1; args[i] != NULL; ++i) {
        if (is_assignment(args[i])) assign(args[i]);
    }
    return 0;
}

static int do_help(char** args) {
    (void)args;
    puts(
        "a | b  a; b  a && b  a || b  a &  (a; b)  < > >> 2> 2>> 2>&1  '...' \"...\"  $NAME $? $$ $!  * ? [ ]\n"
        "cd [FOLDER]  exit [STATUS]  export NAME=VALUE  umask [MASK]  jobs  fg [JOB]  bg [JOB]  wait [JOB]  help\n"
        "ctrl-C ends a program, ctrl-Z stops it, ctrl-D ends the shell. Programs: ls /bin\n"
        "if, while, functions, $( ), editing and history: make qemu USERLAND=debian");
    return 0;
}

static int do_umask(char** args) {
    mode_t mask = umask(0);
    umask(args[1] != NULL ? (mode_t)strtol(args[1], NULL, 8) : mask);
    if (args[1] == NULL) printf("%04o\n", (unsigned)mask);
    return 0;
}

static const struct builtin {
    const char* name;
    int (*function)(char** args);
} builtins[] = {{"cd", do_cd},       {"exit", do_exit}, {"export", do_export}, {"jobs", do_jobs}, {"fg", do_continue},
                {"bg", do_continue}, {"wait", do_wait}, {"umask", do_umask},   {"help", do_help}};

static const struct builtin* find_builtin(const char* name) {
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; ++i) {
        if (strcmp(builtins[i].name, name) == 0) return &builtins[i];
    }
    return NULL;
}

// --- one command

// The index of the first of these operators outside parentheses; `to`: there is none.
static int find(const struct token* t, int from, int to, const char* this, const char* or_that) {
    for (int depth = 0; from < to; ++from) {
        if (depth == 0 && (is(&t[from], this) || is(&t[from], or_that))) break;
        depth += is(&t[from], "(") - is(&t[from], ")");
    }
    return from;
}

static int redirect(const struct token* op, const char* file) {
    if (is(op, "2>&1")) return dup2(1, 2);
    if (is(op, ">&2")) return dup2(2, 1);
    int to = is(op, "<") ? 0 : op->text[0] == '2' ? 2 : 1;
    int flags = to == 0 ? O_RDONLY : O_WRONLY | O_CREAT | (strstr(op->text, ">>") != NULL ? O_APPEND : O_TRUNC);
    int fd = open(file, flags | O_CLOEXEC, 0666);
    if (fd < 0) fprintf(stderr, "sh: %s: %s\n", file, strerror(errno));
    if (fd < 0 || fd == to) return fd;
    dup2(fd, to);
    return close(fd);
}

// Carries out a command's assignments and redirections, and expands its arguments. -1: failed, and has said why.
static int prepare(const struct token* t, int from, int to, glob_t* args) {
    int result = 0;
    *args = (glob_t){.gl_pathc = 0};
    for (int i = from; i < to && result >= 0; ++i) {
        glob_t word = {.gl_pathc = 0};
        if (is_redirection(&t[i])) {
            if (takes_file(&t[i])) expand(t[i + 1].text, 0, &word);
            result = redirect(&t[i], word.gl_pathc > 0 ? word.gl_pathv[0] : NULL);
            i += takes_file(&t[i]);
        } else if (args->gl_pathc == 0 && is_assignment(t[i].text)) {
            expand(t[i].text, 0, &word);
            assign(word.gl_pathv[0]);
        } else {
            expand(t[i].text, 1, args);
        }
        globfree(&word);
    }
    return result;
}

// Runs in a child process: a command, a list in parentheses, or any list in the background.
static void run_in_child(const struct token* t, int from, int to) {
    glob_t args;
    interactive = 0;
    memset(jobs, 0, sizeof jobs);
    int end = is(&t[from], "(") ? find(t, from + 1, to, ")", ")") : from;
    if (find(t, from, to, "&&", "||") < to) {
        run_list(t, from, to);
    } else if (prepare(t, end + (end > from), to, &args) < 0) {
        last_status = 2;
    } else if (end > from) {
        run_list(t, from + 1, end);
    } else if (args.gl_pathc == 0) {
        last_status = 0;
    } else if (find_builtin(args.gl_pathv[0]) != NULL) {
        last_status = find_builtin(args.gl_pathv[0])->function(args.gl_pathv);
    } else {
        const char* why = run_program(args.gl_pathv);
        last_status = errno == ENOENT ? 127 : 126;
        fprintf(stderr, "sh: %s: %s\n", args.gl_pathv[0], why);
    }
    leave(last_status);
}

// Whether the command must run in the shell itself: assignments and builtins.
static int belongs_here(const struct token* t, int from, int to) {
    if (find_builtin(t[from].text) != NULL) return 1;
    while (from < to && is_assignment(t[from].text)) ++from;
    return from == to;
}

static void run_here(const struct token* t, int from, int to) {
    int saved[3];
    for (int fd = 0; fd < 3; ++fd) saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    glob_t args;
    if (prepare(t, from, to, &args) < 0) {
        last_status = 2;
    } else {
        last_status = args.gl_pathc == 0 ? 0 : find_builtin(args.gl_pathv[0])->function(args.gl_pathv);
    }
    fflush(stdout);
    globfree(&args);
    for (int fd = 0; fd < 3; ++fd) dup2(saved[fd], fd), close(saved[fd]);
}

// --- pipelines and lists

// Starts one command of a pipeline. Returns the descriptor from which the next command reads; -1: it was the last one.
static int start_stage(struct job* job, const struct token* t, int from, int to, int input, int last, int background) {
    fflush(NULL);
    int ends[2] = {-1, -1};
    pid_t pid = !last && pipe2(ends, O_CLOEXEC) != 0 ? -1 : fork();
    if (pid == 0) {
        join_group(job, getpid(), background);
        if (interactive) set_signals(SIG_DFL);
        if (input >= 0) dup2(input, 0);
        if (ends[1] >= 0) dup2(ends[1], 1);
        run_in_child(t, from, to);
    }
    if (input >= 0) close(input);
    if (ends[1] >= 0) close(ends[1]);
    if (pid < 0) {
        fprintf(stderr, "sh: cannot fork: %s\n", strerror(errno));
        return ends[0];
    }
    join_group(job, pid, background);
    job->pids[job->count++] = job->last = pid;
    return ends[0];
}

static void run_pipeline(const struct token* t, int from, int to, int background) {
    // A list with && or || that runs in the background is one child process.
    const char* bar = find(t, from, to, "&&", "||") < to ? "" : "|";
    if (!background && find(t, from, to, bar, bar) == to && belongs_here(t, from, to)) {
        run_here(t, from, to);
        return;
    }
    struct job* job = new_job(t, from, to);
    int input = -1;
    for (int start = from, end; job != NULL && start < to && job->count < max_stages; start = end + 1) {
        end = find(t, start, to, bar, bar);
        input = start_stage(job, t, start, end, input, end == to, background);
    }
    if (input >= 0) close(input);  // the pipeline has more commands than a job may have
    if (job == NULL || job->count == 0) {
        last_status = 126;
        return;
    }
    if (!background) {
        wait_in_foreground(job);
        return;
    }
    last_status = 0;
    last_background = job->last;
    if (interactive) fprintf(stderr, "[%d] %d\n", (int)(job - jobs) + 1, (int)last_background);
}

static void run_conditions(const struct token* t, int from, int to) {
    for (int skip = 0;;) {
        int end = find(t, from, to, "&&", "||");
        if (!skip) run_pipeline(t, from, end, 0);
        if (end == to) return;
        skip = is(&t[end], "&&") ? last_status != 0 : last_status == 0;
        from = end + 1;
    }
}

static void run_list(const struct token* t, int from, int to) {
    for (int end; from < to; from = end + 1) {
        end = find(t, from, to, ";", "&");
        if (from == end) continue;  // nothing but a ; or &
        if (end < to && is(&t[end], "&")) {
            run_pipeline(t, from, end, 1);
        } else {
            run_conditions(t, from, end);
        }
        look_after_jobs();
    }
}

static void run_line(const char* line) {
    static struct token tokens[max_tokens];
    int count = cut(line, tokens);
    if (count < 0) last_status = 2;
    run_list(tokens, 0, count);
    for (int i = 0; i < count; ++i) free(tokens[i].text);
}

int main(int argc, char** argv) {
    script = argc > 1 ? argv + 1 : argv;
    script_words = argc > 1 ? argc - 1 : 1;
    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        run_line(argv[2]);
        return last_status;
    }
    // A program of machine code is no script. execvp(3) runs the shell on any program that exec refuses.
    if (argc > 1 && is_machine_code(argv[1])) {
        exec_file(argv[1], argv + 1);
        fprintf(stderr, "sh: %s: %s\n", argv[1], reason_of(errno));
        return 126;
    }
    FILE* input = argc > 1 ? fopen(argv[1], "re") : stdin;
    if (input == NULL) {
        fprintf(stderr, "sh: %s: %s\n", argv[1], strerror(errno));
        return 127;
    }
    setvbuf(stdin, NULL, _IONBF, 0);  // no read-ahead: input after the line belongs to the commands
    if (input == stdin && isatty(STDIN_FILENO)) become_interactive();
    if (interactive) fputs("ox's own small shell: type help. Editing, history: make qemu USERLAND=debian\n", stderr);

    char* line = NULL;
    size_t size = 0;
    for (;;) {
        if (interactive) {
            look_after_jobs();
            fputs("ox$ ", stderr);
        }
        errno = 0;
        if (getline(&line, &size, input) >= 0) {
            if (interactive) drop_keys(line);
            run_line(line);
        } else if (interactive && errno == EINTR) {
            clearerr(input);
            fputc('\n', stderr);
        } else {
            if (interactive) fputc('\n', stderr);
            return last_status;
        }
    }
}
