#include "topologies/link_quality.h"

namespace rtclab::topology {

std::string_view to_string(JitterDistribution distribution) {
  switch (distribution) {
    case JitterDistribution::Uniform: return "uniform";
    case JitterDistribution::Normal: return "normal";
    case JitterDistribution::Exponential: return "exponential";
    case JitterDistribution::Pareto: return "pareto";
  }
  __builtin_unreachable();
}

std::string_view to_string(QueueDiscipline discipline) {
  switch (discipline) {
    case QueueDiscipline::DropTail: return "drop-tail";
    case QueueDiscipline::CoDel: return "codel";
    case QueueDiscipline::FqCoDel: return "fq-codel";
  }
  __builtin_unreachable();
}

std::string_view to_string(Drop::What what) {
  switch (what) {
    case Drop::What::Packet: return "packet";
    case Drop::What::Datagram: return "datagram";
    case Drop::What::Stun: return "stun";
    case Drop::What::DtlsRecord: return "dtls";
    case Drop::What::DtlsFlight: return "dtls-flight";
    case Drop::What::Rtp: return "rtp";
    case Drop::What::TcpSegment: return "tcp";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::topology
