"""What is done with every peer: the rows of the matrix.

A row is an async function of a Stage (our peer, the other, the network). It returns a note for the cell or nothing, or raises
Failure.
Where a peer has no such thing, `without` says why, and the cell is "-". Where a peer is known to err, `faults` says how to tell
that this and nothing else is why the row failed.
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
SILENT_TRICKLERS = {
    "aiortc": "aiortc's offer has no a=ice-options:trickle, so that our answer waits for its candidates (RFC 8838 §3)",
    "pion": "Pion trickles without a=ice-options:trickle in its offer; our answer waits for its candidates (RFC 8838 §3)",
}
PION_STOPS_INACTIVE = "Pion's Stop() leaves the m-line at port 9 with a=inactive, and so our answer"
PION_REVERSES_ROLES = "Pion answers a=setup:active though it is the server of the association that goes on (RFC 8842 §5.3)"
PION_DROPS_MLINE = "Pion's answer to an offer with m=audio 0 leaves the m-line out, where it has to repeat it with port 0 (RFC 3264 §6)"
PION_ONE_UFRAG = "Pion refuses an offer whose m-lines have transports of their own, as RFC 9429 §5.2.1 wants it without max-bundle"
AIORTC_UFRAG_EVERYWHERE = ("aiortc wants an a=ice-ufrag in the answer's bundled m=application too, where RFC 9143 §7.1.3 forbids it; "
                           "it takes no ClientHello then")
CHROMIUM_KEEPS_IDS = "Chromium rolls its offer back and keeps the a=extmap ids of it, though rollback undoes them (RFC 9429 §5.7)"


@dataclass
class Fault:
    """What a peer does against the texts. `shows`: an error that one side reports has these words, which no other failure brings."""
    clause: str
    shows: str

    def seen(self, *peers):
        """The error that shows it, or None."""
        for peer in peers:
            for line in peer.lines:
                if line.get("event") == "error" and self.shows in line["message"]:
                    return f'{self.clause}: {peer.name} says "{line["message"]}"'
        return None


@dataclass
class Row:
    name: str
    run: Callable
    without: dict = field(default_factory=dict)
    faults: dict = field(default_factory=dict)


ROWS = []


def row(name, faults=None, **without):
    def keep(run):
        ROWS.append(Row(name, run, without, faults or {}))
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
    said = "trickle" in "".join(stage.call.descriptions(stage.theirs, "offer"))
    check(said or stage.kind in SILENT_TRICKLERS, "their offer says nothing of trickle")
    ours = [signal for who, signal in stage.call.sent if who is stage.ours and signal["type"] == "candidate"]
    check(bool(ours) == said, f"we trickled {len(ours)} candidates, and their offer says{'' if said else ' nothing of'} trickle")
    return None if said else SILENT_TRICKLERS[stage.kind]


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


@row("ICE restart by us after their offer", faults={"pion": Fault(PION_REVERSES_ROLES, "a=setup contradicts the association that runs")},
     aiortc=AIORTC_NO_RESTART)
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
    if by is stage.theirs and stage.kind == "pion" and lines[1] == ("audio", "9"):
        for who, kind in ((stage.theirs, "offer"), (stage.ours, "answer")):
            section = stage.call.descriptions(who, kind)[-1].split("m=audio")[1]
            check("a=inactive" in section, f"after removing: the {kind} has neither port 0 nor a=inactive")
        return PION_STOPS_INACTIVE
    check(lines[1] == ("audio", "0"), f"after removing: {lines}")


@row("we add an audio m-line and remove it", faults={"pion": Fault(PION_DROPS_MLINE, "the answer has 1 sections, the offer has 2")},
     aiortc="aiortc cannot be asked to go on with a rejected m-line")
async def media_by_us(stage):
    await we_offer(stage)
    return await add_and_remove(stage, stage.ours)


@row("they add an audio m-line and remove it", aiortc="aiortc's transceivers cannot be stopped one by one")
async def media_by_them(stage):
    await they_offer(stage)
    return await add_and_remove(stage, stage.theirs)


@row("audio and a channel from the first offer on, ours", faults={"pion": Fault(PION_ONE_UFRAG, "multiple conflicting ice-ufrag values")})
async def audio_first(stage):
    await stage.start(["--no-trickle"], trickle=False)
    await stage.ours.audio()
    await stage.ours.channel()
    await stage.ours.offer()
    await stage.both_open()
    await talk(stage)


@row("audio and a channel from the first offer on, theirs",
     faults={"aiortc": Fault(AIORTC_UFRAG_EVERYWHERE, "ICE username fragment or password is missing")})
async def audio_first_theirs(stage):
    await stage.start(["--no-trickle"], trickle=False)
    await stage.theirs.audio()
    await stage.theirs.channel()
    await stage.theirs.offer()
    await stage.both_open()
    await talk(stage)


async def glare(stage, ours, polite, change):
    """Both offer at once: the polite side takes its own offer back, and both changes come through."""
    await stage.start(ours.split(), perfect=True, polite=polite)
    await stage.theirs.channel("theirs")
    await stage.both_open("theirs")
    since = len(stage.ours.lines), len(stage.theirs.lines)
    stage.call.hold()
    await change()
    await stage.theirs.audio()
    await stage.ours.wait(lambda line: line.get("type") == "offer", "offer", since[0])
    await stage.theirs.wait(lambda line: line.get("type") == "offer", "offer", since[1])
    await asyncio.sleep(0.1)  # so that the call has both in its hands
    loser, winner = (stage.theirs, stage.ours) if polite else (stage.ours, stage.theirs)
    again = len(loser.lines), len(winner.lines)
    stage.call.release()
    await stage.theirs.wait(lambda line: line.get("event") == "collision", "collision", since[1])
    await loser.wait(lambda line: line.get("type") == "offer" and "m=audio" in line["sdp"], "second offer of what was rolled back",
                     again[0])
    await winner.wait(lambda line: line.get("type") == "answer", "answer to the second offer", again[1])
    await asyncio.gather(stage.ours.stable(since[0]), stage.theirs.stable(since[1]))
    stage.ours.send("after the glare", "theirs")
    await stage.theirs.heard("after the glare", since[1])
    stage.theirs.send("here too", "theirs")
    await stage.ours.heard("here too", since[0])


NO_GLARE = {"aiortc": AIORTC_NO_ROLLBACK, "pion": "Pion's driver has no negotiationneeded to be polite with"}


@row("glare, we roll back", **NO_GLARE)
async def glare_polite(stage):
    await glare(stage, "--answer", False, stage.ours.audio)


@row("glare, they roll back", **NO_GLARE)
async def glare_impolite(stage):
    await glare(stage, "--answer --impolite", True, stage.ours.restart)


@row("glare, they roll back audio for our audio",
     faults={"chromium": Fault(CHROMIUM_KEEPS_IDS, "RTP extension ID reassignment")}, **NO_GLARE)
async def glare_impolite_audio(stage):
    await glare(stage, "--answer --impolite", True, stage.ours.audio)


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
