// The program of the graded machine tests: it does nothing by itself. At each call of point() the grader, which has a
// breakpoint there, reads in a0 what became of the last command, and leaves the next one in a0 to a2 (guest.py).
//
// No libc, so its memory holds nothing but what the grader asked for. It is linked at another address each time.

enum {
  nr_ftruncate = 46,
  nr_openat = 56,
  nr_close = 57,
  nr_pipe2 = 59,
  nr_read = 63,
  nr_write = 64,
  nr_exit = 93,
  nr_getpid = 172,
  nr_munmap = 215,
  nr_fork = 220,
  nr_mmap = 222,
  nr_mprotect = 226,
  nr_wait4 = 260
};
enum op {
  op_exit,
  op_store,
  op_load,
  op_fill,
  op_map,
  op_protect,
  op_fork,
  op_forks,
  op_wait,
  op_pipe,
  op_block,
  op_wake,
  op_send,
  op_read,
  op_churn,
  op_share,
  op_unmap,
  op_files
};
enum { page = 4096, at_here = -100, read_write_create = 0102, read_write = 3, shared = 1, private = 2, fixed = 0x10 };

static long call5(long number, long x, long y, long z, long u, long v) {
  register long a0 __asm__("a0") = x;
  register long a1 __asm__("a1") = y;
  register long a2 __asm__("a2") = z;
  register long a3 __asm__("a3") = u;
  register long a4 __asm__("a4") = v;
  register long a5 __asm__("a5") = 0;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return a0;
}

static long call(long number, long x, long y, long z, long u) { return call5(number, x, y, z, u, -1); }

// Each has one ecall, which has a name: the instructions of a fork and of an mmap are counted from there. map_here() is
// for private memory at exactly that address.
long fork_here(void);
long map_here(long address, long size);
void point(void);
__asm__(
    ".text\n.globl _start, point, fork_here, map_here, fork_call, fork_return, map_call, map_return\n"
    "_start: andi sp, sp, -16\n call run\n"
    "point: nop\n ret\n"
    "fork_here: li a7, 220\n li a0, 17\n li a1, 0\n li a2, 0\n li a3, 0\n li a4, 0\n j fork_call\n"
    "fork_call: ecall\n"
    "fork_return: ret\n"
    "map_here: li a7, 222\n li a2, 3\n li a3, 0x32\n li a4, -1\n li a5, 0\n j map_call\n"
    "map_call: ecall\n"
    "map_return: ret\n");

static void fill(volatile unsigned long* first, long pages) {
  for (long i = 0; i < pages; ++i, first += page / 8) first[0] = first[page / 8 - 1] = (unsigned long)first;
}

static long wait_for_one(void) {
  int status = 0;
  long pid = call(nr_wait4, -1, (long)&status, 0, 0);
  return pid < 0 ? pid : status;
}

// Forks again and again: the child writes all pages and exits, then the parent writes them. The rounds that went well.
static long churn(unsigned long* first, long pages, long rounds) {
  for (long round = 0; round < rounds; ++round) {
    long pid = fork_here();
    if (pid < 0) return round;
    fill(first, pages);
    if (pid == 0) call(nr_exit, 0, 0, 0, 0);
    if (wait_for_one() != 0) return round;
  }
  return rounds;
}

// The one file of all processes, which has so many pages afterwards.
static long open_file(long pages) {
  long file = call(nr_openat, at_here, (long)"/file", read_write_create, 0600);
  if (file >= 0 && call(nr_ftruncate, file, pages * page, 0, 0) < 0) return -1;
  return file;
}

// Maps so many pages of the file at that address.
static long map_file(long address, long pages, long kind) {
  long file = open_file(pages);
  long there = call5(nr_mmap, address, pages * page, read_write, kind | fixed, file);
  call(nr_close, file, 0, 0, 0);
  return there;
}

// Again and again: maps the file shared and fills it, maps it private and reads it, and cuts it to nothing. The rounds
// that went well.
static long files(unsigned long* first, long pages, long rounds) {
  for (long round = 0; round < rounds; ++round) {
    if (map_file((long)first, pages, shared) < 0) return round;
    fill(first, pages);
    if (call(nr_munmap, (long)first, pages * page, 0, 0) < 0) return round;
    if (map_file((long)first, pages, private) < 0) return round;
    for (long i = 0; i < pages; ++i) {
      volatile unsigned long* word = first + i * (page / 8);
      if (*word != (unsigned long)word) return round;
    }
    if (call(nr_munmap, (long)first, pages * page, 0, 0) < 0) return round;
    call(nr_close, open_file(0), 0, 0, 0);
  }
  return rounds;
}

static long block(long file) {
  char byte = 0;
  return call(nr_read, file, (long)&byte, 1, 0);
}

// So many children, all of the same pages. A child comes back when it could read a byte, the parent when it has them
// all.
static long forks(long count, long file) {
  for (long i = 0; i < count; ++i) {
    long pid = fork_here();
    if (pid < 0) return pid;
    if (pid == 0) return block(file), 0;
  }
  return count;
}

static long act(long op, long x, long y) {
  char byte = 0;
  int ends[2];
  switch (op) {
    case op_exit:
      return call(nr_exit, x, 0, 0, 0);
    case op_store:
      return *(volatile long*)x = y, 0;
    case op_load:
      return *(volatile long*)x;
    case op_fill:
      return fill((void*)x, y), 0;
    case op_map:
      return map_here(x, y * page);
    case op_protect:
      return call(nr_mprotect, x, page, y, 0);
    case op_fork:
      return fork_here();
    case op_forks:
      return forks(x, y);
    case op_wait:
      return wait_for_one();
    case op_pipe:
      return call(nr_pipe2, (long)ends, 0, 0, 0) < 0 ? -1 : (long)ends[1] << 32 | ends[0];
    case op_block:
      return block(x);
    case op_wake:
      return call(nr_write, x, (long)&byte, 1, 0);
    case op_send:
      return call(nr_write, x, y, 8, 0);
    case op_read:
      return call(nr_read, x, y, 8, 0);
    case op_churn:
      return churn((void*)x, y & 0xffff, y >> 16);
    case op_share:
      return map_file(x, y, shared);
    case op_unmap:
      return call(nr_munmap, x, y * page, 0, 0);
    case op_files:
      return files((void*)x, y & 0xffff, y >> 16);
    default:
      return -1;
  }
}

void run(void) {
  register long a0 __asm__("a0") = 0;
  register long a1 __asm__("a1");
  register long a2 __asm__("a2");
  if (call(nr_getpid, 0, 0, 0, 0) == 1 && call(nr_fork, 17, 0, 0, 0) != 0) {
    while (wait_for_one() >= 0) {
    }
    call(nr_exit, 0, 0, 0, 0);
  }
  for (;;) {
    __asm__ volatile("call point" : "+r"(a0), "=r"(a1), "=r"(a2) : : "ra", "memory");
    a0 = act(a0, a1, a2);
  }
}
