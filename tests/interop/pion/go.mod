module rtclab/interop/pion
