// Open flags, file modes, struct stat, directory entries, poll: Linux, riscv64 (asm-generic/fcntl.h, linux/fcntl.h,
// linux/stat.h, asm-generic/stat.h, asm-generic/statfs.h, linux/dirent.h, asm-generic/poll.h).
//
// All of abi/ spells Linux's names in lower case: <atomic> includes the C library's headers, which define the
// upper-case names as macros.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "abi/system.h"

namespace ox::abi {

inline constexpr std::uint32_t o_accmode = 03, o_rdonly = 00, o_wronly = 01, o_rdwr = 02, o_creat = 0100;
inline constexpr std::uint32_t o_excl = 0200, o_trunc = 01000, o_append = 02000, o_nonblock = 04000;
inline constexpr std::uint32_t o_directory = 0200000, o_nofollow = 0400000, o_cloexec = 02000000;
inline constexpr std::uint32_t o_async = 020000, o_direct = 040000, o_path = 010000000, o_tmpfile = 020000000;

inline constexpr std::uint32_t f_dupfd = 0, f_getfd = 1, f_setfd = 2, f_getfl = 3, f_setfl = 4;
inline constexpr std::uint32_t f_getlk = 5, f_setlk = 6, f_setlkw = 7;
inline constexpr std::uint32_t f_ofd_getlk = 36, f_ofd_setlk = 37, f_ofd_setlkw = 38;
inline constexpr std::uint32_t f_dupfd_cloexec = 1030, f_getpipe_sz = 1032, fd_cloexec = 1;

inline constexpr int at_fdcwd = -100;
inline constexpr std::uint32_t at_symlink_nofollow = 0x100, at_eaccess = 0x200, at_removedir = 0x200;
inline constexpr std::uint32_t at_symlink_follow = 0x400, at_no_automount = 0x800, at_empty_path = 0x1000;

inline constexpr std::uint32_t s_ifmt = 0170000, s_ififo = 0010000, s_ifchr = 0020000, s_ifdir = 0040000;
inline constexpr std::uint32_t s_ifreg = 0100000, s_iflnk = 0120000, permission_bits = 07777;

inline constexpr std::uint32_t rename_noreplace = 1;

// Special values of tv_nsec in utimensat(2): set the time to now; leave the time unchanged.
inline constexpr std::int64_t utime_now = 0x3fff'ffff, utime_omit = 0x3fff'fffe;

// Linux: PIPE_BUF. A write of at most this many bytes to a pipe is atomic.
inline constexpr std::size_t pipe_buf = 4096;

// Linux: SEEK_SET, SEEK_CUR, SEEK_END.
enum class Whence : std::uint32_t { set = 0, current = 1, end = 2 };

// The argument of fcntl's lock commands. An l_len of 0 locks to the end of the file; a negative one locks the bytes
// before the start.
struct flock {
  std::int16_t l_type = 0;
  std::int16_t l_whence = 0;
  std::int32_t pad = 0;
  std::int64_t l_start = 0;
  std::int64_t l_len = 0;
  std::int32_t l_pid = 0;
  std::int32_t pad_too = 0;
};
static_assert(sizeof(flock) == 32);
inline constexpr std::int16_t f_rdlck = 0, f_wrlck = 1, f_unlck = 2;
inline constexpr std::uint64_t offset_max = 0x7fff'ffff'ffff'ffff;
inline constexpr std::uint32_t lock_sh = 1, lock_ex = 2, lock_nb = 4, lock_un = 8;

struct stat {
  std::uint64_t st_dev = 0;
  std::uint64_t st_ino = 0;
  std::uint32_t st_mode = 0;
  std::uint32_t st_nlink = 0;
  std::uint32_t st_uid = 0;
  std::uint32_t st_gid = 0;
  std::uint64_t st_rdev = 0;
  std::uint64_t unused = 0;
  std::int64_t st_size = 0;
  std::int64_t st_blksize = 4096;
  std::int64_t st_blocks = 0;  // of 512 bytes
  timespec st_atim;
  timespec st_mtim;
  timespec st_ctim;
  std::uint64_t unused_too = 0;
};
static_assert(sizeof(stat) == 128);

struct statfs {
  std::int64_t f_type = 0;
  std::int64_t f_bsize = 4096;
  std::uint64_t f_blocks = 0;
  std::uint64_t f_bfree = 0;
  std::uint64_t f_bavail = 0;
  std::array<std::uint64_t, 3> f_files_ffree_fsid{};
  std::int64_t f_namelen = 255;
  std::int64_t f_frsize = 4096;
  std::array<std::int64_t, 5> f_flags_and_spare{};
};
static_assert(sizeof(statfs) == 120);
inline constexpr std::int64_t proc_super_magic = 0x9fa0, tmpfs_magic = 0x0102'1994;

// The head of an entry of getdents64(2). The name follows it and ends with a 0; the entry is padded to a multiple of 8
// bytes.
struct dirent64 {
  std::uint64_t d_ino = 0;
  std::int64_t d_off = 0;
  std::uint16_t d_reclen = 0;
  std::uint8_t d_type = 0;
};
inline constexpr std::size_t dirent64_name = 19;  // where the name begins

// One buffer of readv(2) or writev(2).
struct iovec {
  std::uint64_t iov_base = 0;
  std::uint64_t iov_len = 0;
};
inline constexpr std::uint64_t uio_maxiov = 1024;

inline constexpr std::uint32_t pollin = 0x1, pollpri = 0x2, pollout = 0x4, pollerr = 0x8, pollhup = 0x10;
inline constexpr std::uint32_t pollnval = 0x20, pollrdnorm = 0x40, pollwrnorm = 0x100;

struct pollfd {
  std::int32_t fd = 0;
  std::uint16_t events = 0;
  std::uint16_t revents = 0;
};

// Linux: makedev(3), for major and minor numbers below 256.
constexpr std::uint64_t device_number(std::uint64_t major, std::uint64_t minor) { return major << 8 | minor; }

}  // namespace ox::abi
