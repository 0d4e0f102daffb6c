// Counted references to kernel objects: open files, inodes, pipes, processes. (Frames have their own: FrameRef.)
//
// A T derives from RefCounted, starts with one reference, and is destroyed by T::destroy(T*) when the last is gone.
#pragma once

#include <cstdint>
#include <utility>

#include "arch/atomic.h"

namespace ox {

class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

 private:
  template <class T>
  friend class Ref;
  Atomic<std::uint32_t> references_{1};
};

template <class T>
class Ref {
 public:
  Ref() = default;
  // Takes over the reference that a new object starts with.
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  // Adds a reference to an object that the caller knows to be alive.
  static Ref share(T& object) {
    object.references_.fetch_add(1, relaxed);
    return adopt(&object);
  }
  Ref(const Ref& other) : object_(other.object_) {
    if (object_ != nullptr) object_->references_.fetch_add(1, relaxed);
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
  Ref(Ref<U> other) : object_(other.release()) {}
  Ref& operator=(Ref other) {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr && object_->references_.fetch_sub(1, acq_rel) == 1) T::destroy(object_);
  }

  // Whether this is the only reference. If so, all that former holders did to the object is visible (acquire).
  bool sole() const { return object_ != nullptr && object_->references_.load(acquire) == 1; }

  explicit operator bool() const { return object_ != nullptr; }
  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  bool operator==(const Ref& other) const { return object_ == other.object_; }
  // Hands the reference to the caller.
  T* release() { return std::exchange(object_, nullptr); }

 private:
  T* object_ = nullptr;
};

}  // namespace ox
