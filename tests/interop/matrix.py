"""The table: rows against peers, each cell run, with the reasons below.

A cell is "ok", "FAIL", "peer" (the row failed, and what the peer said shows that it is to blame) or "-" (the peer has no such thing).
"""
import asyncio
import json
import sys
import time
import traceback

from call import Call
from chromium import Chromium
from lines import Failure
from peers import Aiortc, ChromiumPeer, Pion, Rtclab

PEERS = ("chromium", "aiortc", "pion")
SECONDS_FOR_SECOND_TRIES = 300  # from the start of the run on; where much fails, trying again tells nothing new


class Stage:
    """One cell: our peer and the other on the network, and the call between them."""

    def __init__(self, world, kind, folder, browser=None):
        self.world, self.kind, self.folder = world, kind, folder
        self.network = world.network
        self.ours = Rtclab(world.program, world.network, folder, kind)
        self.theirs = world.peer(kind, browser)
        self.call = None

    async def start(self, flags=(), filter=lambda sender, signal: signal, **options):
        await asyncio.gather(self.ours.start(*flags), self.theirs.start(**options))
        self.call = Call(self.ours, self.theirs, filter)

    async def both_open(self, label="chat"):
        await asyncio.gather(self.ours.channel_open(label), self.theirs.channel_open(label))

    def candidates_sent(self):
        return [signal for _, signal in self.call.sent if signal["type"] == "candidate"]

    async def stop(self):
        if self.call:
            self.call.close()
            self.call = None
        for peer in (self.ours, self.theirs):
            await peer.stop()


class World:
    """What all cells share: the network, the programs, one browser."""

    def __init__(self, network, program, pion, folder):
        self.network, self.program, self.pion, self.folder = network, program, pion, folder
        self.began = time.monotonic()

    def has_time_for_second_tries(self):
        return time.monotonic() - self.began < SECONDS_FOR_SECOND_TRIES

    def hiding_browser(self):
        """A second browser, which puts mDNS names in place of its addresses."""
        return Chromium(self.network, mdns=True)

    def peer(self, kind, browser=None):
        if kind == "chromium":
            return ChromiumPeer(self.network, browser or self.browser)
        return Aiortc(self.network) if kind == "aiortc" else Pion(self.network, self.pion)


async def judged(world, kind, folder):
    """`rtclab judge` over what the cell left: no clause that we broke. The other peer's faults are not our failures."""
    process = await asyncio.create_subprocess_exec(world.program, "judge", str(folder), "--json", stdout=asyncio.subprocess.PIPE,
                                                   stderr=asyncio.subprocess.PIPE)
    out, errors = await process.communicate()
    if process.returncode not in (0, 1):
        raise Failure(f"the judge cannot read the evidence: {errors.decode().strip()}")
    for verdict in json.loads(out)["verdicts"]:
        ours = [each["what"] for each in verdict["evidence"] if not each["what"].startswith(f"{kind}:")]
        if verdict["verdict"] == "fail" and ours:
            raise Failure(f"the judge: {verdict['id']} ({verdict['spec']} §{verdict['section']}): {ours[0]}")


def fault_of(stage, row):
    """What shows that the peer is to blame, or None."""
    fault = row.faults.get(stage.kind)
    return fault and fault.seen(stage.ours, stage.theirs)


async def run_cell(world, row, kind):
    """(word for the table, note or None). A cell that fails is tried once more, for a busy machine is not our fault."""
    if kind in row.without:
        return "-", row.without[kind]
    word, first = await try_cell(world, row, kind)
    if word != "FAIL" or not world.has_time_for_second_tries():
        return word, first
    print(f"{kind:9} {row.name}: failed, tried once more ({first})", file=sys.stderr, flush=True)
    word, note = await try_cell(world, row, kind)
    if word == "FAIL":
        return word, note
    return word, f"{f'{note}; ' if note else ''}at the second try; the first: {first}"


async def try_cell(world, row, kind):
    folder = world.folder / f"{kind}-{row.name.replace(' ', '-').replace(',', '')}"
    stage = Stage(world, kind, folder)
    try:
        if kind == "chromium":
            await world.browser.revive()
        note = await asyncio.wait_for(row.run(stage), 60)
        await stage.stop()
        await judged(world, kind, folder)
        return "ok", note
    except Failure as failure:
        blame = fault_of(stage, row)
        return ("peer", blame) if blame else ("FAIL", str(failure))
    except Exception as error:  # a fault of the test itself fails the cell too
        return "FAIL", "".join(traceback.format_exception_only(type(error), error)).strip()
    finally:
        await stage.stop()


def table(rows, cells):
    width = max(len(row.name) for row in rows)
    lines = ["| " + "what was done".ljust(width) + " | " + " | ".join(kind.ljust(9) for kind in PEERS) + " |",
             "| " + "-" * width + " | " + " | ".join("-" * 9 for _ in PEERS) + " |"]
    notes = []
    for row in rows:
        words = []
        for kind in PEERS:
            word, reason = cells.get((row.name, kind), ("", None))
            if reason:
                if reason not in notes:
                    notes.append(reason)
                word += f" [{notes.index(reason) + 1}]"
            words.append(word.ljust(9))
        lines.append("| " + row.name.ljust(width) + " | " + " | ".join(words) + " |")
    lines += [""] + [f"[{number}] {note}" for number, note in enumerate(notes, 1)]
    return "\n".join(lines)
