// Walking a flattened device tree: a sequence of big-endian tokens, bounds-checked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lib/result.h"

namespace ox {

// A property's value: cells (32 bits each), or strings ended by 0.
class TreeValue {
 public:
  explicit TreeValue(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t cells() const { return bytes_.size() / 4; }
  // `count` cells from `first` on as one number, the low 64 bits; 0 if there are not that many.
  std::uint64_t number(std::size_t first, std::size_t count) const;
  // The whole value, 4 or 8 bytes: its length says which.
  std::uint64_t number() const { return number(0, cells()); }
  // The first string.
  std::string_view text() const;
  // Whether one of its strings is this.
  bool lists(std::string_view wanted) const;

 private:
  std::span<const std::byte> bytes_;
};

class FlatTree;

class TreeNode {
 public:
  std::string_view name() const { return name_; }
  std::optional<TreeValue> find(std::string_view property) const;
  bool is_compatible(std::string_view with) const;
  // A property of one number, or `otherwise`.
  std::uint64_t number_or(std::string_view property, std::uint64_t otherwise) const;

 private:
  friend class FlatTree;
  const FlatTree* tree_ = nullptr;
  std::string_view name_;
  std::size_t properties_ = 0;  // where they begin in the structure block
};

class TreeVisitor {
 public:
  // `path`: the nodes from the root down to the one that is visited.
  virtual void node(std::span<const TreeNode> path) = 0;

 protected:
  ~TreeVisitor() = default;
};

class FlatTree {
 public:
  static constexpr std::size_t max_depth = 16;

  // Errno::einval: not a tree.
  static Result<FlatTree> open(std::span<const std::byte> bytes);
  // Calls the visitor for each node, parents first. Errno::einval: the tree is broken somewhere.
  Result<> visit(TreeVisitor& visitor) const;

 private:
  friend class TreeNode;
  enum class Kind : std::uint32_t { begin_node = 1, end_node = 2, property = 3, nop = 4, end = 9 };
  struct Token {
    Kind kind;
    std::string_view name;             // of a node or a property
    std::span<const std::byte> value;  // of a property
  };

  FlatTree(std::span<const std::byte> structure, std::span<const std::byte> strings)
      : structure_(structure), strings_(strings) {}
  // The token at `offset`, which moves behind it. Nothing: broken.
  std::optional<Token> next(std::size_t& offset) const;

  std::span<const std::byte> structure_;
  std::span<const std::byte> strings_;
};

}  // namespace ox
