"""The peers of a call, all with one face: commands go in, descriptions and candidates come out.

Each answers an offer that it is given, reports {"event": "state"}, {"event": "channel"} and {"event": "data"}, and takes
{"command": ...}: start, channel, channels, closeChannel, send, sendOctets, audio, removeAudio, media, offer, restart, stats, quit.
"""
import zlib
from pathlib import Path

from chromium import Chromium
from lines import SHOWN, Failure, LineProcess

HERE = Path(__file__).resolve().parent
CLIPS = {"audio": HERE.parent / "data/media/clip.opus", "video": HERE.parent / "data/media/clip.ivf", "H264": HERE.parent / "data/media/clip.h264"}


def pattern(size, seed):
    """The octets that every driver makes of `sendOctets`."""
    return bytes((i * 7 + (i >> 8) + seed) & 255 for i in range(size))


class Peer:
    """What rows do with a peer. Subclasses say how."""

    trickles = True
    negotiates = False  # by itself, whenever it is needed
    longest_sent = longest_taken = 262144  # octets of a message
    most_channels = 1024
    decodes = True  # what it receives
    # Whether packetsSent less retransmittedPacketsSent is what it sent for the first time.
    counts_probes_apart = True
    repeats_in_place = False  # under the old sequence number, so that a loss that was repaired is none
    takes_rtx = True
    asks_again = True  # for a packet, when its NACK or its repair was lost

    async def channel_open(self, label="chat", since=0):
        await self.wait(lambda l: l.get("event") == "channel" and l["channel"] == label and l["state"] == "open",
                        f'open channel "{label}"', since)

    async def all_open(self, labels):
        missing = set(labels)

        def last(line):
            if line.get("event") == "channel" and line["state"] == "open":
                missing.discard(line["channel"])
            return not missing
        try:
            await self.wait(last, "open channels", timeout=60)
        except Failure as failure:
            raise Failure(f"{failure}; {len(missing)} of {len(labels)} are not open") from None

    async def connected(self, since=0):
        await self.wait(lambda l: l.get("event") == "state" and l.get("which") == "connectionState" and l["state"] == "connected",
                        "connectionState connected", since)

    async def stable(self, since):
        await self.wait(lambda l: l.get("event") == "state" and l.get("which") == "signalingState" and l["state"] == "stable",
                        "signalingState stable", since)

    async def heard(self, text, since=0, label=None):
        await self.wait(lambda l: l.get("event") == "data" and l.get("text") == text and l["channel"] == (label or l["channel"]),
                        f'message "{text}"', since)

    async def heard_octets(self, octets, since=0, timeout=30):
        """A message with exactly these octets."""
        check = zlib.crc32(octets)
        await self.wait(lambda l: l.get("octets") == len(octets) and l["crc32"] == check, f"message of {len(octets)} octets", since,
                        timeout)

    async def channel_closed(self, label, since=0):
        await self.wait(lambda l: l.get("event") == "channel" and l["channel"] == label and l["state"] == "closed",
                        f'closed channel "{label}"', since)


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

    async def channel(self, label="chat", **init):
        await self.done("createDataChannel", label=label, **({"init": init} if init else {}))

    async def channels(self, count, prefix):
        for number in range(count):
            self.command("createDataChannel", label=f"{prefix}{number}")

    async def close_channel(self, label):
        await self.done("closeChannel", channel=label)

    async def offer(self):
        await self.done("setLocalDescription")

    def send(self, text, label="chat"):
        self.command("send", channel=label, text=text)

    def send_octets(self, size, seed, label="chat"):
        self.command("send", channel=label, hex=pattern(size, seed).hex())

    async def note(self, line):
        # Binary messages in the form of the other drivers.
        if line.get("event") == "data" and "hex" in line:
            octets = bytes.fromhex(line["hex"])
            line = {"event": "data", "channel": line["channel"], "octets": len(octets), "crc32": zlib.crc32(octets)}
        await LineProcess.note(self, line)

    async def report(self):
        since = len(self.lines)
        self.command("getStats")
        return (await self.wait(lambda l: l.get("event") == "statistics", "statistics", since))["report"]

    async def stats(self):
        return [each for each in (await self.report()).values() if each["type"].endswith("-rtp")]

    def clip(self, kind):
        return CLIPS[kind]

    async def media(self, *kinds):
        """Begins to send the recorded clips."""
        for kind in kinds:
            await self.done("addTrack", track={"id": kind, "file": str(CLIPS[kind])}, streams=["clips"])

    async def silence(self):
        """Sends no media any more, and says nothing of it: replaceTrack(null)."""
        for each in (await self.done("getTransceivers"))["transceivers"]:
            if each["sender"]["track"] is not None:
                await self.done("replaceTrack", transceiver=each["transceiver"], track=None)

    async def ufrag_in_use(self):
        """The user name fragment of our candidate that data goes over now."""
        report = await self.report()
        transport = next(each for each in report.values() if each["type"] == "transport")
        pair = report[transport["selectedCandidatePairId"]]
        return report[pair["localCandidateId"]]["usernameFragment"]

    async def restart(self):
        await self.done("restartIce")

    async def audio(self):
        self.transceiver = (await self.done("addTransceiver", kind="audio"))["transceiver"]

    async def transceiver_of(self, kind, **init):
        await self.done("addTransceiver", kind=kind, init=init)

    async def remove_audio(self):
        await self.done("stopTransceiver", transceiver=self.transceiver)

    def deliver(self, signal):
        self.write(signal)

    async def pair(self):
        return await self.wait(lambda l: l.get("event") == "pair", "selected pair")

    async def stop(self):
        if self.process and not self._ended:
            self.command("quit")
        code = await LineProcess.stop(self, patience=30)
        if code:
            raise Failure(f"rtclab ended with {code}: {self.stderr.decode(errors='replace')[-500:]}")


