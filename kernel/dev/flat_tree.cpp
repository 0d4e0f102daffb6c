#include "dev/flat_tree.h"

#include <algorithm>

namespace ox {

namespace {

constexpr std::uint32_t magic_number = 0xd00d'feed;
constexpr std::size_t header_size = 40;

using Bytes = std::span<const std::byte>;

// The 32-bit big-endian number at `offset`, which is within `bytes`.
std::uint32_t big_endian(Bytes bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.subspan(offset, 4)) value = value << 8 | std::to_integer<std::uint32_t>(byte);
  return value;
}

// `size` bytes from `offset` on, as far as there are that many.
std::optional<Bytes> part(Bytes bytes, std::size_t offset, std::size_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(offset, size);
}

// The string that begins at `offset` and ends with a 0 before the bytes do.
std::optional<std::string_view> text_at(Bytes bytes, std::size_t offset) {
  if (offset >= bytes.size()) return std::nullopt;
  const Bytes rest = bytes.subspan(offset);
  const auto end = std::ranges::find(rest, std::byte{0});
  if (end == rest.end()) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(rest.data()), static_cast<std::size_t>(end - rest.begin()));
}

}  // namespace

std::uint64_t TreeValue::number(std::size_t first, std::size_t count) const {
  if (first > cells() || count > cells() - first) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = first; i < first + count; ++i) value = value << 32 | big_endian(bytes_, 4 * i);
  return value;
}

std::string_view TreeValue::text() const { return text_at(bytes_, 0).value_or(""); }

bool TreeValue::lists(std::string_view wanted) const {
  std::size_t offset = 0;
  while (const std::optional<std::string_view> text = text_at(bytes_, offset)) {
    if (*text == wanted) return true;
    offset += text->size() + 1;
  }
  return false;
}

// Properties stand before child nodes, so the first other token ends them.
std::optional<TreeValue> TreeNode::find(std::string_view property) const {
  std::size_t offset = properties_;
  for (;;) {
    const std::optional<FlatTree::Token> token = tree_->next(offset);
    if (!token || (token->kind != FlatTree::Kind::property && token->kind != FlatTree::Kind::nop)) return std::nullopt;
    if (token->kind == FlatTree::Kind::property && token->name == property) return TreeValue(token->value);
  }
}

bool TreeNode::is_compatible(std::string_view with) const {
  const std::optional<TreeValue> value = find("compatible");
  return value && value->lists(with);
}

std::uint64_t TreeNode::number_or(std::string_view property, std::uint64_t otherwise) const {
  const std::optional<TreeValue> value = find(property);
  return value && value->cells() > 0 ? value->number() : otherwise;
}

Result<FlatTree> FlatTree::open(Bytes bytes) {
  if (bytes.size() < header_size || big_endian(bytes, 0) != magic_number) return Errno::einval;
  const std::optional<Bytes> tree = part(bytes, 0, big_endian(bytes, 4));
  if (!tree || tree->size() < header_size) return Errno::einval;
  const std::optional<Bytes> structure = part(*tree, big_endian(bytes, 8), big_endian(bytes, 36));
  const std::optional<Bytes> strings = part(*tree, big_endian(bytes, 12), big_endian(bytes, 32));
  if (!structure || !strings) return Errno::einval;
  return FlatTree(*structure, *strings);
}

std::optional<FlatTree::Token> FlatTree::next(std::size_t& offset) const {
  const std::optional<Bytes> head = part(structure_, offset, 4);
  if (!head) return std::nullopt;
  Token token{.kind = static_cast<Kind>(big_endian(*head, 0)), .name = {}, .value = {}};
  offset += 4;
  if (token.kind == Kind::begin_node) {
    const std::optional<std::string_view> name = text_at(structure_, offset);
    if (!name) return std::nullopt;
    token.name = *name;
    offset += name->size() + 1;
  } else if (token.kind == Kind::property) {
    const std::optional<Bytes> sizes = part(structure_, offset, 8);
    if (!sizes) return std::nullopt;
    const std::optional<Bytes> value = part(structure_, offset + 8, big_endian(*sizes, 0));
    const std::optional<std::string_view> name = text_at(strings_, big_endian(*sizes, 4));
    if (!value || !name) return std::nullopt;
    token.name = *name;
    token.value = *value;
    offset += 8 + value->size();
  }
  offset = (offset + 3) & ~std::size_t{3};
  return token;
}

Result<> FlatTree::visit(TreeVisitor& visitor) const {
  std::array<TreeNode, max_depth> path;
  std::size_t depth = 0;
  for (std::size_t offset = 0;;) {
    const std::optional<Token> token = next(offset);
    if (!token) return Errno::einval;
    switch (token->kind) {
      case Kind::begin_node:
        if (depth == max_depth) return Errno::einval;
        path[depth].tree_ = this;
        path[depth].name_ = token->name;
        path[depth].properties_ = offset;
        ++depth;
        visitor.node(std::span(path).first(depth));
        break;
      case Kind::end_node:
        if (depth == 0) return Errno::einval;
        --depth;
        break;
      case Kind::property:
      case Kind::nop:
        break;
      case Kind::end:
        if (depth != 0) return Errno::einval;
        return {};
      default:
        return Errno::einval;
    }
  }
}

}  // namespace ox
