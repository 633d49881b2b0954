"""Rows on media: what each side says that it sent and received, and whether the other side says the same.

Ours are the recorded clips of tests/data/media, so that a decoder at the other end has a picture of 160x120 and a tone. Theirs: media.py.
"""
import asyncio

from lossy import LossyPath
from media import KINDS, agree, arrives, clips_are_shown, goes_on, total, until
from rows import LAYERS, attributes, check, row, talk

PION_DROPS_RTX = "Pion takes rtx in its answer (RFC 4588 §8.1) and throws away what comes by it: what it lost of our video stays lost, and it asks for it to the end"


async def both_send(stage, kinds, by, flags=(), filter=lambda sender, signal: signal, channel=False):
    """A call in which both send from the beginning; returns when both have what the other sends, and reports on it."""
    await stage.start(flags, filter, answerWith=kinds)
    if by is stage.theirs:
        await asyncio.gather(stage.ours.media(*kinds), stage.theirs.media(*kinds))
    else:
        await stage.ours.media(*kinds)
    if channel:
        await by.channel()
    await by.offer()
    await asyncio.gather(stage.ours.connected(), stage.theirs.connected())
    await asyncio.gather(arrives(stage.ours, kinds), arrives(stage.theirs, kinds))
    await clips_are_shown(stage.theirs, kinds)


@row("audio both ways, ours; our track goes and comes back")
async def audio(stage):
    await both_send(stage, ("audio",), stage.ours)
    transceiver = (await stage.ours.done("getTransceivers"))["transceivers"][0]["transceiver"]
    await stage.ours.silence()
    await agree(stage.ours, stage.theirs, ("audio",))
    await stage.ours.done("replaceTrack", transceiver=transceiver, track={"id": "again", "file": str(stage.ours.clip("audio"))})
    await goes_on(stage.theirs, ("audio",))
    await both_are_silent(stage, ("audio",))


@row("video both ways, theirs")
async def video(stage):
    await both_send(stage, ("video",), stage.theirs)
    await both_are_silent(stage, ("video",))


