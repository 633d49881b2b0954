"""What is done with every peer: the rows of the matrix.

A row is an async function of a Stage (our peer, the other, the network). It returns a word for the cell, or raises Failure.
Where a peer has no such thing, `without` says why, and the cell is "-".
"""
import asyncio
from dataclasses import dataclass, field
from typing import Callable

from call import Call
from lines import Failure

AIORTC_GATHERS_FIRST = "aiortc has no trickle: it gathers inside setLocalDescription"
AIORTC_NO_RESTART = "aiortc has no ICE restart"
AIORTC_NO_ROLLBACK = "aiortc has no rollback"


@dataclass
class Row:
    name: str
    run: Callable
    without: dict = field(default_factory=dict)


ROWS = []


def row(name, **without):
    def keep(run):
        ROWS.append(Row(name, run, without))
        return run
    return keep


def check(holds, sentence):
    if not holds:
        raise Failure(sentence)


async def talk(stage, since_ours=0, since_theirs=0, word="hello"):
    """Data both ways on the channel."""
    stage.ours.send(f"{word} there")
    await stage.theirs.heard(f"{word} there", since_theirs)
    stage.theirs.send(f"{word} here")
    await stage.ours.heard(f"{word} here", since_ours)


async def we_offer(stage, flags=(), **options):
    await stage.start(flags, **options)
    await stage.ours.channel()
    await stage.ours.offer()
    await stage.both_open()


async def they_offer(stage, flags=(), **options):
    await stage.start(flags, **options)
    await stage.theirs.channel()
    await stage.theirs.offer()
    await stage.both_open()


@row("we offer, both trickle", aiortc=AIORTC_GATHERS_FIRST)
async def offer(stage):
    await we_offer(stage)
    await talk(stage)


@row("they offer, both trickle", aiortc=AIORTC_GATHERS_FIRST)
async def answer(stage):
    await they_offer(stage)
    await talk(stage)


@row("we offer, nobody trickles")
async def offer_whole(stage):
    await we_offer(stage, ["--no-trickle"], trickle=False)
    check(not stage.candidates_sent(), "a candidate was trickled")
    await talk(stage)


@row("they offer, nobody trickles")
async def answer_whole(stage):
    await they_offer(stage, ["--no-trickle"], trickle=False)
    check(not stage.candidates_sent(), "a candidate was trickled")
    await talk(stage)


@row("large messages both ways")
async def large(stage):
    await we_offer(stage, ["--no-trickle"], trickle=False)
    await talk(stage, word="x" * 60000)
