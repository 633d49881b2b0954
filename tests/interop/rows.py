"""What is done with every peer: the rows of the matrix.

A row is an async function of a Stage (our peer, the other, the network). It returns a note for the cell or nothing, or raises
Failure.
Where a peer has no such thing, `without` says why, and the cell is "-".
"""
import asyncio
from dataclasses import dataclass, field
from typing import Callable

from lines import Failure
from net import ADDRESSES
from turn import PASSWORD, USER

TURN = ADDRESSES["t"][0]

AIORTC_GATHERS_FIRST = "aiortc trickles nothing itself, it gathers inside setLocalDescription: only our candidates were trickled"
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


def ufrag(sdp):
    return next(line for line in sdp.split("\r\n") if line.startswith("a=ice-ufrag:"))


def media_lines(sdp):
    """[(kind, port)] of the m-lines."""
    return [tuple(line[2:].split(" ")[:2]) for line in sdp.split("\r\n") if line.startswith("m=")]


def only_candidates(signal, kind):
    """The signal without the candidates of other kinds."""
    if signal["type"] == "candidate" and f" typ {kind}" not in signal["candidate"]:
        return None
    return signal


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


@row("we offer, both trickle")
async def offer(stage):
    await we_offer(stage)
    await talk(stage)
    check(stage.candidates_sent(), "no candidate was trickled")
    return None if stage.theirs.trickles else AIORTC_GATHERS_FIRST


@row("they offer, both trickle")
async def answer(stage):
    await they_offer(stage)
    await talk(stage)
    check(stage.candidates_sent(), "no candidate was trickled")
    return None if stage.theirs.trickles else AIORTC_GATHERS_FIRST


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


async def relay_only(stage, url, protocol):
    """Our every datagram goes through the relay: what the other side sees of us has no address but the server's."""
    await we_offer(stage, ["--relay-only", "--turn", url, "--username", USER, "--credential", PASSWORD,
                           "--turn-authority", str(stage.world.turn.certificate)])
    await talk(stage)
    ours = [signal["candidate"] for who, signal in stage.call.sent if who is stage.ours and signal["type"] == "candidate"]
    check(all(" typ relay" in each for each in ours), f"a candidate that is no relay: {ours}")
    pair = await stage.ours.pair()
    check(pair["local_type"] == "relay", f"selected {pair}")


@row("relay only, TURN over UDP")
async def relay_udp(stage):
    await relay_only(stage, f"turn:{TURN}", "udp")


@row("relay only, TURN over TCP")
async def relay_tcp(stage):
    await relay_only(stage, f"turn:{TURN}?transport=tcp", "tcp")


@row("relay only, TURN over TLS")
async def relay_tls(stage):
    await relay_only(stage, f"turns:{TURN}", "tls")


@row("they relay only, TURN over UDP")
async def their_relay(stage):
    server = {"urls": [f"turn:{TURN}"], "username": USER, "credential": PASSWORD}
    await we_offer(stage, configuration={"iceServers": [server], "iceTransportPolicy": "relay"},
                   filter=lambda sender, signal: signal if sender is stage.ours else only_candidates(signal, "relay"))
    await talk(stage)


@row("we are lite, they offer")
async def lite_answers(stage):
    await they_offer(stage, ["--lite"])
    await talk(stage)
    check("a=ice-lite" in stage.call.descriptions(stage.ours, "answer")[0], "our answer says nothing of ice-lite")


@row("we are lite, we offer")
async def lite_offers(stage):
    await we_offer(stage, ["--lite"])
    await talk(stage)


@row("they are lite, we offer", chromium="Chromium is never lite", aiortc="aiortc is never lite")
async def they_are_lite(stage):
    await we_offer(stage, lite=True)
    await talk(stage)


@row("IPv6 only")
async def ipv6(stage):
    stage.network.only_v6("ab", True)
    try:
        await we_offer(stage, ["--no-trickle"], trickle=False)
        await talk(stage)
        pair = await stage.ours.pair()
        check(pair["remote"].startswith("[fd77::2]"), f"selected {pair}")
    finally:
        stage.network.only_v6("ab", False)


@row("DTLS: they are the client")
async def dtls_server(stage):
    await we_offer(stage, ["--no-trickle"], trickle=False)
    check("a=setup:active" in stage.call.descriptions(stage.theirs, "answer")[0], "they answered passive")
    await talk(stage)


@row("DTLS: we are the client")
async def dtls_client(stage):
    await they_offer(stage, ["--no-trickle"], trickle=False)
    check("a=setup:active" in stage.call.descriptions(stage.ours, "answer")[0], "we answered passive")
    await talk(stage)


async def after_restart(stage, ours, theirs, by):
    """The new generation carries data, and has other credentials than the old one."""
    await asyncio.gather(stage.ours.stable(ours), stage.theirs.stable(theirs))
    offers = stage.call.descriptions(by, "offer")
    check(len(offers) == 2 and ufrag(offers[0]) != ufrag(offers[1]), "the second offer has the same ufrag")
    since = len(stage.ours.lines), len(stage.theirs.lines)
    await talk(stage, *since, word="after the restart,")
    await stage.ours.wait(lambda line: line.get("event") == "pair", "pair of the new generation", ours)


@row("ICE restart by us", aiortc=AIORTC_NO_RESTART)
async def restart_by_us(stage):
    await we_offer(stage)
    await talk(stage)
    ours, theirs = len(stage.ours.lines), len(stage.theirs.lines)
    await stage.ours.restart()
    await stage.ours.offer()
    await after_restart(stage, ours, theirs, stage.ours)


