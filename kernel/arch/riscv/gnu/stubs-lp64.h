// Empty on purpose: glibc's features.h asks for it, and Debian ships the one for lp64d only.
