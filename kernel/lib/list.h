// Intrusive doubly linked list: the hook lives in the element, so linking and unlinking never need memory.
// The list owns nothing; the lock that guards a list guards the hooks on it.
#pragma once

namespace ox {

template <class T>
struct ListHook {
  T* next = nullptr;
  T* previous = nullptr;
  bool linked = false;
};

// `hook` is the ListHook<T> that links an element into this list. It is a member of T or of a base of T.
template <class T, auto hook>
class List {
 public:
  constexpr List() = default;
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return first_ == nullptr; }
  T* front() const { return first_; }
  static T* after(const T& element) { return (element.*hook).next; }

  // Assigns the hook's members one by one, as remove() does: GCC 12 copies a whole hook byte by byte, which takes 20
  // more instructions.
  void push_back(T& element) {
    ListHook<T>& links = element.*hook;
    links.next = nullptr;
    links.previous = last_;
    links.linked = true;
    (last_ != nullptr ? (last_->*hook).next : first_) = &element;
    last_ = &element;
  }
  T* pop_front() {
    T* const element = first_;
    if (element != nullptr) remove(*element);
    return element;
  }
  // `element` must be on this list.
  void remove(T& element) {
    ListHook<T>& links = element.*hook;
    (links.next != nullptr ? (links.next->*hook).previous : last_) = links.previous;
    (links.previous != nullptr ? (links.previous->*hook).next : first_) = links.next;
    links.next = links.previous = nullptr;
    links.linked = false;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
};

}  // namespace ox
