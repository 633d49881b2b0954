// A network of its own for real programs: a Linux network namespace whose only ways out are TUN
// devices, which this process holds.
//
// What programs in there send is read from a device, one IP packet at a time, and what is written
// to it they receive. Made by a child process, so nothing of this process changes. Needs root, or a
// kernel that lets users make namespaces, and iproute2's ip(8).
#pragma once

#include "agents/base/address.h"

#include <sys/types.h>
#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::bridge {

struct TunSpec {
  std::string name;  // "eth0"; at most 15 characters
  std::vector<Prefix> addresses;
  bool default_route = true;  // packets for everybody else go here
  std::size_t mtu = 1500;
};

struct NamespaceSpec {
  std::vector<TunSpec> devices;
  // Lines for sh(1), run there as root before `command`; the first that fails ends it all.
  std::string setup;
  std::string hosts_file;  // what /etc/hosts says in there; empty: what it says here
  // A line for sh(1). Empty: nothing runs, and the namespace lives as long as the object.
  std::string command;
};

class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_{number} {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor();
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

class NetworkNamespace {
 public:
  // Everything but the command is there when this returns. The error is one sentence.
  [[nodiscard]] static tl::expected<NetworkNamespace, std::string> make(const NamespaceSpec& spec);
  NetworkNamespace(NetworkNamespace&& other) noexcept = default;
  NetworkNamespace& operator=(NetworkNamespace&&) = delete;
  ~NetworkNamespace();  // ends what still runs in there

  // Not blocking, in the order of the spec.
  [[nodiscard]] const std::vector<FileDescriptor>& devices() const { return devices_; }
  // Lets the command begin.
  void start();
  // What the command ended with; 128 and the signal's number when a signal ended it; nullopt while
  // it runs.
  [[nodiscard]] std::optional<int> ended();

 private:
  NetworkNamespace() = default;

  std::vector<FileDescriptor> devices_;
  FileDescriptor control_;  // the child ends when this is closed, unless its command has begun
  struct Child {
    explicit Child(pid_t number = -1) : pid{number} {}
    Child(Child&& other) noexcept : pid{std::exchange(other.pid, -1)} {}
    pid_t pid;
  };
  Child child_;
  std::optional<int> ended_;
};

}  // namespace rtclab::bridge
