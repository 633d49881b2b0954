"""Audio and video both ways, and what both sides count of them.

The peers' statistics are rows with the types and names of W3C webrtc-stats; where an implementation has none, its driver counts.
"""
import asyncio
import time

from lines import Failure

KINDS = ("audio", "video")


def make_video(path):
    """Three seconds of moving grey as VP8 in IVF, for a peer that has no encoder."""
    import av
    with av.open(str(path), "w", format="ivf") as file:
        stream = file.add_stream("libvpx", rate=15, options={"g": "15"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(45):
            frame = av.VideoFrame(320, 240, "yuv420p")
            for index, plane in enumerate(frame.planes):
                plane.update(bytes([number * 5 % 256 if index == 0 else 128]) * plane.buffer_size)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


def total(rows, what, kind, *names):
    """The sum over rows of this type and kind; the first of the names that a row has counts."""
    found = 0
    for row in rows:
        if row["type"] == what and row["kind"] == kind:
            found += next((row[name] for name in names if row.get(name) is not None), 0)
    return found


async def until(peer, holds, what, seconds=30):
    """Asks for the peer's statistics until they say so; statistics have no event to wait for."""
    end = time.monotonic() + seconds
    while True:
        rows = await peer.stats()
        if holds(rows):
            return rows
        if time.monotonic() > end:
            raise Failure(f"{peer.name}: no {what} within {seconds} s: {rows}")
        await asyncio.sleep(0.2)


async def arrives(peer, kinds=KINDS):
    """Packets of each kind come, pictures are decoded where there is a decoder, and reports come back on what is sent."""
    for kind in kinds:
        await until(peer, lambda rows: total(rows, "inbound-rtp", kind, "packetsReceived") >= 30, f"30 {kind} packets")
    if "video" in kinds:
        await until(peer, lambda rows: total(rows, "inbound-rtp", "video", "framesDecoded", "framesReceived") >= 10, "10 video frames")
    for kind in kinds:
        await until(peer, lambda rows: any(row["type"] == "remote-inbound-rtp" and row["kind"] == kind and "fractionLost" in row
                                           for row in rows), f"report on its {kind}")


async def goes_on(peer, kinds, packets=10):
    """So many more packets of each kind arrive."""
    before = await peer.stats()
    for kind in kinds:
        had = total(before, "inbound-rtp", kind, "packetsReceived")
        await until(peer, lambda rows: total(rows, "inbound-rtp", kind, "packetsReceived") >= had + packets, f"{packets} more {kind} packets")


async def survives(path, sender, receiver, loss=0.1):
    """With this loss the receiver asks for video packets again, counts what was lost, and goes on showing pictures."""
    before = await receiver.stats()
    frames = total(before, "inbound-rtp", "video", "framesDecoded", "framesReceived")
    asked = total(await sender.stats(), "outbound-rtp", "video", "nackCount")
    path.loss = loss
    try:
        await until(sender, lambda rows: total(rows, "outbound-rtp", "video", "nackCount") > asked, "NACK for its video")
        await until(receiver, lambda rows: total(rows, "inbound-rtp", "video", "framesDecoded", "framesReceived") >= frames + 20,
                    "20 more frames under loss")
        await until(sender, lambda rows: any(row["type"] == "remote-inbound-rtp" and row.get("packetsLost", 0) > 0 for row in rows),
                    "report of a loss")
    finally:
        path.loss = 0.0
    if not path.lost["rtp"]:
        raise Failure("the path lost nothing")


async def clips_are_shown(peer, kinds):
    """The other end decoded our recordings, and nothing else: a picture of their size, a tone. Pion, which decodes nothing, looks into key frames."""
    if "video" in kinds:
        await until(peer, lambda rows: any((row.get("frameWidth"), row.get("frameHeight")) == (160, 120) for row in rows if row["type"] == "inbound-rtp"),
                    "picture of 160x120")
    if "audio" in kinds and peer.decodes:
        await until(peer, lambda rows: total(rows, "inbound-rtp", "audio", "totalAudioEnergy") > 0.001, "sound")


def of_sources(rows, what, kind):
    return {row["ssrc"]: row for row in rows if row["type"] == what and row["kind"] == kind and row.get("ssrc")}


def first_time(row, what):
    """Packets without those that came or went again: RTX has sequence numbers of its own (RFC 4588 §4)."""
    return row.get(f"packets{what}", 0) - row.get(f"retransmittedPackets{what}", 0)


def differences(sender, sent, receiver, received, kinds, lost_of):
    """What sender and receiver do not say alike, as sentences."""
    for kind in kinds:
        outbound, inbound = of_sources(sent, "outbound-rtp", kind), of_sources(received, "inbound-rtp", kind)
        reported = of_sources(sent, "remote-inbound-rtp", kind)
        told = of_sources(received, "remote-outbound-rtp", kind) if receiver.name == "rtclab" else None  # others do not all tell
        active = {ssrc: row for ssrc, row in outbound.items() if row.get("packetsSent")}
        repairs = {row.get("rtxSsrc") for row in (*outbound.values(), *inbound.values())}  # some count them apart
        if set(active) != set(inbound) - repairs or not active:
            yield f"{kind}: sources {sorted(active)} are sent and {sorted(inbound)} received"
            continue
        for ssrc, row in active.items():
            there, report, gone = inbound[ssrc], reported.get(ssrc, {}), lost_of[ssrc] if lost_of else 0
            sent_once, got, lost = first_time(row, "Sent"), first_time(there, "Received"), there.get("packetsLost", 0)
            if got + lost != sent_once and (sender.counts_probes_apart or got + lost > sent_once):
                yield f"{kind} {ssrc}: {sent_once} sent, {got} received and {lost} lost"
            frames, came = row.get("framesSent"), there.get("framesReceived")
            if not lost and None not in (frames, came) and frames != came:
                yield f"{kind} {ssrc}: {frames} frames sent, {came} received"
            if lost != gone and not (sender.repeats_in_place and lost < gone):
                yield f"{kind} {ssrc}: {lost} lost by the receiver's count, and {gone} by the path's"
            if told is not None and not 0 < told.get(ssrc, {}).get("packetsSent", 0) <= row["packetsSent"]:
                yield f"{kind} {ssrc}: {row['packetsSent']} sent, and the sender reports tell of {told.get(ssrc)}"
            if report.get("packetsLost") != lost:
                yield f"{kind} {ssrc}: the receiver counts {lost} lost, and reported {report.get('packetsLost')}"


async def agree(sender, receiver, kinds=KINDS, lost_of=None, seconds=10):
    """What was sent is what was received and lost, by each source's SSRC; so the receiver has reported, too. Nothing may be sent any more."""
    end = time.monotonic() + seconds
    while True:
        found = list(differences(sender, await sender.stats(), receiver, await receiver.stats(), kinds, lost_of))
        if not found:
            return
        if time.monotonic() > end:
            raise Failure(f"{sender.name} to {receiver.name}: {'; '.join(found)}")
        await asyncio.sleep(0.2)
