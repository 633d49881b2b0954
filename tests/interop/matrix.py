"""The table: rows against peers, each cell run, with the reasons below.

A cell is "ok", "FAIL", "peer" (the row failed, and what the peer said shows that it is to blame) or "-" (the peer has no such thing).
"""
import asyncio
import contextlib
import json
import traceback

from call import Call
from chromium import Chromium
from lines import Failure
from peers import Aiortc, ChromiumPeer, Pion, Rtclab

PEERS = ("chromium", "aiortc", "pion")
SECONDS_FOR_A_CELL = 120  # far more than any takes: what fails is seen by what a peer says


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

    async def play(self, row):
        """Runs the row, until it is through or a peer reports an error."""
        run = asyncio.create_task(row.run(self))
        errors = [asyncio.create_task(peer.error()) for peer in (self.ours, self.theirs)]
        try:
            done, _ = await asyncio.wait([run, *errors], timeout=SECONDS_FOR_A_CELL, return_when=asyncio.FIRST_COMPLETED)
            if run in done:
                return run.result()
            if not done:
                raise Failure(f"not through after {SECONDS_FOR_A_CELL} s")
            error = next(iter(done)).result()
            raise Failure(f"{error.get('command') or error.get('name')}: {error['message']}")
        finally:
            for task in (run, *errors):
                task.cancel()
            await asyncio.gather(run, *errors, return_exceptions=True)

    async def stop(self):
        if self.call:
            self.call.close()
            self.call = None
        try:
            await self.ours.stop()
        finally:
            await self.theirs.stop()


class World:
    """What all cells share: the network, the programs, one browser."""

    def __init__(self, network, program, pion, video, folder):
        self.network, self.program, self.pion, self.video, self.folder = network, program, pion, video, folder

    def hiding_browser(self):
        """A second browser, which puts mDNS names in place of its addresses."""
        return Chromium(self.network, mdns=True)

    def peer(self, kind, browser=None):
        if kind == "chromium":
            return ChromiumPeer(self.network, browser or self.browser)
        return Aiortc(self.network) if kind == "aiortc" else Pion(self.network, self.pion, self.video)


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
    """(word for the table, note or None)."""
    if kind in row.without:
        return "-", row.without[kind]
    folder = world.folder / f"{kind}-{row.name.replace(' ', '-').replace(',', '')}"
    stage = Stage(world, kind, folder)
    try:
        if kind == "chromium":
            await world.browser.revive()
        try:
            word, note = "ok", await stage.play(row)
        except Failure as failure:
            word, note = "peer", fault_of(stage, row)
            if not note:
                return "FAIL", str(failure)
        await stage.stop()
        await judged(world, kind, folder)  # where the peer is to blame our side is judged all the same
        return word, note
    except Failure as failure:
        return "FAIL", str(failure)
    except Exception as error:  # a fault of the test itself fails the cell too
        return "FAIL", "".join(traceback.format_exception_only(type(error), error)).strip()
    finally:
        with contextlib.suppress(Failure):  # then the cell has failed already
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