@row("ICE restart by them", aiortc=AIORTC_NO_RESTART)
async def restart_by_them(stage):
    await they_offer(stage)
    await talk(stage)
    ours, theirs = len(stage.ours.lines), len(stage.theirs.lines)
    await stage.theirs.offer(iceRestart=True)
    await after_restart(stage, ours, theirs, stage.theirs)


@row("ICE restart by us after their offer", aiortc=AIORTC_NO_RESTART)
async def restart_by_answerer(stage):
    await they_offer(stage)
    ours, theirs = len(stage.ours.lines), len(stage.theirs.lines)
    await stage.ours.restart()
    await stage.ours.offer()
    await asyncio.gather(stage.ours.stable(ours), stage.theirs.stable(theirs))
    await talk(stage, word="after the restart,")
    await stage.ours.wait(lambda line: line.get("event") == "pair", "pair of the new generation", ours)


async def renegotiate(stage, by, change):
    ours, theirs = len(stage.ours.lines), len(stage.theirs.lines)
    await change()
    await by.offer()
    await asyncio.gather(stage.ours.stable(ours), stage.theirs.stable(theirs))
    await talk(stage, len(stage.ours.lines), len(stage.theirs.lines), word=f"still here after {change.__name__},")
    return media_lines(stage.call.descriptions(by, "offer")[-1])


async def add_and_remove(stage, by):
    lines = await renegotiate(stage, by, by.audio)
    check([kind for kind, _ in lines] == ["application", "audio"] and lines[1][1] != "0", f"after adding: {lines}")
    lines = await renegotiate(stage, by, by.remove_audio)
    check(lines[1] == ("audio", "0"), f"after removing: {lines}")


@row("we add an audio m-line and remove it", aiortc="aiortc cannot be asked to go on with a rejected m-line")
async def media_by_us(stage):
    await we_offer(stage)
    await add_and_remove(stage, stage.ours)


@row("they add an audio m-line and remove it", aiortc="aiortc's transceivers cannot be stopped one by one")
async def media_by_them(stage):
    await they_offer(stage)
    await add_and_remove(stage, stage.theirs)


@row("audio and a channel from the first offer on, ours")
async def audio_first(stage):
    await stage.start(["--no-trickle"], trickle=False)
    await stage.ours.audio()
    await stage.ours.channel()
    await stage.ours.offer()
    await stage.both_open()
    await talk(stage)


@row("audio and a channel from the first offer on, theirs")
async def audio_first_theirs(stage):
    await stage.start(["--no-trickle"], trickle=False)
    await stage.theirs.audio()
    await stage.theirs.channel()
    await stage.theirs.offer()
    await stage.both_open()
    await talk(stage)


async def glare(stage, ours, polite):
    """Both offer at once: the polite side takes its own offer back, and both changes come through."""
    await stage.start(ours.split(), perfect=True, polite=polite)
    await stage.theirs.channel("theirs")
    await stage.both_open("theirs")
    since = len(stage.ours.lines), len(stage.theirs.lines)
    stage.call.hold()
    await stage.ours.audio()
    await stage.theirs.audio()
    await stage.ours.wait(lambda line: line.get("type") == "offer", "offer", since[0])
    await stage.theirs.wait(lambda line: line.get("type") == "offer", "offer", since[1])
    await asyncio.sleep(0.1)  # so that the call has both in its hands
    stage.call.release()
    await stage.theirs.wait(lambda line: line.get("event") == "collision", "collision", since[1])
    await asyncio.gather(stage.ours.stable(since[0]), stage.theirs.stable(since[1]))
    stage.ours.send("after the glare", "theirs")
    await stage.theirs.heard("after the glare", since[1])
    stage.theirs.send("here too", "theirs")
    await stage.ours.heard("here too", since[0])


@row("glare, we roll back", aiortc=AIORTC_NO_ROLLBACK, pion="Pion's driver has no negotiationneeded to be polite with")
async def glare_polite(stage):
    await glare(stage, "--answer", polite=False)


@row("glare, they roll back", aiortc=AIORTC_NO_ROLLBACK, pion="Pion's driver has no negotiationneeded to be polite with")
async def glare_impolite(stage):
    await glare(stage, "--answer --impolite", polite=True)


def without_udp(sender, signal):
    """The signal with its candidates over UDP taken out."""
    if signal["type"] == "candidate":
        return signal if " tcp " in signal["candidate"].lower() else None
    if "sdp" in signal:
        lines = [line for line in signal["sdp"].split("\r\n") if not (line.startswith("a=candidate:") and " tcp " not in line.lower())]
        return {**signal, "sdp": "\r\n".join(lines)}
    return signal


@row("ICE-TCP, they connect to us, no UDP", aiortc="aiortc has no ICE-TCP", pion="Pion gathers no TCP candidates of its own")
async def ice_tcp(stage):
    stage.network.drop_udp("a", True)
    try:
        await we_offer(stage, ["--tcp"])
        await talk(stage)
    finally:
        stage.network.drop_udp("a", False)


@row("mDNS names instead of addresses", aiortc="aiortc hides no addresses", pion="Pion's mDNS is left off: Chromium is the peer that hides")
async def mdns(stage):
    """Chromium as it comes, without the permission that makes it show addresses; we hide ours likewise."""
    async with stage.world.hiding_browser() as browser:
        stage.theirs.browser = browser
        try:
            await we_offer(stage, ["--mdns"])
            await talk(stage)
            texts = [signal["candidate"] for _, signal in stage.call.sent if signal["type"] == "candidate"]
            check(any(".local " in each for each in texts), "nobody hid an address")
        finally:
            await stage.theirs.stop()  # before its browser
