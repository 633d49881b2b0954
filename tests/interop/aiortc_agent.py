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


# What aiortc's statistics leave out: the feedback that its senders got, and what they sent again for it.
feedback = Counter()
handle_rtcp = RTCRtpSender._handle_rtcp_packet
retransmit = RTCRtpSender._retransmit


async def count_feedback(sender, packet):
    if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
        feedback[sender, "nackCount"] += 1
    if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
        feedback[sender, "pliCount"] += 1
    await handle_rtcp(sender, packet)


async def count_retransmissions(sender, sequence_number):
    feedback[sender, "retransmittedPacketsSent"] += 1
    await retransmit(sender, sequence_number)

RTCRtpSender._handle_rtcp_packet = count_feedback
RTCRtpSender._retransmit = count_retransmissions


class Peer:
    def __init__(self):
        self.pc = None
        self.options = {}
        self.channels = {}
        self.frames = Counter()
        self.shown = Counter()  # of what was decoded
        self.players = []
        self.camera = None

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
            frame = await track.recv()
            self.frames[track.kind] += 1
            if track.kind == "video":
                self.shown["frameWidth"], self.shown["frameHeight"] = frame.width, frame.height
            else:
                samples = frame.to_ndarray().astype(float) / 32768
                self.shown["totalAudioEnergy"] += float((samples ** 2).mean()) * frame.samples / frame.sample_rate

    def media(self, kinds):
        for kind in kinds:
            track = AudioStreamTrack() if kind == "audio" else Camera()
            if kind == "video":
                self.camera = track
            self.pc.addTrack(track)

    async def stats(self):
        rows = []
        for transceiver in self.pc.getTransceivers():
            sender, receiver = transceiver.sender, transceiver.receiver
            for entry in [*(await sender.getStats()).values(), *(await receiver.getStats()).values()]:
                if entry.type not in ("outbound-rtp", "remote-inbound-rtp", "remote-outbound-rtp"):
                    continue
                row = {name: value for name, value in dataclasses.asdict(entry).items() if isinstance(value, (int, float, str))}
                if entry.type == "remote-inbound-rtp":
                    row["ssrc"] = sender._ssrc  # W3C webrtc-stats §8.6; aiortc names the reporter's
                if entry.type == "outbound-rtp":
                    row.update({name: feedback[sender, name] for name in ("nackCount", "pliCount", "retransmittedPacketsSent")})
                    row["packetsSent"] += row["retransmittedPacketsSent"]  # W3C webrtc-stats §8.4 counts them in
                    if entry.kind == "video" and self.camera:
                        row["framesSent"] = self.camera.count
                rows.append(row)
            rows += self.inbound(receiver, transceiver.kind)
        return rows

    def inbound(self, receiver, kind):
        """A row for each source of the receiver, of which aiortc's own statistics show the last; the second is that of repairs."""
        rows = []
        for ssrc, stream in receiver._RTCRtpReceiver__remote_streams.items():
            rows.append({"type": "inbound-rtp", "kind": kind, "ssrc": ssrc, "packetsReceived": stream.packets_received, "packetsLost": stream.packets_lost})
        if rows:
            names = ("frameWidth", "frameHeight") if kind == "video" else ("totalAudioEnergy",)
            rows[0].update({"framesDecoded": self.frames[kind], **{name: self.shown[name] for name in names}})
        return rows

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
        elif command == "silence":
            for sender in self.pc.getSenders():
                sender.replaceTrack(None)
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
