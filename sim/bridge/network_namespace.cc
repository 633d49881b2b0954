#include "sim/bridge/network_namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace rtclab::bridge {
namespace {

constexpr std::size_t kMostDevices = 16;
constexpr std::size_t kLongestComplaint = 500;

std::string system_error(std::string_view what) {
  return fmt::format("{}: {}", what, std::strerror(errno));
}

// --- the child: from fork() to the command ---

using Complaint = std::optional<std::string>;

// A user's namespace in which we are root, where we are not.
Complaint enter_namespaces() {
  const auto user = geteuid();
  const auto group = getegid();
  const int flags = CLONE_NEWNET | CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER);
  if (unshare(flags) != 0) {
    return system_error(
        "no network namespace can be made here (root can, and users where the "
        "kernel lets them)");
  }
  if (user != 0) {
    std::ofstream{"/proc/self/setgroups"} << "deny";
    std::ofstream{"/proc/self/uid_map"} << "0 " << user << " 1";
    std::ofstream{"/proc/self/gid_map"} << "0 " << group << " 1";
  }
  // Mounts made here stay here.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return system_error("the mounts of the namespace cannot be made private");
  }
  // sysctl(8) shows the new network only when /sys and /proc/sys are seen from inside it; the
  // latter is so by itself.
  return std::nullopt;
}

Complaint open_tun(const TunSpec& spec, FileDescriptor& device) {
  if (spec.name.empty() || spec.name.size() >= IFNAMSIZ) {
    return fmt::format("\"{}\" is no name for a device, expected 1 to {} characters", spec.name,
                       IFNAMSIZ - 1);
  }
  FileDescriptor opened{open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)};
  if (opened.number() < 0) return system_error("/dev/net/tun cannot be opened");
  ifreq request{};
  spec.name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(opened.number(), TUNSETIFF, &request) != 0) {
    return system_error("the device " + spec.name + " cannot be made");
  }
  device = std::move(opened);
  return std::nullopt;
}

// No address but those of the spec: no router advertisements, no link-local ones, no time spent on
// detecting duplicates.
std::string configuration(const NamespaceSpec& spec) {
  std::string script = "set -e\nip link set lo up\n";
  for (const auto& device : spec.devices) {
    script += fmt::format(
        "ip link set {0} addrgenmode none 2>/dev/null || true\n"
        "ip link set {0} mtu {1} up\n",
        device.name, device.mtu);
    bool has_v4 = false;
    bool has_v6 = false;
    for (const auto& address : device.addresses) {
      (address.ip.is_v4() ? has_v4 : has_v6) = true;
      script += fmt::format("ip addr add {} dev {}{}\n", address.to_string(), device.name,
                            address.ip.is_v4() ? "" : " nodad");
    }
    if (device.default_route && has_v4) {
      script += fmt::format("ip route append default dev {}\n", device.name);
    }
    if (device.default_route && has_v6) {
      script += fmt::format("ip -6 route append default dev {}\n", device.name);
    }
  }
  return script + spec.setup;
}

Complaint run_script(const std::string& script) {
  const auto file = std::string{"exec 2>&1\n"} + script;
  std::string said;
  FILE* const shell = popen(("sh -c '" +
                             [&] {
                               std::string quoted;
                               for (const char c : file) {
                                 if (c == '\'') {
                                   quoted += "'\\''";
                                 } else {
                                   quoted += c;
                                 }
                               }
                               return quoted;
                             }() +
                             "'")
                                .c_str(),
                            "re");
  if (shell == nullptr) return system_error("sh cannot be started");
  std::array<char, 256> part{};
  while (std::fgets(part.data(), part.size(), shell) != nullptr) {
    if (said.size() < kLongestComplaint) said += part.data();
  }
  if (pclose(shell) == 0) return std::nullopt;
  while (said.ends_with('\n')) said.pop_back();
  return fmt::format("the network of the namespace cannot be set up: {}", said);
}