class Agent(Peer, LineProcess):
    """A peer whose driver is a program of this folder."""

    machine = "b"

    def __init__(self, name, argv, network):
        LineProcess.__init__(self, name)
        self.argv, self.network = argv, network

    async def start(self, **options):
        await self.spawn(self.network.command(self.machine, self.argv))
        await self.wait(lambda l: l.get("event") == "ready", "ready", timeout=40)
        await self.done("start", **options)

    async def done(self, name, **arguments):
        since = len(self.lines)
        self.write({"command": name, **arguments})
        line = await self.wait(lambda l: l.get("command") == name and l.get("event") in ("done", "error"), name, since)
        if line["event"] == "error":
            raise Failure(f"{self.name}.{name}: {line['message']}")
        return line

    async def channel(self, label="chat", **init):
        await self.done("channel", label=label, init=init)

    async def channels(self, count, prefix):
        await self.done("channels", count=count, prefix=prefix)

    async def close_channel(self, label):
        await self.done("closeChannel", channel=label)

    def send_octets(self, size, seed, label="chat"):
        self.write({"command": "sendOctets", "channel": label, "size": size, "seed": seed})

    async def media(self, *kinds, **options):
        """Begins to send: a tone and moving pictures."""
        await self.done("media", kinds=kinds, **options)

    async def silence(self):
        await self.done("silence")

    async def stats(self):
        """What it knows of RTP: rows with a "type" of W3C webrtc-stats, and its names."""
        return (await self.done("stats"))["result"]

    async def transceiver_of(self, kind, **init):
        await self.done("transceiver", kind=kind, init=init)

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
    negotiates = True
    # What it sends over RTX to fill up a probe is among packetsSent only, and in the SR of the SSRC that it repeats.
    counts_probes_apart = False

    def __init__(self, network, browser):
        LineProcess.__init__(self, "chromium")
        self.network, self.browser, self.page = network, browser, None

    async def start(self, **options):
        self.page = await self.browser.open_page(self.note)
        await self.wait(lambda l: l.get("event") == "ready", "ready")
        await self.done("start", **options)

    def write(self, line):
        if SHOWN:
            print(f"  -> chromium: {str(line)[:SHOWN]}", flush=True)
        self.page.post(line)

    async def stop(self):
        page, self.page = self.page, None
        if page:
            await page.close()


class Aiortc(Agent):
    trickles = False
    asks_again = False  # before it sees another gap; and its jitter buffer holds the picture for 128 packets

    def __init__(self, network):
        super().__init__("aiortc", ["/usr/bin/python3", str(HERE / "aiortc_agent.py")], network)


class Pion(Agent):
    decodes = False
    repeats_in_place = True
    takes_rtx = False
    longest_sent = longest_taken = 65535  # its description says nothing, which is 65536: RFC 8841 §6.1

    def __init__(self, network, program, video):
        super().__init__("pion", ["env", f"PION_VIDEO={video}", str(program)], network)
