// Pipes between processes: readers wait for writers and writers for readers; small writes arrive in one piece.
#include "check.h"

enum { writers = 4, records = 200, record_size = 1000, total = 1 << 20 };

static void much_through_little(void) {
    int p[2];
    static unsigned char buffer[10000];
    CHECK(pipe(p) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(p[0]);
        for (int sent = 0; sent < total;) {
            int size = 1 + (int)((unsigned)sent * 7919 % sizeof buffer);
            if (size > total - sent) size = total - sent;
            for (int n = 0; n < size; ++n) buffer[n] = (unsigned char)((sent + n) % 251);
            CHECK(write(p[1], buffer, (size_t)size) == size);
            sent += size;
        }
        _exit(0);
    }
    close(p[1]);
    int seen = 0;
    for (;;) {
        long got = read(p[0], buffer, 1 + (size_t)(seen * 31) % sizeof buffer);
        CHECK(got >= 0);
        if (got == 0) break;
        for (long n = 0; n < got; ++n) CHECK(buffer[n] == (seen + n) % 251);
        seen += (int)got;
    }
    CHECK(seen == total);
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    close(p[0]);
}

static void whole_records(void) {
    int p[2];
    char record[record_size];
    CHECK(pipe(p) == 0);
    for (int w = 0; w < writers; ++w) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child != 0) continue;
        close(p[0]);
        for (int n = 0; n < records; ++n) {
            memset(record, 'a' + w, sizeof record);
            record[0] = (char)n;
            CHECK(write(p[1], record, sizeof record) == sizeof record);
        }
        _exit(0);
    }
    close(p[1]);
    int next[writers] = {0};
    for (int n = 0; n < writers * records; ++n) {
        for (int got = 0; got < record_size;) {
            long some = read(p[0], record + got, (size_t)(record_size - got));
            CHECK(some > 0);
            got += (int)some;
        }
        int w = record[1] - 'a';
        CHECK(w >= 0 && w < writers);
        CHECK((unsigned char)record[0] == next[w]++);
        for (int i = 1; i < record_size; ++i) CHECK(record[i] == 'a' + w);
    }
    CHECK(read(p[0], record, 1) == 0);
    close(p[0]);
    for (int w = 0; w < writers; ++w) {
        int status;
        CHECK(wait(&status) > 0 && exited_with(status, 0));
    }
}

int main(void) {
    much_through_little();
    whole_records();
    return 0;
}
