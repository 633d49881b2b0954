"""The peers of a call, all with one face: commands go in, descriptions and candidates come out.

Each answers an offer that it is given, reports {"event": "state"}, {"event": "channel"} and {"event": "data"}, and takes
{"command": ...}: start, channel, audio, removeAudio, offer, send, rollback, restart, stats, quit.
"""
import os
from pathlib import Path

from chromium import Chromium
from lines import Failure, LineProcess

HERE = Path(__file__).resolve().parent


class Peer:
    """What rows do with a peer. Subclasses say how."""

    trickles = True

    async def channel_open(self, label="chat"):
        await self.wait(lambda l: l.get("event") == "channel" and l["channel"] == label and l["state"] == "open",
                        f'open channel "{label}"')

    async def connected(self, since=0):
        await self.wait(lambda l: l.get("event") == "state" and l.get("which") == "connectionState" and l["state"] == "connected",
                        "connectionState connected", since)

    async def stable(self, since):
        await self.wait(lambda l: l.get("event") == "state" and l.get("which") == "signalingState" and l["state"] == "stable",
                        "signalingState stable", since)

    async def heard(self, text, since=0):
        await self.wait(lambda l: l.get("event") == "data" and l.get("text") == text, f'message "{text}"', since)


class Rtclab(Peer, LineProcess):
    """The peer under test: `rtclab peer`."""

    def __init__(self, program, network, folder, other):
        LineProcess.__init__(self, "rtclab")
        self.program, self.network, self.folder, self.other = program, network, folder, other

    async def start(self, *flags):
        await self.spawn(self.network.command("a", [self.program, "peer", "--out", str(self.folder), "--peer-name", self.other, *flags]))
        await self.wait(lambda l: l.get("event") == "ready", "ready")

    def command(self, name, **arguments):
        self.write({"command": name, **arguments})

    async def done(self, name, **arguments):
        since = len(self.lines)
        self.command(name, **arguments)
        line = await self.wait(lambda l: l.get("command") == name and l.get("event") in ("done", "error"), name, since)
        if line["event"] == "error":
            raise Failure(f"rtclab.{name}: {line['name']}: {line['message']}")
        return line

    async def channel(self, label="chat"):
        await self.done("createDataChannel", label=label)

    async def offer(self):
        await self.done("setLocalDescription")

    def send(self, text, label="chat"):
        self.command("send", channel=label, text=text)

    async def restart(self):
        await self.done("restartIce")

    async def audio(self):
        self.transceiver = (await self.done("addTransceiver", kind="audio"))["transceiver"]

    async def remove_audio(self):
        await self.done("stopTransceiver", transceiver=self.transceiver)

    def deliver(self, signal):
        self.write(signal)

    async def pair(self):
        return await self.wait(lambda l: l.get("event") == "pair", "selected pair")

    async def stop(self):
        if self.process and not self._ended:
            self.command("quit")
        await LineProcess.stop(self)


class Agent(Peer, LineProcess):
    """A peer whose driver is a program of this folder."""

    def __init__(self, name, argv, network):
        LineProcess.__init__(self, name)
        self.argv, self.network = argv, network

    async def start(self, **options):
        await self.spawn(self.network.command("b", self.argv))
        await self.wait(lambda l: l.get("event") == "ready", "ready", timeout=40)
        await self.done("start", **options)

    async def done(self, name, **arguments):
        since = len(self.lines)
        self.write({"command": name, **arguments})
        line = await self.wait(lambda l: l.get("command") == name and l.get("event") in ("done", "error"), name, since)
        if line["event"] == "error":
            raise Failure(f"{self.name}.{name}: {line['message']}")
        return line

    async def channel(self, label="chat"):
        await self.done("channel", label=label)

    async def offer(self, **options):
        await self.done("offer", **options)

    def send(self, text, label="chat"):
        self.write({"command": "send", "channel": label, "text": text})

    async def restart(self):
        await self.done("restart")

    async def audio(self):
        await self.done("audio")

    async def remove_audio(self):
        await self.done("removeAudio")

    def deliver(self, signal):
        self.write(signal)


class ChromiumPeer(Agent):
    def __init__(self, network, browser):
        LineProcess.__init__(self, "chromium")
        self.network, self.browser, self.page = network, browser, None

    async def start(self, **options):
        self.page = await self.browser.open_page(self.note)
        await self.done("start", **options)

    def write(self, line):
        if os.environ.get("INTEROP_VERBOSE"):
            print(f"  -> chromium: {str(line)[:300]}", flush=True)
        self.page.post(line)

    async def stop(self):
        page, self.page = self.page, None
        if page:
            await page.close()


class Aiortc(Agent):
    trickles = False

    def __init__(self, network):
        super().__init__("aiortc", ["/usr/bin/python3", str(HERE / "aiortc_agent.py")], network)


class Pion(Agent):
    def __init__(self, network, program):
        super().__init__("pion", [str(program)], network)
