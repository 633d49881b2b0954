"""A path that loses: a program between two peers, on the machine "t".

Each address that a peer tells, or sends from, gets a stand-in there, and the other peer is told that one. What arrives at the
stand-in of X from Y goes on to X from the stand-in of Y, unless the dice say that it is lost: the n-th datagram's fate depends on
the seed alone.
"""
import asyncio
import random
import socket
from collections import Counter

from net import ADDRESSES


def kind_of(datagram):
    """By its first octets: RFC 7983, RFC 5761 §4."""
    first, second = (datagram[0], datagram[1]) if len(datagram) > 1 else (0, 0)
    if 128 <= first <= 191:
        return "rtcp" if 192 <= second <= 223 else "rtp"
    return "stun" if first < 4 else "dtls" if 20 <= first <= 63 else "other"


class LossyPath:
    def __init__(self, network, seed=1):
        self.network = network
        self.dice = random.Random(seed)
        self.loss = 0.0
        self.spares = lambda kind, ssrc: False  # what is never lost; ssrc: of RTP
        self.carried, self.lost = Counter(), Counter()  # by kind
        self.lost_of = Counter()  # RTP packets by SSRC, which SRTP leaves readable (RFC 3711 §3.1)
        self._stand_ins = {}  # address -> socket

    def _stand_in(self, address):
        if address not in self._stand_ins:
            with self.network.inside("t"):
                here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            here.bind((ADDRESSES["t"][0], 0))
            here.setblocking(False)
            self._stand_ins[address] = here
            asyncio.get_running_loop().add_reader(here, self._carry, here, address)
        return self._stand_ins[address]

    def _carry(self, here, to):
        while True:
            try:
                datagram, sender = here.recvfrom(65536)
            except OSError:
                return
            kind = kind_of(datagram)
            ssrc = int.from_bytes(datagram[8:12], "big") if kind == "rtp" else None
            if self.dice.random() < self.loss and not self.spares(kind, ssrc):
                self.lost[kind] += 1
                if ssrc is not None:
                    self.lost_of[ssrc] += 1
                continue
            self.carried[kind] += 1
            try:
                self._stand_in(sender).sendto(datagram, to)
            except OSError:
                pass  # a full buffer: lost like any other

    def _candidate(self, text):
        """The candidate with the stand-in's address; None when it cannot go through here."""
        words = text.split(" ")
        if words[2].lower() != "udp" or "." not in words[4] or words[7] != "host" or words[4].endswith(".local"):
            return None
        words[4], words[5] = map(str, self._stand_in((words[4], int(words[5]))).getsockname())
        return " ".join(words)

    def filter(self, _sender, signal):
        """For Call: candidates go through here, or are not told."""
        if signal["type"] == "candidate":
            changed = self._candidate(signal["candidate"])
            return changed and {**signal, "candidate": changed}
        if "sdp" in signal:
            lines = [self._candidate(line) if line.startswith("a=candidate:") else line for line in signal["sdp"].split("\r\n")]
            return {**signal, "sdp": "\r\n".join(line for line in lines if line is not None)}
        return signal

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        for here in self._stand_ins.values():
            asyncio.get_running_loop().remove_reader(here)
            here.close()
