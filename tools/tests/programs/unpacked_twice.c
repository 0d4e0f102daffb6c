// The files from two archives of test_initramfs.py: files with equal inode numbers, and names that occur twice.
#include "folder.h"

static int is_pair(const char* first, const char* second, const char* text) {
    return file_says(first, text) && file_says(second, text) && status_at(first).st_nlink == 2 &&
           status_at(first).st_ino == status_at(second).st_ino;
}

int main(void) {
    CHECK(is_pair("/a1", "/a2", "a") && is_pair("/b1", "/b2", "b"));
    CHECK(is_pair("/c1", "/c2", "c") && is_pair("/d1", "/d2", "d"));
    CHECK(status_at("/fifo").st_mode == (S_IFIFO | 0620));
    CHECK(file_says("/file", "new") && file_says("/folder", "a file now") && file_says("/link", "no link"));
    CHECK((status_at("/full").st_mode & 07777) == 0711 && file_says("/full/f", "kept"));
    CHECK(S_ISLNK(status_at("/other").st_mode) && file_says("/other", "new"));
    return 0;
}
