// Lists a large directory again and again while somebody types ctrl-C, which this program ignores.
#include "folder.h"

#include <dirent.h>

enum { names = 500, rounds = 100 };

static int listed(void) {
    int count = 0;
    DIR* directory = opendir(".");
    CHECK(directory != NULL);
    while (readdir(directory) != NULL) ++count;
    CHECK(closedir(directory) == 0);
    return count;
}

int main(void) {
    CHECK(signal(SIGINT, SIG_IGN) != SIG_ERR);
    enter_folder();
    char name[32];
    for (int i = 0; i < names; ++i) {
        snprintf(name, sizeof name, "%d", i);
        make_file(name, "");
    }
    dprintf(1, "listing\n");
    for (int i = 0; i < rounds; ++i) CHECK(listed() == names + 2);
    return 0;
}
