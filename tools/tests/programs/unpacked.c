// The files from the archive of test_initramfs.py: modes, hard links, and links across directories.
#include "folder.h"

int main(void) {
    CHECK(file_says("/first", "the data") && file_says("/dir/second", "the data") && file_says("/third", "the data"));
    CHECK(status_at("/first").st_nlink == 3 && status_at("/first").st_ino == status_at("/dir/second").st_ino);
    CHECK(status_at("/first").st_ino == status_at("/third").st_ino && status_at("/first").st_blocks == 8);
    CHECK((status_at("/first").st_mode & 07777) == 0640 && (status_at("/dir").st_mode & 07777) == 0711);
    CHECK(file_says("/empty", "") && status_at("/empty").st_nlink == 2);
    CHECK((status_at("/tmp").st_mode & 07777) == 01777);
    CHECK_ERROR(open("/sda", O_RDONLY), ENOENT);  // only the kernel creates devices
    return 0;
}
