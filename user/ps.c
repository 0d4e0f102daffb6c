// Lists the processes from /proc, which has one folder for each, named by its pid.
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// /proc/PID/stat begins: pid (name) state parent group session terminal. The name may contain blanks.
static void print_process(const char* pid) {
    char path[64], line[1024], command[128];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE* file = fopen(path, "r");
    if (file == NULL) return;  // the process has ended meanwhile
    char* name_end = fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL;
    fclose(file);
    char state;
    int parent, group, session;
    unsigned long memory;
    if (name_end == NULL || strchr(line, '(') == NULL) return;
    // Field 23 is the size of its memory.
    if (sscanf(name_end + 1, " %c %d %d %d%*[^\n]", &state, &parent, &group, &session) != 4) return;
    char* field = name_end + 1;
    for (int n = 4; n <= 23 && field != NULL; ++n) field = strchr(field + 1, ' ');
    memory = field != NULL ? strtoul(field, NULL, 10) / 1024 : 0;

    // The command line, whose words end with a 0 byte each. It is empty for zombies and for the kernel's own threads.
    snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    file = fopen(path, "r");
    size_t length = file != NULL ? fread(command, 1, sizeof command - 1, file) : 0;
    if (file != NULL) fclose(file);
    for (size_t i = 0; i + 1 < length; ++i) {
        if (command[i] == 0) command[i] = ' ';
    }
    command[length] = 0;
    *name_end = 0;
    printf("%5s %5d %5d %5d %c %8lu ", pid, parent, group, session, state, memory);
    if (length > 0) {
        printf("%s\n", command);
    } else {
        printf("[%s]\n", strchr(line, '(') + 1);
    }
}

static int is_process(const struct dirent* entry) { return isdigit((unsigned char)entry->d_name[0]); }
static int by_number(const struct dirent** a, const struct dirent** b) {
    return atoi((*a)->d_name) - atoi((*b)->d_name);
}

int main(void) {
    struct dirent** entries;
    int count = scandir("/proc", &entries, is_process, by_number);
    if (count < 0) {
        perror("ps: /proc");
        return 1;
    }
    puts("  PID  PPID  PGRP   SID S      KiB COMMAND");
    for (int i = 0; i < count; ++i) print_process(entries[i]->d_name);
    return 0;
}
