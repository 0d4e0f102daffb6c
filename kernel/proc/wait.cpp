// What a parent learns of its children: that they stopped, went on, ended.
#include "abi/process.h"
#include "proc/kernel.h"

namespace ox {

namespace {

// A child that there is something to say of. Null: none yet.
Result<Process*> find_news(Process& self, int children, std::uint32_t options) REQUIRES(self.family_lock) {
  bool any = false;
  for (Process* child = self.children.front(); child != nullptr; child = self.children.after(*child)) {
    if (children != 0 && children != child->pid && children != -child->pgid.load(relaxed)) continue;
    if ((child->news & options) != 0) return child;
    any = true;
  }
  if (!any) return Errno::echild;
  return nullptr;
}

}  // namespace

SigInfo child_info(int pid, std::int32_t status) {
  SigInfo info{.code = abi::cld_exited, .status = abi::exit_code(status), .first = static_cast<std::uint64_t>(pid)};
  if (status == abi::status_continued) {
    info.code = abi::cld_continued;
    info.status = abi::sigcont;
  } else if (abi::stopped(status)) {
    info.code = abi::cld_stopped;
  } else if (!abi::exited(status)) {
    info.code = abi::cld_killed;
    info.status = abi::killing_signal(status);
  }
  return info;
}

bool report_to_parent(Process& self, std::uint32_t news, std::int32_t status) NO_THREAD_SAFETY_ANALYSIS {
  for (;;) {
    Ref<Process> now = self.parent_now();
    Process& parent = *now;
    const LockGuard guard(parent.family_lock);
    if (self.parent_now() != now) continue;  // it has died meanwhile and handed the child to init
    // The child's own reference keeps the parent from here on, and nothing is left to drop when others see the news.
    now = {};
    const abi::sigaction action = action_of(parent, abi::sigchld);
    const bool ended = news == abi::wexited;
    const bool unwanted = ended && (action.sa_handler == abi::sig_ign || (action.sa_flags & abi::sa_nocldwait) != 0);
    if (unwanted) parent.children.remove(self);
    self.news = news;
    self.news_status = status;
    parent.family_changed.wake_all();
    if (ended || (action.sa_flags & abi::sa_nocldstop) == 0) {
      send_signal(parent, abi::sigchld, child_info(self.pid, status));
    }
    return !unwanted;
  }
}

Result<ChildReport> wait_for_child(Process& self, int children, std::uint32_t options) {
  Process* child = nullptr;
  ChildReport report;
  {
    LockGuard guard(self.family_lock);
    while ((child = TRY(find_news(self, children, options))) == nullptr) {
      if ((options & abi::wnohang) != 0) return report;
      TRY(self.family_changed.sleep(self.family_lock));
    }
    report = {.pid = child->pid, .status = child->news_status, .usage = child->usage()};
    if ((options & abi::wnowait) != 0) return report;
    if (std::exchange(child->news, 0) != abi::wexited) return report;
    self.children.remove(*child);
  }
  self.children_usage += report.usage;
  self.kernel.forget(*child);
  return report;
}

}  // namespace ox
