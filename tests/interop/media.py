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
