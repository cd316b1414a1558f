// Files that a forked child does not keep open. A lock on an open file lasts as long as anybody has
// it open: without this a child that lives on would hold the locks of a parent that is dead.
#pragma once

namespace writ {

/// One descriptor, from hold() to the end of the object: fork() closes it in the child. Not of
/// clone() without the C library; exec() is O_CLOEXEC's. Threads: one, beside any that forks.
class ForkGuard {
 public:
  ForkGuard() = default;
  ~ForkGuard() { let_go(); }
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  /// Before the descriptor takes a lock.
  void hold(int fd);
  /// Before the descriptor is closed. False: this is a child in which it was; it is not to be
  /// closed again, its number may be another file's.
  bool let_go();

 private:
  friend struct ForkGuards;
  int fd_ = -1;
  bool closed_ = false;  // in this child
  ForkGuard* before_ = nullptr;
  ForkGuard* next_ = nullptr;
};

}  // namespace writ
