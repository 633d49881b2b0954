#include "scenarios/sweep/plot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>

extern char** environ;

namespace rtclab::sweep {
namespace {

namespace fs = std::filesystem;

// Colours that gnuplot is told, and that stand for those of the page.
constexpr std::string_view kInk = "#0000e0";
constexpr std::string_view kLine = "#0000e1";

std::string colour_of(std::size_t curve) {
  return fmt::format("#0000f{}", curve % kMostCurves + 1);
}

// In single quotation marks gnuplot reads nothing into a text.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += c == '\n' ? ' ' : c;
  }
  return result + "'";
}

// The name of a tic is a format: a percent sign stands for itself when there are two.
std::string as_format(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '%' ? std::string{"%%"} : std::string{c};
  return result;
}

// Few enough that they can be read; what is between has a tick without a name, but for kinds, of
// which each is itself. Names that would run into each other stand aslant.
std::string tics(const std::vector<std::string>& names, bool are_kinds) {
  const std::size_t most = are_kinds ? 40 : 16;
  constexpr std::size_t kInARow = 85;  // characters
  const auto every = (names.size() + most - 1) / most;
  std::vector<std::string> each;
  std::size_t widest = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_named = i % every == 0;
    if (is_named) widest = std::max(widest, names[i].size() + 2);
    each.push_back(fmt::format("{} {}", is_named ? quoted(as_format(names[i])) : "''", i));
  }
  const bool aslant = widest * ((names.size() + every - 1) / every) > kInARow;
  return fmt::format("set xtics {}({})\nset xrange [-0.4:{}.4]\n",
                     aslant ? "rotate by 40 right " : "", fmt::join(each, ", "), names.size() - 1);
}

// Points of several curves at one place would hide each other where no line tells them apart.
double aside(const Chart& chart, std::size_t number) {
  constexpr double kApart = 0.08;
  if (!chart.is_of_kinds) return 0;
  return (static_cast<double>(number) - static_cast<double>(chart.curves.size() + 1) / 2) * kApart;
}

std::string data_of(const Chart& chart, const Curve& curve, std::size_t number) {
  const auto scale = chart.is_share ? 100.0 : 1.0;
  auto data = fmt::format("$curve{} << END\n", number);
  for (const auto& point : curve.points) {
    data += fmt::format("{} {} {} {}\n", point.x + aside(chart, number), point.y * scale,
                        point.low * scale, point.high * scale);
  }
  return data + "END\n";
}

// A line says that there is something between two points.
std::string_view form_of(const Chart& chart) {
  switch (chart.form) {
    case Chart::Form::Points:
      return chart.is_of_kinds ? "using 1:2:3:4 with yerrorbars pointtype 7 pointsize 0.5"
                               : "using 1:2:3:4 with yerrorlines pointtype 7 pointsize 0.5";
    case Chart::Form::Steps: return "using 1:2 with steps";
    case Chart::Form::Lines:
      return chart.is_of_kinds ? "using 1:2 with points pointtype 7 pointsize 0.6"
                               : "using 1:2 with lines";
  }
  __builtin_unreachable();
}

// Above, where no title of an axis stands.
std::string key_of(const Chart& chart) {
  if (chart.curves.size() < 2) return "set key off\n";
  return fmt::format("set key outside above center horizontal samplen 1.5 textcolor rgb '{}'\n",
                     kInk);
}

std::string read(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Without what may not stand inside HTML, and with the page's colours.
std::string for_a_page(const std::string& svg) {
  const auto begin = svg.find("<svg");
  if (begin == std::string::npos) return {};
  auto picture = svg.substr(begin);
  static const std::regex kTitle{"<title>Gnuplot</title>\\s*<desc>[^<]*</desc>"};
  static const std::regex kInkColour{R"(rgb\( *0, *0, *224\))"};
  static const std::regex kLineColour{R"(rgb\( *0, *0, *225\))"};
  picture = std::regex_replace(picture, kTitle, "");
  picture = std::regex_replace(picture, kInkColour, "var(--ink)");
  picture = std::regex_replace(picture, kLineColour, "var(--line)");
  for (std::size_t curve = 0; curve < kMostCurves; ++curve) {
    const std::regex colour{fmt::format(R"(rgb\( *0, *0, *{}\))", 241 + curve)};
    picture = std::regex_replace(picture, colour, fmt::format("var(--curve-{})", curve + 1));
  }
  return picture;
}

// The exit code of `gnuplot SCRIPT`, run in the script's folder; -1 when there is no gnuplot.
int run_gnuplot(const fs::path& script) {
  std::string program = "gnuplot";
  auto path = script.filename().string();
  std::array<char*, 3> arguments{program.data(), path.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, script.parent_path().c_str());
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const auto error =
      posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

std::string gnuplot_script(const Chart& chart) {
  auto script = fmt::format(
      "set terminal svg size 760,400 dynamic noenhanced font 'sans-serif,13'\n"
      "set encoding utf8\n"
      "set border 3 linecolor rgb '{0}'\n"
      "set xtics nomirror textcolor rgb '{0}'\n"
      "set ytics nomirror textcolor rgb '{0}'\n"
      "set grid ytics linetype 1 linewidth 0.7 linecolor rgb '{1}'\n"
      "set xlabel {2} textcolor rgb '{0}'\n"
      "set ylabel {3} textcolor rgb '{0}'\n",
      kInk, kLine, quoted(chart.x_label),
      quoted(chart.is_share ? chart.y_label + " (%)" : chart.y_label));
  script += key_of(chart);
  if (chart.is_share) script += "set yrange [0:100]\n";
  if (chart.logarithmic) script += "set logscale x\n";
  if (!chart.x_names.empty()) script += tics(chart.x_names, chart.is_of_kinds);
  std::vector<std::string> plots;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    script += data_of(chart, chart.curves[i], i + 1);
    plots.push_back(fmt::format("$curve{} {} linecolor rgb '{}' linewidth 2 title {}", i + 1,
                                form_of(chart), colour_of(i), quoted(chart.curves[i].name)));
  }
  return script + fmt::format("plot {}\n", fmt::join(plots, ", \\\n     "));
}

FileResult<std::string> draw(const fs::path& folder, const std::string& name,
                             const std::string& script) {
  const auto refuse = [](const fs::path& path, std::string message) {
    return tl::make_unexpected(FileError{.file = path.string(), .message = std::move(message)});
  };
  std::error_code error;
  fs::create_directories(folder, error);
  const auto file = folder / (name + ".gp");
  const auto picture = folder / (name + ".svg");
  std::ofstream out{file, std::ios::binary};
  out << fmt::format("set output {}\n", quoted(picture.filename())) << script;
  out.close();
  if (!out) return refuse(file, "this file could not be written");
  const auto code = run_gnuplot(file);
  if (code < 0)
    return refuse("gnuplot", "is not installed, and draws the plots of a sweep's report");
  if (code > 0) return refuse(file, fmt::format("gnuplot ended with {}", code));
  auto drawn = for_a_page(read(picture));
  if (drawn.empty()) return refuse(picture, "gnuplot drew nothing");
  return drawn;
}

}  // namespace rtclab::sweep
