// `#!` runs the interpreter with the script as its argument, up to a few levels deep. Other files fail with an error.
#include "check.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static char folder[64], self[256], paths[20][128];
static int made;

static const char* make_of(const char* name, const char* bytes, size_t size) {
    char* at = paths[made++];
    snprintf(at, sizeof paths[0], "%s/%s", folder, name);
    int fd = open(at, O_CREAT | O_TRUNC | O_WRONLY, 0755);
    CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
    return at;
}
static const char* make(const char* name, const char* text) { return make_of(name, text, strlen(text)); }
// Runs the file with the arguments zero, one, two. Returns its output.
static const char* output_of(const char* path) {
    static char text[2048];
    int p[2];
    CHECK(pipe(p) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(p[1], 1);
        execve(path, (char*[]){"zero", "one", "two", NULL}, (char*[]){"A=b", NULL});
        dprintf(1, "error %d", errno);
        _exit(0);
    }
    close(p[1]);
    size_t size = 0;
    for (ssize_t n; (n = read(p[0], text + size, sizeof text - 1 - size)) > 0;) size += (size_t)n;
    text[size] = 0;
    close(p[0]);
    CHECK(waitpid(child, NULL, 0) == child);
    return text;
}
static void expect(const char* path, const char* format, const char* first, const char* second) {
    char wanted[2048];
    snprintf(wanted, sizeof wanted, format, first, second);
    const char* got = output_of(path);
    if (strcmp(got, wanted) != 0) dprintf(2, "got <%s>, not <%s>\n", got, wanted);
    CHECK(strcmp(got, wanted) == 0);
}

int main(int argc, char** argv) {
    if (getenv("A") != NULL) {  // this run is the interpreter
        char name[17] = {0};
        CHECK(prctl(PR_GET_NAME, name) == 0);
        printf("%s:", name);
        for (int n = 1; n < argc; ++n) printf(" <%s>", argv[n]);
        return 0;
    }
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    CHECK(size > 0 && argv[0] != NULL);
    snprintf(folder, sizeof folder, "/tmp/scripts.%d", getpid());
    CHECK(mkdir(folder, 0755) == 0);

    char line[2048];
    snprintf(line, sizeof line, "#!%s\n", self);
    const char* plain = make("plain", line);
    expect(plain, "plain: <%s> <one> <two>", plain, "");
    snprintf(line, sizeof line, "#! \t %s  -x  y z \t\nrest", self);
    const char* argument = make("argument", line);
    expect(argument, "argument: <-x  y z> <%s> <one> <two>", argument, "");
    snprintf(line, sizeof line, "#!%s", self);
    const char* short_one = make("no_newline", line);
    expect(short_one, "no_newline: <%s> <one> <two>", short_one, "");
    snprintf(line, sizeof line, "#!%s more\n", argument);
    const char* nested = make("nested", line);
    snprintf(line, sizeof line, "nested: <-x  y z> <%s> <more> <%%s> <one> <two>", argument);
    expect(nested, line, nested, "");
    const char* last = nested;
    static const char* const names[] = {"a", "b", "c", "d"};
    char words[1024];
    snprintf(words, sizeof words, "-x  y z> <%s> <more> <%s", argument, nested);
    for (int n = 0; n < 4; ++n) {
        snprintf(line, sizeof line, "#!%s\n", last);
        last = make(names[n], line);
        if (n == 3) continue;
        snprintf(line, sizeof line, "%s: <%s> <%s> <one> <two>", names[n], words, last);
        expect(last, line, "", "");
        snprintf(words + strlen(words), sizeof words - strlen(words), "> <%s", last);
    }
    expect(last, "error %s%s", "40", "");  // ELOOP
    // A 0 byte ends the interpreter's name or its argument. A long argument is cut, a long name is not.
    int length = snprintf(line, sizeof line, "#!%s x y%cz\n", self, 0);
    const char* zero = make_of("zero", line, (size_t)length);
    expect(zero, "zero: <x y> <%s> <one> <two>", zero, "");
    length = snprintf(line, sizeof line, "#!%s%cx\n", self, 0);
    const char* bare = make_of("bare", line, (size_t)length);
    expect(bare, "bare: <%s> <one> <two>", bare, "");
    length = snprintf(line, sizeof line, "#!%s ", self);
    memset(line + length, 'l', 300);
    const char* long_one = make_of("long", line, (size_t)length + 300);
    char rest[256] = {0};
    memset(rest, 'l', (size_t)(255 - length));
    expect(long_one, "long: <%s> <%s> <one> <two>", rest, long_one);
    memset(line + 2, '/', 300);
    expect(make_of("name", line, 302), "error %s%s", "8", "");
    expect(make("empty", "#!\n"), "error %s%s", "8", "");
    expect(make("nothing", "#!/no/such/program\n"), "error %s%s", "2", "");
    expect(make("text", "hello\n"), "error %s%s", "8", "");

    CHECK(prctl(PR_SET_NAME, "a name that is too long") == 0);
    while (made > 0) CHECK(unlink(paths[--made]) == 0);
    CHECK(rmdir(folder) == 0);
    char name[17] = {0};
    CHECK(prctl(PR_GET_NAME, name) == 0 && strcmp(name, "a name that is ") == 0);
    CHECK_ERROR(prctl(-1, 0), EINVAL);
    return 0;
}
