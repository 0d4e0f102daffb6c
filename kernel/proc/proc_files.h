// What /proc has: the tables of its files, and the functions that others than their own file's table name.
#pragma once

#include "proc/kernel.h"

namespace ox {

extern const ProcNode proc_root;        // proc_machine.cpp
extern const ProcNode proc_of_process;  // proc_process.cpp

inline constexpr std::uint32_t directory = abi::s_ifdir | 0555;
inline constexpr std::uint32_t file = abi::s_ifreg | 0444;
inline constexpr std::uint32_t link = abi::s_iflnk | 0777;

// 100 a second, as AT_CLKTCK says.
inline std::uint64_t to_user_ticks(const Kernel& kernel, std::uint64_t ticks) {
  return ticks / (kernel.scheduler.timebase() / 100);
}

// --- proc_memory.cpp
// In pages.
struct Footprint {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t files = 0;  // of those, pages of files
  std::uint64_t text = 0;
  std::uint64_t data = 0;
  std::uint64_t stack = 0;
};
Footprint footprint(const Process& process);
void print_cmdline(const ProcQuery& query, ProcWindow& to);
void print_maps(const ProcQuery& query, ProcWindow& to);
void print_statm(const ProcQuery& query, ProcWindow& to);
void print_pagemap(const ProcQuery& query, ProcWindow& to);
void print_kpagecount(const ProcQuery& query, ProcWindow& to);

}  // namespace ox