@row("video in H.264 both ways, ours (to Pion only)")
async def h264(stage):
    kinds = ("video",) if stage.theirs.decodes else ()  # Pion's driver has no H.264 to send
    await stage.start(answerWith=kinds)
    added = await stage.ours.done("addTrack", track={"id": "picture", "file": str(stage.ours.clip("H264"))}, streams=["clips"])
    wanted = [{"mimeType": "video/H264", "clockRate": 90000, "sdpFmtpLine": "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
              {"mimeType": "video/rtx", "clockRate": 90000}]
    await stage.ours.done("setCodecPreferences", transceiver=added["transceiver"], codecs=wanted)
    await stage.ours.offer()
    await asyncio.gather(stage.ours.connected(), stage.theirs.connected())
    if kinds:
        await asyncio.gather(arrives(stage.ours, kinds), arrives(stage.theirs, kinds))
        await clips_are_shown(stage.theirs, kinds)
        await stage.theirs.silence()
        await agree(stage.theirs, stage.ours, kinds)
    else:
        await until(stage.theirs, lambda rows: total(rows, "inbound-rtp", "video", "framesReceived") >= 30, "30 pictures")
    await stage.ours.silence()
    await agree(stage.ours, stage.theirs, ("video",))


async def both_are_silent(stage, kinds, lost_of=None):
    """When nothing is sent any more, what one has sent and what the other has received can be compared to the packet."""
    await asyncio.gather(stage.ours.silence(), stage.theirs.silence())
    await agree(stage.ours, stage.theirs, kinds, lost_of)
    await agree(stage.theirs, stage.ours, kinds, lost_of)


def bundling(stage):
    """Pion takes no offer whose sections have transports of their own, and aiortc none whose sections have not."""
    return ["--max-bundle"] if stage.kind == "pion" else []


@row("audio, video and a channel on one transport, both ways")
async def bundled(stage):
    await both_send(stage, KINDS, stage.ours, bundling(stage), channel=True)
    await stage.both_open()
    await talk(stage)
    answer = stage.call.descriptions(stage.theirs, "answer")[0]
    check("a=group:BUNDLE 0 1 2" in answer, "they did not bundle: " + answer.split("a=group")[-1][:40])
    transports = [each for each in (await stage.ours.report()).values() if each["type"] == "transport"]
    check(len(transports) == 1, f"{len(transports)} transports are left")
    await both_are_silent(stage, KINDS)


@row("audio and video, one packet in twenty lost each way")
async def lossy(stage):
    async with LossyPath(stage.network) as path:
        await both_send(stage, KINDS, stage.ours, bundling(stage), path.filter)
        if not stage.theirs.asks_again:
            repairs = sources_of_repairs(stage)
            path.spares = lambda kind, ssrc: kind == "rtcp" or ssrc in repairs
        path.loss = 0.05
        await asyncio.gather(repaired(stage.ours, stage.theirs), repaired(stage.theirs, stage.ours))
        path.loss = 0.0
        # A loss is seen by the packet behind it.
        await asyncio.gather(goes_on(stage.ours, KINDS), goes_on(stage.theirs, KINDS))
        await both_are_silent(stage, KINDS, path.lost_of)
    await smooth(stage.theirs, stage.ours)
    if not stage.theirs.takes_rtx:
        return PION_DROPS_RTX
    await smooth(stage.ours, stage.theirs)


def sources_of_repairs(stage):
    """The second SSRCs of a=ssrc-group:FID, both sides'."""
    texts = stage.call.descriptions(stage.ours, "offer") + stage.call.descriptions(stage.theirs, "answer")
    return {int(line.split(" ")[2]) for text in texts for line in text.split("\r\n") if line.startswith("a=ssrc-group:FID ")}


async def repaired(sender, receiver):
    """Under loss the receiver asks for video again, and gets it."""
    before = await sender.stats()
    asked, again = (total(before, "outbound-rtp", "video", name) for name in ("nackCount", "retransmittedPacketsSent"))
    await until(sender, lambda rows: total(rows, "outbound-rtp", "video", "nackCount") >= asked + 3, "three NACKs for its video")
    await until(sender, lambda rows: total(rows, "outbound-rtp", "video", "retransmittedPacketsSent") >= again + 3, "three packets sent again")


async def smooth(sender, receiver):
    """Nearly all pictures were shown, in the end: without repair a loss costs half of those until the next key frame, and so nearly half of all."""
    sent = total(await sender.stats(), "outbound-rtp", "video", "framesSent")
    await until(receiver, lambda rows: total(rows, "inbound-rtp", "video", "framesDecoded") >= 0.9 * sent, f"nine tenths of {sent} pictures that {sender.name} sent", 5)


@row("video in three layers, theirs; we are a media server", aiortc="aiortc has no simulcast", pion="Pion's tracks are sent in one layer")
async def their_layers(stage):
    await stage.start(["--simulcast"])
    await stage.theirs.media("video", size={"width": 960, "height": 540}, layers=LAYERS)
    await stage.theirs.offer()
    await stage.ours.connected()
    check(attributes(stage.call.descriptions(stage.ours, "answer")[0], "video", "simulcast") == ["recv f;h;q"], "we did not answer with the layers")
    await until(stage.ours, lambda rows: {each["rid"] for each in rows if each["type"] == "inbound-rtp" and each["framesDecoded"] >= 10} == {"f", "h", "q"},
                "ten frames of each layer")
    sizes = {each["rid"]: (each["frameWidth"], each["frameHeight"]) for each in await stage.ours.stats() if each["type"] == "inbound-rtp"}
    check(sizes == {"f": (960, 540), "h": (480, 270), "q": (240, 135)}, f"sizes of the layers: {sizes}")
    await stage.theirs.silence()
    await agree(stage.theirs, stage.ours, ("video",))


def with_appdata(_sender, signal):
    return {**signal, "sdp": signal["sdp"].replace("a=msid:s\r\n", "a=msid:s camera\r\n")} if "sdp" in signal else signal


def sent_by_layer(rows, what, count):
    return {row["ssrc"]: row[count] for row in rows if row["type"] == what}


@row("video in three layers, ours; they are a media server", chromium="Chromium takes one layer: its answer has no a=simulcast", aiortc="aiortc takes one layer")
async def our_layers(stage):
    # Pion finds layers only beside an a=msid of two words, and RFC 9429 §5.2.1 wants one.
    await stage.start(filter=with_appdata, answerWith=[], simulcast=True)
    await stage.ours.done("addTransceiver", track={"id": "camera", "kind": "video"}, init={"streams": ["s"], "sendEncodings": LAYERS})
    await stage.ours.offer()
    await stage.ours.connected()
    await until(stage.theirs, lambda rows: {each.get("rid") for each in rows if each["type"] == "inbound-rtp" and each.get("framesReceived", 0) >= 10} == {"f", "h", "q"},
                "ten frames of each layer")
    await stage.ours.silence()
    await until(stage.ours, lambda rows: sent_by_layer(rows, "outbound-rtp", "packetsSent") == sent_by_layer(rows, "remote-inbound-rtp", "packetsReceived"),
                "report that all of each layer arrived")  # the first packet goes into Pion's probe, and is only in its reports
    return "Pion finds the layers only beside an a=msid with appdata, which RFC 9429 §5.2.1 omits: the test adds it on the way"
