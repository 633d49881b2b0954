// Reading members of a JSON object that has to be of a certain form. Private to this folder.
//
// The first thing that is wrong is kept as a sentence, and what was asked for then has its default:
// a reader asks for everything and looks at complaint() once.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::program {

using Json = nlohmann::ordered_json;

class Members {
 public:
  // `what` names the object in sentences: "createOffer", "description".
  Members(const Json& object, std::string what);

  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  void complain(std::string sentence);

  [[nodiscard]] bool has(const char* name) const { return find(name) != nullptr; }
  [[nodiscard]] bool is_null(const char* name) const;
  [[nodiscard]] bool is_list(const char* name) const;
  // Absent and null are nullopt; another type than asked for is a complaint.
  std::optional<std::string> text(const char* name);
  std::optional<bool> flag(const char* name);
  std::optional<std::uint16_t> number(const char* name);
  // Within 0 and 2^53, beyond which JSON's readers disagree.
  std::optional<std::uint64_t> large_number(const char* name);
  std::optional<double> real(const char* name);
  std::vector<std::string> texts(const char* name);
  // An array; absent is nullptr.
  const Json* list(const char* name);
  // An object; absent is nullptr.
  const Json* object(const char* name);
  std::string required_text(const char* name);
  // A member beside these is a complaint that names the nearest of them.
  void only(std::span<const std::string> known);

 private:
  [[nodiscard]] const Json* find(const char* name) const;

  const Json* object_;
  std::string what_;
  std::string complaint_;
};

}  // namespace rtclab::program
