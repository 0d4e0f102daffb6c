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

// `hook` is the ListHook<T>, a member of T or of a base of T, through which it hangs on this list.
template <class T, auto hook>
class List {
 public:
  constexpr List() = default;
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return first_ == nullptr; }
  T* front() const { return first_; }
  static T* after(const T& element) { return (element.*hook).next; }

  // Member by member, here and below: a whole hook is written byte by byte (GCC 12), 20 instructions more.
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
  // `element` is on this list.
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
