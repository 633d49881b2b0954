#!/usr/bin/python3
"""aiortc as a peer: lines of JSON on standard input and output.

aiortc 1.4 gathers inside setLocalDescription and has neither trickle of its own, ICE restarts nor rollback.
"""
import asyncio
import json
import sys

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp


def say(**line):
    print(json.dumps(line), flush=True)


class Peer:
    def __init__(self):
        self.pc = None
        self.channels = {}

    def hook(self, channel):
        self.channels[channel.label] = channel
        opened = lambda: say(event="channel", channel=channel.label, state="open")
        channel.on("open", opened)
        channel.on("close", lambda: say(event="channel", channel=channel.label, state="closed"))

        @channel.on("message")
        def message(data):
            say(event="data", channel=channel.label, text=data if isinstance(data, str) else f"{len(data)} octets")
            if data == "ping":
                channel.send("pong")

        if channel.readyState == "open":
            opened()

    def start(self, line):
        servers = [RTCIceServer(**each) for each in (line.get("configuration") or {}).get("iceServers", [])]
        self.pc = pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        pc.on("datachannel", self.hook)
        pc.on("track", lambda track: say(event="track", kind=track.kind))
        for which in ("connectionState", "iceConnectionState", "signalingState"):
            pc.on(which.lower() + "change", lambda which=which: say(event="state", which=which, state=getattr(pc, which)))

    async def set_local(self, description):
        await self.pc.setLocalDescription(description)
        say(type=self.pc.localDescription.type, sdp=self.pc.localDescription.sdp)

    async def take(self, line):
        command, kind = line.get("command"), line.get("type")
        if command == "start":
            self.start(line)
        elif command == "channel":
            self.hook(self.pc.createDataChannel(line["label"]))
        elif command == "audio":
            self.pc.addTransceiver("audio")
        elif command == "removeAudio":
            for transceiver in self.pc.getTransceivers():
                await transceiver.stop()
        elif command == "offer":
            await self.set_local(await self.pc.createOffer())
        elif command == "send":
            self.channels[line["channel"]].send(line["text"])
        elif command is not None:
            raise NotImplementedError(command)
        elif kind == "candidate":
            candidate = candidate_from_sdp(line["candidate"].split(":", 1)[1])
            candidate.sdpMid, candidate.sdpMLineIndex = line.get("sdpMid"), line.get("sdpMLineIndex")
            await self.pc.addIceCandidate(candidate)
        elif kind != "end-of-candidates":
            await self.pc.setRemoteDescription(RTCSessionDescription(sdp=line["sdp"], type=kind))
            if kind == "offer":
                await self.set_local(await self.pc.createAnswer())


async def main():
    peer, reader = Peer(), asyncio.StreamReader(limit=1 << 22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(event="ready")
    while text := await reader.readline():
        line = json.loads(text)
        if line.get("command") == "quit":
            break
        try:
            await peer.take(line)
            if "command" in line:
                say(event="done", command=line["command"])
        except Exception as error:  # whatever aiortc throws is the row's business
            say(event="error", command=line.get("command") or line.get("type"), message=f"{type(error).__name__}: {error}")
    if peer.pc:
        await peer.pc.close()


asyncio.run(main())
