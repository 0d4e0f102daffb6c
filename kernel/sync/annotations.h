// Clang's thread-safety attributes (-Wthread-safety); nothing under GCC.
#pragma once

#ifdef __clang__
#define OX_TSA(attribute) __attribute__((attribute))
#else
#define OX_TSA(attribute)
#endif

#define CAPABILITY(name) OX_TSA(capability(name))
#define SCOPED_CAPABILITY OX_TSA(scoped_lockable)
#define GUARDED_BY(lock) OX_TSA(guarded_by(lock))
#define REQUIRES(...) OX_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) OX_TSA(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) OX_TSA(acquire_capability(__VA_ARGS__))
#define RELEASE(...) OX_TSA(release_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS OX_TSA(no_thread_safety_analysis)
