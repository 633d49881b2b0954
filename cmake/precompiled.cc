// A target needs a source file; the headers in front of it are the point (cmake/rtclab.cmake).
