// The programs between which the lab's pipelines run. Which one it is says its name.
//
//     source     writes 300,000 bytes, and more than any pipe holds
//     copy       writes what it reads
//     count      prints the number of bytes that it has read, and ends with status 7
//     drop       reads all, prints nothing, and ends with status 0
//     first      prints the number of bytes of its first read, and ends without another
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { all = 300000 };

int main(int argc, char** argv) {
  (void)argc;
  static char buffer[4096];
  const char* name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
  if (strcmp(name, "source") == 0) {
    for (int done = 0; done < all;) {
      int size = all - done < (int)sizeof buffer ? all - done : (int)sizeof buffer;
      ssize_t written = write(1, buffer, (size_t)size);
      if (written < 0) return 1;
      done += (int)written;
    }
    return 0;
  }
  long count = 0;
  for (ssize_t size; (size = read(0, buffer, sizeof buffer)) > 0;) {
    count += size;
    if (strcmp(name, "copy") == 0 && write(1, buffer, (size_t)size) != size) return 1;
    if (strcmp(name, "first") == 0) break;
  }
  if (strcmp(name, "copy") == 0 || strcmp(name, "drop") == 0) return 0;
  printf("%s: %ld bytes\n", name, count);
  return 7;
}
