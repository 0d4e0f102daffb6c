// Open flags, file modes, struct stat: Linux, riscv64 (asm-generic/fcntl.h, linux/stat.h, asm-generic/stat.h).
//
// All of abi/ has Linux's names in small letters: <atomic> brings the C library's headers along, and they define the
// capital ones as macros.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ox::abi {

inline constexpr std::uint32_t o_accmode = 03;
inline constexpr std::uint32_t o_rdonly = 00;
inline constexpr std::uint32_t o_creat = 0100;
inline constexpr std::uint32_t o_excl = 0200;
inline constexpr std::uint32_t o_trunc = 01000;
inline constexpr std::uint32_t o_directory = 0200000;
inline constexpr std::uint32_t o_nofollow = 0400000;
inline constexpr std::uint32_t o_cloexec = 02000000;

inline constexpr int at_fdcwd = -100;
inline constexpr std::uint32_t at_symlink_nofollow = 0x100;
inline constexpr std::uint32_t at_empty_path = 0x1000;

inline constexpr std::uint32_t s_ifmt = 0170000;
inline constexpr std::uint32_t s_ififo = 0010000;
inline constexpr std::uint32_t s_ifchr = 0020000;
inline constexpr std::uint32_t s_ifdir = 0040000;
inline constexpr std::uint32_t s_ifreg = 0100000;
inline constexpr std::uint32_t s_iflnk = 0120000;

// A pipe takes this much, or less, in one piece.
inline constexpr std::size_t pipe_buf = 4096;

// Linux: SEEK_SET, SEEK_CUR, SEEK_END.
enum class Whence : std::uint32_t { set = 0, current = 1, end = 2 };

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
  std::int64_t st_blocks = 0;           // of 512 bytes
  std::array<std::int64_t, 7> times{};  // no file has any
};
static_assert(sizeof(stat) == 128);

// One piece of a writev.
struct iovec {
  std::uint64_t iov_base = 0;
  std::uint64_t iov_len = 0;
};
inline constexpr std::uint64_t uio_maxiov = 1024;

// Linux: makedev, for the numbers that fit in the old 8 and 8 bits.
constexpr std::uint64_t device_number(std::uint64_t major, std::uint64_t minor) { return major << 8 | minor; }

}  // namespace ox::abi
