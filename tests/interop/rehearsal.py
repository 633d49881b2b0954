"""The others among themselves: what our rows on media will ask of them holds between implementations that are known to work."""
import asyncio
import traceback

from call import Call
from lines import Failure
from lossy import LossyPath
from media import KINDS, arrives, survives
from peers import Aiortc, ChromiumPeer, Pion

# (who offers, who answers). aiortc offers to nobody: its bundled sections give one extension id two meanings.
PAIRS = (("chromium", "aiortc"), ("pion", "chromium"), ("pion", "aiortc"))


async def call(world, offers, answers, lossy):
    def make(kind, machine):
        if kind == "chromium":
            return ChromiumPeer(world.network, world.browser)
        peer = Aiortc(world.network) if kind == "aiortc" else Pion(world.network, world.pion, world.video)
        peer.machine = machine
        return peer

    # The browser is on "b".
    one, other = (make(offers, "b"), make(answers, "a")) if offers == "chromium" else (make(offers, "a"), make(answers, "b"))
    async with LossyPath(world.network) as path:
        carried = None
        try:
            await asyncio.gather(one.start(trickle=False, answerWith=KINDS), other.start(trickle=False, answerWith=KINDS))
            carried = Call(one, other, path.filter)
            await one.media(*KINDS)
            await one.offer()
            await asyncio.gather(one.connected(), other.connected())
            await asyncio.gather(arrives(one), arrives(other))
            if lossy:
                await survives(path, one, other)
                await survives(path, other, one)
                return f"lost {path.lost['rtp']} of {path.lost['rtp'] + path.carried['rtp']} RTP packets"
        finally:
            if carried:
                carried.close()
            for peer in (one, other):
                await peer.stop()


async def rehearse(world):
    """True when all of it went well."""
    good = True
    for offers, answers in PAIRS:
        for lossy in (False, True) if "chromium" in (offers, answers) else (False,):  # Pion asks aiortc for nothing again
            name = f"{offers} -> {answers}, audio and video both ways{', 10 % loss' if lossy else ''}"
            try:
                note = await asyncio.wait_for(call(world, offers, answers, lossy), 120)
                print(f"{name}: ok{f' ({note})' if note else ''}", flush=True)
            except (Failure, asyncio.TimeoutError) as failure:
                good = False
                print(f"{name}: FAIL ({failure or 'too long'})", flush=True)
            except Exception:
                good = False
                print(f"{name}: FAIL", flush=True)
                traceback.print_exc()
    return good
