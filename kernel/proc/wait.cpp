// What a parent learns of its children: that they stopped, went on, ended.
#include "proc/wait.h"

#include "abi/process.h"
#include "proc/kernel.h"

namespace ox {

namespace {

bool meant(const Process& child, const WaitRequest& request) {
  switch (request.which) {
    case WaitRequest::Which::pid:
      return child.pid == request.id;
    case WaitRequest::Which::group:
      return child.pgid.load(relaxed) == request.id;
    default:
      return true;
  }
}

template <class F>
Process* find(const Process::Family& list, F f) {
  Process* child = list.front();
  while (child != nullptr && !f(*child)) child = list.after(*child);
  return child;
}

std::uint32_t kind_of(std::int32_t job_status) {
  return job_status == 0 ? 0 : job_status == abi::status_continued ? abi::wcontinued : abi::wstopped;
}

ChildReport report_of(const Process& child, std::int32_t status) {
  return {.pid = child.pid, .status = status, .usage = child.usage()};
}

// What there is to say at once; pid 0: nothing.
Result<ChildReport> look(Process& self, const WaitRequest& request, bool& ended) REQUIRES(self.family_lock) {
  const auto match = [&](const Process& child) { return meant(child, request); };
  const auto changed = [&](const Process& child) {
    return meant(child, request) && (kind_of(child.job_status) & request.options) != 0;
  };
  const bool keep = (request.options & abi::wnowait) != 0;
  Process* child = find(self.zombies, match);
  if (child != nullptr && (request.options & abi::wexited) != 0) {
    ended = !keep;
    if (ended) self.zombies.remove(*child);
    return report_of(*child, child->wait_status);
  }
  const bool any = child != nullptr;
  const bool jobs = (request.options & (abi::wstopped | abi::wcontinued)) != 0;
  child = jobs ? find(self.children, changed) : nullptr;
  if (child != nullptr) {
    const ChildReport report = report_of(*child, child->job_status);
    if (!keep) child->job_status = 0;
    return report;
  }
  if (!any && find(self.children, match) == nullptr) return Errno::echild;
  return ChildReport();
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

void report_to_parent(Process& self, std::int32_t job_status) {
  with_parent(self, [&](Process& parent) NO_THREAD_SAFETY_ANALYSIS {
    self.job_status = job_status;
    parent.family_changed.wake_all();
    if ((action_of(parent, abi::sigchld).sa_flags & abi::sa_nocldstop) == 0) {
      send_signal(parent, abi::sigchld, child_info(self.pid, job_status));
    }
  });
}

Result<ChildReport> wait_for_child(Process& self, const WaitRequest& request) {
  ChildReport report;
  bool ended = false;
  {
    LockGuard guard(self.family_lock);
    for (;;) {
      report = TRY(look(self, request, ended));
      if (report.pid != 0 || (request.options & abi::wnohang) != 0) break;
      TRY(self.family_changed.sleep(self.family_lock));
    }
  }
  if (!ended) return report;
  self.children_usage += report.usage;
  const Ref<Process> child = self.kernel.pids.find(report.pid);
  self.kernel.forget(*child);
  return report;
}

}  // namespace ox
