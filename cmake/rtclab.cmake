# The flags that every target of ours has, and one function per kind of target.
add_library(rtclab_options INTERFACE)
target_compile_features(rtclab_options INTERFACE cxx_std_20)
# A designated initialiser leaves the other members at their defaults on purpose.
target_compile_options(rtclab_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-missing-field-initializers)
# g++ 12 takes std::variant's and std::optional's storage for values that nobody has set, when it optimises. The
# preset without optimisation, and the sanitizers, look for the real ones.
target_compile_options(rtclab_options INTERFACE $<$<CONFIG:RelWithDebInfo>:-Wno-maybe-uninitialized>)
# A compiler that tidies its memory less often is a tenth faster; the largest file takes 700 MB.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(rtclab_options INTERFACE --param=ggc-min-heapsize=1048576)
endif()

# A clean build in half the time: the standard headers that nearly every file includes are compiled once, and
# the files of a folder are joined by fours. Only the release preset does so; the others compile file by file,
# and so notice an include that is missing.
option(RTCLAB_BUILD_ONCE "Precompile the standard headers and join the files of a folder" OFF)
if(RTCLAB_BUILD_ONCE)
  add_library(rtclab_precompiled OBJECT ${CMAKE_CURRENT_LIST_DIR}/precompiled.cc)
  target_link_libraries(rtclab_precompiled PRIVATE rtclab_options tl::expected)
  target_precompile_headers(rtclab_precompiled PRIVATE
    <algorithm> <array> <chrono> <cstdint> <deque> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <utility> <variant> <vector> <tl/expected.hpp>)
endif()

# rtclab_library(<name> [SEPARATE] SOURCES … HEADERS … DEPS …): one call per folder.
# The target is named after its path: agents/ice -> rtclab::agents_ice.
# HEADERS are the folder's public face; every other header in it is private. SEPARATE: its files use one name
# for different things (kCheckers, a command's Options), and are never joined.
function(rtclab_library name)
  cmake_parse_arguments(arg "SEPARATE" "" "SOURCES;HEADERS;DEPS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(rtclab::${name} ALIAS ${name})
  target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_link_libraries(${name} ${scope} rtclab_options ${arg_DEPS})
  if(RTCLAB_BUILD_ONCE AND arg_SOURCES)
    target_precompile_headers(${name} REUSE_FROM rtclab_precompiled)
    if(NOT arg_SEPARATE)
      set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
    endif()
  endif()
  # `cmake --build … -t all_verify_interface_header_sets` compiles every public header on its own.
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# rtclab_test(<name> SOURCES … DEPS …): one Boost.Test binary per folder under test. Its cases are
# counted by scripts/test from the JUnit file that each run leaves in build/<preset>/junit/.
function(rtclab_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_compile_definitions(${name} PRIVATE BOOST_TEST_DYN_LINK
    RTCLAB_SOURCE_DIR="${PROJECT_SOURCE_DIR}" RTCLAB_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  target_link_libraries(${name} PRIVATE tests_support rtclab_options ${arg_DEPS} Boost::unit_test_framework)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_precompile_headers(${name} REUSE_FROM tests_support)
  add_test(NAME ${name} COMMAND ${name} --logger=HRF,error,stdout
    --logger=JUNIT,all,${CMAKE_BINARY_DIR}/junit/${name}.xml)
endfunction()
