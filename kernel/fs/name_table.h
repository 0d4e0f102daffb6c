// All names of the file system by directory and name: a hash table, so that a lookup costs the same in a directory of
// ten names and of ten thousand.
//
// Owns: nothing; an entry belongs to its directory, and its `next_in_table` to the table while it is in. Locks: the
// file system's lock guards all of it. Fails: nothing here needs memory.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "fs/memory_inode.h"

namespace ox {

class NameTable {
 public:
  // The entry of `directory` with that name; null: there is none.
  DirectoryEntry* find(const Directory& directory, std::string_view name) const {
    DirectoryEntry* entry = buckets_[bucket_of(&directory, name)];
    for (; entry != nullptr; entry = entry->next_in_table) {
      if (entry->directory == &directory && entry->name() == name) break;
      let_interrupts_in();
    }
    return entry;
  }
  // `entry` has its directory and its name, and keeps them until it is removed.
  void add(DirectoryEntry& entry) {
    DirectoryEntry*& first = buckets_[bucket_of(entry.directory, entry.name())];
    entry.next_in_table = first;
    first = &entry;
  }
  void remove(const DirectoryEntry& entry) {
    DirectoryEntry** link = &buckets_[bucket_of(entry.directory, entry.name())];
    for (; *link != &entry; link = &(*link)->next_in_table) let_interrupts_in();
    *link = entry.next_in_table;
  }

 private:
  static constexpr std::size_t buckets = 4096;

  // FNV-1a, over the directory's address and the characters.
  static std::size_t bucket_of(const Directory* directory, std::string_view name) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325 ^ reinterpret_cast<std::uintptr_t>(directory);
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    return (hash ^ hash >> 32) % buckets;
  }

  std::array<DirectoryEntry*, buckets> buckets_{};
};

}  // namespace ox
