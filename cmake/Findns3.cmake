# Finds the modules of Debian's ns-3 that rtclab uses, as ns3::core, ns3::network, …
#
# The package's own config file asks for GSL, SQLite, libxml2 and the ns3 program to be installed beside
# libns3-dev; this module needs libns3-dev alone.
#
# Include ns-3 headers one class at a time (<ns3/node.h>): the *-module.h collections pull in three headers
# that g++ does not accept as C++20.
set(_ns3_modules core network stats point-to-point traffic-control mobility propagation wifi)
find_path(ns3_INCLUDE_DIR ns3/simulator.h)
set(_ns3_required ns3_INCLUDE_DIR)
foreach(module IN LISTS _ns3_modules)
  find_library(ns3_${module}_LIBRARY NAMES ns3-${module} ns3.37-${module})
  list(APPEND _ns3_required ns3_${module}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ns3 REQUIRED_VARS ${_ns3_required}
  REASON_FAILURE_MESSAGE "install libns3-dev, or let scripts/run do it")
foreach(module IN LISTS _ns3_modules)
  if(ns3_FOUND AND NOT TARGET ns3::${module})
    add_library(ns3::${module} SHARED IMPORTED)
    set_target_properties(ns3::${module} PROPERTIES
      IMPORTED_LOCATION "${ns3_${module}_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${ns3_INCLUDE_DIR}")
  endif()
endforeach()
# What each module itself needs.
if(ns3_FOUND)
  set_property(TARGET ns3::network PROPERTY INTERFACE_LINK_LIBRARIES ns3::core ns3::stats)
  set_property(TARGET ns3::point-to-point PROPERTY INTERFACE_LINK_LIBRARIES ns3::network)
  set_property(TARGET ns3::traffic-control PROPERTY INTERFACE_LINK_LIBRARIES ns3::network)
  set_property(TARGET ns3::mobility PROPERTY INTERFACE_LINK_LIBRARIES ns3::network)
  set_property(TARGET ns3::propagation PROPERTY INTERFACE_LINK_LIBRARIES ns3::mobility)
  set_property(TARGET ns3::wifi PROPERTY INTERFACE_LINK_LIBRARIES ns3::propagation)
endif()
