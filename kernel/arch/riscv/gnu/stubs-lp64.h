// Empty on purpose: glibc's features.h includes this file, and Debian ships only the one for lp64d.
