// A small topology file that is right, as text, for tests that break it.
#pragma once

#include "topologies/loader.h"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace rtclab::topology {

// Lines count from the first one below.
inline const std::string kHome = R"(<topology name="home">
  <host name="alice"><interface name="eth0" address="192.168.1.10/24"/></host>
  <host name="carol"><interface name="eth0" address="192.168.1.30/24"/></host>
  <lan name="switch"/>
  <nat name="gate" mapping="ADM" filtering="ADF">
    <inside address="192.168.1.1/24"/>
    <outside address="203.0.113.10/24"/>
  </nat>
  <router name="internet"/>
  <stunServer name="stun"><interface address="192.0.2.10/24"/></stunServer>
  <link a="alice" b="switch" delay="1ms"/>
  <link a="carol" b="switch" delay="1ms"/>
  <link a="switch" b="gate.inside"/>
  <link a="gate.outside" b="internet" delay="20ms" rate="10Mbit/s" loss="10%" queue="50"/>
  <link a="internet" b="stun"/>
</topology>
)";

// kHome with the first `old_text` replaced.
inline std::string home_with(std::string_view old_text, std::string_view new_text) {
  auto text = kHome;
  const auto at = text.find(old_text);
  if (at == std::string::npos)
    throw std::logic_error{"kHome does not hold " + std::string{old_text}};
  return text.replace(at, old_text.size(), new_text);
}

inline std::string complaint(const std::string& text) {
  const auto topology = parse("home.xml", text);
  return topology ? "" : topology.error().to_string();
}

}  // namespace rtclab::topology