Complaint replace_hosts_file(const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::string name = "/tmp/rtclab-hosts-XXXXXX";  // mkstemp(3) puts letters for the last six
  const FileDescriptor file{mkstemp(name.data())};
  if (file.number() < 0 ||
      write(file.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      fchmod(file.number(), 0644) != 0) {
    return system_error("a file for /etc/hosts cannot be written");
  }
  const bool mounted = mount(name.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
  auto complaint = mounted ? Complaint{} : Complaint{system_error("/etc/hosts cannot be replaced")};
  unlink(name.c_str());
  return complaint;
}

// The devices go to the parent with an empty text, or a complaint without any.
void report(int control, const std::vector<FileDescriptor>& devices, const std::string& text) {
  const std::string payload = text.empty() ? "." : text.substr(0, kLongestComplaint);
  iovec data{const_cast<char*>(payload.data()), payload.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostDevices)> ancillary{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (text.empty() && !devices.empty()) {
    message.msg_control = ancillary.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * devices.size());
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * devices.size());
    for (std::size_t i = 0; i < devices.size(); ++i) {
      const int number = devices[i].number();
      std::memcpy(CMSG_DATA(header) + i * sizeof(int), &number, sizeof(int));
    }
  }
  sendmsg(control, &message, MSG_NOSIGNAL);
}

[[noreturn]] void be_the_child(const NamespaceSpec& spec, int control) {
  setpgid(0, 0);  // so that what the command starts can be ended with it
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<FileDescriptor> devices(spec.devices.size());
  auto complaint = enter_namespaces();
  for (std::size_t i = 0; !complaint && i < devices.size(); ++i) {
    complaint = open_tun(spec.devices[i], devices[i]);
  }
  if (!complaint) complaint = run_script(configuration(spec));
  if (!complaint) complaint = replace_hosts_file(spec.hosts_file);
  report(control, devices, complaint.value_or(""));
  if (complaint) _exit(2);
  char go = 0;
  if (read(control, &go, 1) != 1 || spec.command.empty()) _exit(0);
  execl("/bin/sh", "sh", "-c", spec.command.c_str(), nullptr);
  _exit(127);
}

// --- the parent ---

tl::expected<std::vector<FileDescriptor>, std::string> read_report(int control) {
  std::array<char, kLongestComplaint> payload{};
  iovec data{payload.data(), payload.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostDevices)> ancillary{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.data();
  message.msg_controllen = ancillary.size();
  const auto size = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  if (size <= 0) return tl::make_unexpected("the child that makes the namespace has died");
  const std::string text{payload.data(), static_cast<std::size_t>(size)};
  if (text != ".") return tl::make_unexpected(text);
  std::vector<FileDescriptor> devices;
  const auto* const header = CMSG_FIRSTHDR(&message);
  const auto count = header == nullptr ? 0 : (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
    devices.emplace_back(number);
  }
  return devices;
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

tl::expected<NetworkNamespace, std::string> NetworkNamespace::make(const NamespaceSpec& spec) {
  if (spec.devices.size() > kMostDevices) {
    return tl::make_unexpected(
        fmt::format("{} devices, expected at most {}", spec.devices.size(), kMostDevices));
  }
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return tl::make_unexpected(system_error("no socket to the child can be made"));
  }
  FileDescriptor ours{pair[0]};
  FileDescriptor theirs{pair[1]};
  const auto pid = fork();
  if (pid < 0) return tl::make_unexpected(system_error("no child can be made"));
  if (pid == 0) {
    close(ours.number());
    be_the_child(spec, theirs.number());
  }
  NetworkNamespace made;
  made.child_.pid = pid;
  theirs = FileDescriptor{};
  auto devices = read_report(ours.number());
  if (!devices) return tl::make_unexpected(devices.error());
  made.devices_ = *std::move(devices);
  made.control_ = std::move(ours);
  return made;
}

NetworkNamespace::~NetworkNamespace() {
  if (child_.pid < 0) return;
  kill(-child_.pid, SIGKILL);
  if (!ended_) waitpid(child_.pid, nullptr, 0);
}

void NetworkNamespace::start() {
  const char go = 1;
  [[maybe_unused]] const auto written = write(control_.number(), &go, 1);
}

std::optional<int> NetworkNamespace::ended() {
  if (ended_) return ended_;
  int status = 0;
  if (waitpid(child_.pid, &status, WNOHANG) != child_.pid) return std::nullopt;
  ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ended_;
}

}  // namespace rtclab::bridge
