#!/usr/bin/python3
"""aiortc as a peer: lines of JSON on standard input and output.

aiortc 1.4 gathers inside setLocalDescription and has neither trickle of its own, ICE restarts nor rollback.
"""
import asyncio
import dataclasses
import json
import sys
import zlib
from collections import Counter
from fractions import Fraction

from aiortc import MediaStreamTrack, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from aiortc.rtp import RTCP_PSFB_PLI, RTCP_RTPFB_NACK, RtcpPsfbPacket, RtcpRtpfbPacket
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame


def say(**line):
    print(json.dumps(line), flush=True)


def pattern(size, seed):
    return bytes((i * 7 + (i >> 8) + seed) & 255 for i in range(size))


class Camera(MediaStreamTrack):
    """A grey that changes: 15 small frames a second, so that a loaded machine can encode them."""

    kind = "video"

    def __init__(self):
        super().__init__()
        self.count = 0

    async def recv(self):
        await asyncio.sleep(1 / 15)
        frame = VideoFrame(320, 240, "yuv420p")
        for number, plane in enumerate(frame.planes):
            plane.update(bytes([(self.count * 3) % 256 if number == 0 else 128]) * plane.buffer_size)
        frame.pts, frame.time_base = self.count * 6000, Fraction(1, 90000)
        self.count += 1
        return frame


# What aiortc's statistics leave out: the feedback that its senders got.
feedback = Counter()
handle_rtcp = RTCRtpSender._handle_rtcp_packet


async def count_feedback(sender, packet):
    if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
        feedback[sender, "nackCount"] += 1
    if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
        feedback[sender, "pliCount"] += 1
    await handle_rtcp(sender, packet)

RTCRtpSender._handle_rtcp_packet = count_feedback


class Peer:
    def __init__(self):
        self.pc = None
        self.options = {}
        self.channels = {}
        self.frames = Counter()
        self.players = []

    def hook(self, channel):
        self.channels[channel.label] = channel
        opened = lambda: say(event="channel", channel=channel.label, state="open", id=channel.id)
        channel.on("open", opened)
        channel.on("close", lambda: say(event="channel", channel=channel.label, state="closed"))

        @channel.on("message")
        def message(data):
            if isinstance(data, str):
                say(event="data", channel=channel.label, text=data)
            else:
                say(event="data", channel=channel.label, octets=len(data), crc32=zlib.crc32(data))

        if channel.readyState == "open":
            opened()

    def start(self, line):
        self.options = line
        servers = [RTCIceServer(**each) for each in (line.get("configuration") or {}).get("iceServers", [])]
        self.pc = pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        pc.on("datachannel", self.hook)
        pc.on("track", self.play)
        for which in ("connectionState", "iceConnectionState", "signalingState"):
            pc.on(which.lower() + "change", lambda which=which: say(event="state", which=which, state=getattr(pc, which)))

    def play(self, track):
        say(event="track", kind=track.kind)
        if self.options.get("answerWith"):
            self.players.append(asyncio.create_task(self.count_frames(track)))

    async def count_frames(self, track):
        while True:
            await track.recv()
            self.frames[track.kind] += 1

    def media(self, kinds):
        for kind in kinds:
            self.pc.addTrack(AudioStreamTrack() if kind == "audio" else Camera())

    async def stats(self):
        reports = []
        for transceiver in self.pc.getTransceivers():
            sender, receiver = transceiver.sender, transceiver.receiver
            for entry in [*(await sender.getStats()).values(), *(await receiver.getStats()).values()]:
                if not entry.type.endswith("-rtp"):
                    continue
                report = {name: value for name, value in dataclasses.asdict(entry).items() if isinstance(value, (int, float, str))}
                if entry.type == "inbound-rtp":
                    report["framesDecoded"] = self.frames[entry.kind]
                if entry.type == "outbound-rtp":
                    report.update({name: feedback[sender, name] for name in ("nackCount", "pliCount")})
                reports.append(report)
        return reports

    async def set_local(self, description):
        await self.pc.setLocalDescription(description)
        say(type=self.pc.localDescription.type, sdp=self.pc.localDescription.sdp)

    async def take_description(self, line):
        is_offer = line["type"] == "offer"
        if is_offer and self.pc.signalingState != "stable":
            say(event="collision", polite=self.options.get("polite", False))
            if self.options.get("perfect") and not self.options.get("polite"):
                return
            await self.pc.setLocalDescription(RTCSessionDescription(sdp=self.pc.localDescription.sdp, type="rollback"))
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=line["sdp"], type=line["type"]))
        if not is_offer:
            return
        self.media(self.options.get("answerWith", []))
        await self.set_local(await self.pc.createAnswer())

    async def take(self, line):
        command, kind = line.get("command"), line.get("type")
        if command == "start":
            self.start(line)
        elif command == "channel":
            init = dict(line.get("init") or {})
            names = {"maxRetransmits": "maxRetransmits", "maxPacketLifeTime": "maxPacketLifeTime", "ordered": "ordered"}
            self.hook(self.pc.createDataChannel(line["label"], **{names[name]: value for name, value in init.items()}))
        elif command == "channels":
            for i in range(line["count"]):
                self.hook(self.pc.createDataChannel(f"{line['prefix']}{i}"))
        elif command == "closeChannel":
            self.channels[line["channel"]].close()
        elif command == "audio":
            self.pc.addTransceiver("audio")
        elif command == "transceiver":
            self.pc.addTransceiver(line["kind"])  # simulcast, which `init` may ask for, aiortc has not
        elif command == "removeAudio":
            for transceiver in self.pc.getTransceivers():
                await transceiver.stop()
        elif command == "media":
            self.media(line["kinds"])
        elif command == "offer":
            await self.set_local(await self.pc.createOffer())
        elif command == "send":
            self.channels[line["channel"]].send(line["text"])
        elif command == "sendOctets":
            self.channels[line["channel"]].send(pattern(line["size"], line["seed"]))
        elif command == "stats":
            return await self.stats()
        elif command is not None:
            raise NotImplementedError(command)
        elif kind == "candidate":
            candidate = candidate_from_sdp(line["candidate"].split(":", 1)[1])
            candidate.sdpMid, candidate.sdpMLineIndex = line.get("sdpMid"), line.get("sdpMLineIndex")
            await self.pc.addIceCandidate(candidate)
        elif kind != "end-of-candidates":
            await self.take_description(line)
        return None


async def main():
    peer, reader = Peer(), asyncio.StreamReader(limit=1 << 22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(event="ready")
    while text := await reader.readline():
        line = json.loads(text)
        if line.get("command") == "quit":
            break
        try:
            result = await peer.take(line)
            if "command" in line:
                say(event="done", command=line["command"], result=result)
        except Exception as error:  # whatever aiortc throws is the row's business
            say(event="error", command=line.get("command") or line.get("type"), message=f"{type(error).__name__}: {error}")
    if peer.pc:
        await peer.pc.close()


asyncio.run(main())
