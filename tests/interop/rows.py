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
from peers import pattern
from turn import PASSWORD, USER

TURN = ADDRESSES["t"][0]

AIORTC_GATHERS_FIRST = "aiortc trickles nothing itself, it gathers inside setLocalDescription: only our candidates were trickled"
AIORTC_NO_RESTART = "aiortc answers an offer that restarts ICE with its old credentials, though the answer has to bring new ones (RFC 8839 §4.4.1.2)"
AIORTC_OFFERS_NO_RESTART = "aiortc's createOffer() takes no options and there is no restartIce(): it cannot ask for one"
AIORTC_NO_ROLLBACK = "aiortc has no rollback, explicit or implicit (RFC 9429 §4.1.10.2)"
PION_NO_ROLLBACK = "Pion refuses to roll its offer back (RFC 9429 §4.1.10.2)"
SILENT_TRICKLERS = {
    "aiortc": "aiortc's offer has no a=ice-options:trickle, so that our answer waits for its candidates (RFC 8838 §3)",
    "pion": "Pion trickles without a=ice-options:trickle in its offer; our answer waits for its candidates (RFC 8838 §3)",
}
PION_STOPS_INACTIVE = "Pion's Stop() leaves the m-line at port 9 with a=inactive, and so our answer"
PION_DROPS_MLINE = "Pion's answer to an offer with m=audio 0 leaves the m-line out, where it has to repeat it with port 0 (RFC 3264 §6)"
PION_ONE_UFRAG = "Pion refuses an offer whose m-lines have transports of their own, as RFC 9429 §5.2.1 wants it without max-bundle"
CHROMIUM_SECOND_MLINE = ("Chromium answers port 0, as it may, to a second audio m-line that joins a bundle without transport attributes of its own, as "
                         "RFC 9429 §5.2.2 wants it; glare or not. With them it takes it")
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


AIORTC_UFRAG_EVERYWHERE = Fault(
    "aiortc wants an a=ice-ufrag in bundled sections too, where RFC 9143 §7.1.3 and §7.3.1 forbid it; it takes no ClientHello then",
    "ICE username fragment or password is missing")
AIORTC_TWO_EXTENSIONS = Fault("aiortc gives one extension id two meanings in one BUNDLE group (RFC 9143 §12)",
                              "stands for two extensions in one BUNDLE group")
PION_CONFLICTS = Fault(PION_ONE_UFRAG, "multiple conflicting ice-ufrag values")
PION_REVERSES_ROLES = Fault(
    "Pion answers a=setup:active though it is the server of the association that goes on (RFC 8842 §5.3)",
    "a=setup contradicts the association that runs")


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


def longest_message(sdp):
    """What the description's data section takes: RFC 8841 §6.1."""
    sizes = [int(line.split(":")[1]) for line in sdp.split("\r\n") if line.startswith("a=max-message-size:")]
    return (sizes[0] or 1 << 30) if sizes else 65536


@row("messages of 256 KiB, or of the longest that the other takes")
async def large(stage):
    await we_offer(stage, ["--no-trickle"], trickle=False)
    theirs = min(stage.theirs.longest_taken, longest_message(stage.call.descriptions(stage.theirs, "answer")[0]))
    ours = min(longest_message(stage.call.descriptions(stage.ours, "offer")[0]), stage.theirs.longest_sent)
    for seed in (1, 2):
        stage.ours.send_octets(theirs, seed)
        stage.theirs.send_octets(ours, seed + 2)
    for seed in (1, 2):
        await stage.theirs.heard_octets(pattern(theirs, seed))
        await stage.ours.heard_octets(pattern(ours, seed + 2))
    sizes = f"{theirs} to {stage.kind}, {ours} from it" if min(theirs, ours) < 262144 else None
    return sizes and f"octets: {sizes}; it does no more"


@row("channels of every order and reliability, both ways")
async def reliabilities(stage):
    await we_offer(stage)
    kinds = {"unordered": {"ordered": False}, "once": {"ordered": False, "maxRetransmits": 0},
             "thrice": {"maxRetransmits": 2}, "soon": {"ordered": False, "maxPacketLifeTime": 5000}}
    for who in (stage.ours, stage.theirs):
        for name, init in kinds.items():
            await who.channel(f"{name} by {who.name}", **init)
    for name in kinds:
        for who in (stage.ours, stage.theirs):
            label = f"{name} by {who.name}"
            await stage.both_open(label)
            stage.ours.send(f"there on {name}", label)
            await stage.theirs.heard(f"there on {name}", label=label)
            stage.theirs.send(f"here on {name}", label)
            await stage.ours.heard(f"here on {name}", label=label)


@row("1,024 channels, half of them opened by each")
async def many_channels(stage):
    await we_offer(stage)
    half = stage.theirs.most_channels // 2
    await asyncio.gather(stage.ours.channels(half - 1, "ours-"), stage.theirs.channels(half, "theirs-"))
    labels = [f"ours-{n}" for n in range(half - 1)] + [f"theirs-{n}" for n in range(half)]
    for who in (stage.ours, stage.theirs):
        await who.all_open(labels)
    for label in labels[::97] + labels[-1:]:
        stage.ours.send(f"there on {label}", label)
        await stage.theirs.heard(f"there on {label}", label=label)
        stage.theirs.send(f"here on {label}", label)
        await stage.ours.heard(f"here on {label}", label=label)
    return None if half == 512 else f"{stage.kind} takes {2 * half} channels"


async def closes(stage, who, other):
    """A channel is closed by `who`; another gets along without it, and a new one by the same name opens."""
    for round in range(2):
        since = len(stage.ours.lines), len(stage.theirs.lines)
        await who.channel("short")
        await asyncio.gather(stage.ours.channel_open("short", since[0]), stage.theirs.channel_open("short", since[1]))
        stage.ours.send(f"{round}", "short")
        await stage.theirs.heard(f"{round}", since[1], "short")
        await who.close_channel("short")
        await asyncio.gather(stage.ours.channel_closed("short", since[0]), stage.theirs.channel_closed("short", since[1]))
        await talk(stage, *since, word=f"without {round},")


@row("channels that we close, and open again")
async def closed_by_us(stage):
    await we_offer(stage)
    await closes(stage, stage.ours, stage.theirs)


@row("channels that they close, and open again")
async def closed_by_them(stage):
    await we_offer(stage)
    await closes(stage, stage.theirs, stage.ours)


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
    """Data flows over the new generation, which has other credentials than the old one."""
    await asyncio.gather(stage.ours.stable(ours), stage.theirs.stable(theirs))
    offers = stage.call.descriptions(by, "offer")
    check(len(offers) >= 1 and len({ufrag(offer) for offer in offers}) == len(offers), "the second offer has the same ufrag")
    mine = [signal["sdp"] for who, signal in stage.call.sent if who is stage.ours and "sdp" in signal]
    check(len(mine) == 2 and ufrag(mine[0]) != ufrag(mine[1]), "our second description has the same ufrag")
    while f"a=ice-ufrag:{await stage.ours.ufrag_in_use()}" != ufrag(mine[1]):
        ours = await stage.ours.next(lambda line: line.get("event") == "pair", "pair of the new generation", ours)
    since = len(stage.ours.lines), len(stage.theirs.lines)
    await talk(stage, *since, word="after the restart,")


AIORTC_KEEPS_UFRAG = Fault(AIORTC_NO_RESTART, "the offer restarts ICE, and the answer does not")


@row("ICE restart by us", faults={"aiortc": AIORTC_KEEPS_UFRAG})
async def restart_by_us(stage):
    await we_offer(stage)
    await talk(stage)
    ours, theirs = len(stage.ours.lines), len(stage.theirs.lines)
    await stage.ours.restart()
    await stage.ours.offer()
    await after_restart(stage, ours, theirs, stage.ours)


@row("ICE restart by them", aiortc=AIORTC_OFFERS_NO_RESTART)
async def restart_by_them(stage):
    await they_offer(stage)
    await talk(stage)
    ours, theirs = len(stage.ours.lines), len(stage.theirs.lines)
    await stage.theirs.offer(iceRestart=True)
    await after_restart(stage, ours, theirs, stage.theirs)


@row("ICE restart by us after their offer",
     faults={"pion": PION_REVERSES_ROLES, "aiortc": AIORTC_KEEPS_UFRAG})
async def restart_by_answerer(stage):
    await they_offer(stage)
    await talk(stage)
    ours, theirs = len(stage.ours.lines), len(stage.theirs.lines)
    await stage.ours.restart()
    await stage.ours.offer()
    await after_restart(stage, ours, theirs, stage.ours)


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


@row("we add an audio m-line and remove it", faults={"pion": Fault(PION_DROPS_MLINE, "the answer has 1 sections, the offer has 2"), "aiortc": AIORTC_UFRAG_EVERYWHERE})
async def media_by_us(stage):
    await we_offer(stage)
    return await add_and_remove(stage, stage.ours)


@row("they add an audio m-line and remove it", faults={"aiortc": AIORTC_UFRAG_EVERYWHERE})
async def media_by_them(stage):
    await they_offer(stage)
    return await add_and_remove(stage, stage.theirs)


@row("audio and a channel from the first offer on, ours", faults={"pion": PION_CONFLICTS})
async def audio_first(stage):
    await stage.start(["--no-trickle"], trickle=False)
    await stage.ours.audio()
    await stage.ours.channel()
    await stage.ours.offer()
    await stage.both_open()
    await talk(stage)


@row("the same, bundled from the start (max-bundle)", faults={"aiortc": AIORTC_UFRAG_EVERYWHERE})
async def audio_first_bundled(stage):
    await stage.start(["--no-trickle", "--max-bundle"], trickle=False)
    await stage.ours.audio()
    await stage.ours.channel()
    await stage.ours.offer()
    await stage.both_open()
    await talk(stage)


@row("audio and a channel from the first offer on, theirs",
     faults={"aiortc": AIORTC_UFRAG_EVERYWHERE})
async def audio_first_theirs(stage):
    await stage.start(["--no-trickle"], trickle=False)
    await stage.theirs.audio()
    await stage.theirs.channel()
    await stage.theirs.offer()
    await stage.both_open()
    await talk(stage)


LAYERS = [{"rid": rid, "scaleResolutionDownBy": scale} for rid, scale in (("f", 1), ("h", 2), ("q", 4))]


def attributes(sdp, mline, name):
    """The values of a=name in the first m-section of this kind."""
    section = sdp.split(f"m={mline} ")[1].split("\r\nm=")[0]
    return [line.split(":", 1)[1] for line in section.split("\r\n") if line.startswith(f"a={name}:")]


def negotiated_media(offer, answer):
    """Every section is accepted, and has what an answer is made of: RFC 9429 §5.3.1."""
    lines = media_lines(answer)
    check([kind for kind, _ in lines] == [kind for kind, _ in media_lines(offer)], f"the answer has {lines}")
    check(all(port != "0" for _, port in lines), f"a section is rejected: {lines}")
    for kind in ("audio", "video"):
        # An answer may have formats that were not offered (RFC 3264 §6.1), but not before those that were.
        first = attributes(answer, kind, "rtpmap")[0].split(" ")[1]
        check(first in {each.split(" ")[1] for each in attributes(offer, kind, "rtpmap")}, f"{kind}: {first} was not offered")
        offered, taken = (set(attributes(each, kind, "extmap")) for each in (offer, answer))
        check({each for each in offered if "sdes:mid" in each} <= taken <= offered, f"{kind}: extensions {taken} of {offered}")


async def audio_video_simulcast(stage, by):
    await stage.start()
    await by.transceiver_of("audio")
    await by.transceiver_of("video", direction="sendrecv", sendEncodings=LAYERS)
    await by.channel()
    await by.offer()
    await stage.both_open()
    await talk(stage)
    other = stage.theirs if by is stage.ours else stage.ours
    offer, answer = stage.call.descriptions(by, "offer")[0], stage.call.descriptions(other, "answer")[0]
    negotiated_media(offer, answer)
    simulcast = by is stage.ours or stage.kind == "chromium"
    check(attributes(offer, "video", "simulcast") == (["send f;h;q"] if simulcast else []), f"offered: {attributes(offer, 'video', 'simulcast')}")
    said = attributes(answer, "video", "simulcast")
    check(said in (["recv f;h;q"], []) if simulcast else said == [], f"answered: {said}")
    return f"{other.name} takes one of the layers: its answer has no a=simulcast" if simulcast and not said else None


@row("audio, video in three layers and a channel, ours", faults={"pion": PION_CONFLICTS})
async def full_media(stage):
    return await audio_video_simulcast(stage, stage.ours)


@row("audio, video (Chromium: in three layers) and a channel, theirs", faults={"aiortc": AIORTC_TWO_EXTENSIONS})
async def full_media_theirs(stage):
    return await audio_video_simulcast(stage, stage.theirs)


async def glare(stage, flags, polite, change, audio_before=False):
    """Both offer at once: the polite side takes its own offer back, and both changes come through."""
    ours, theirs, call = stage.ours, stage.theirs, None
    await stage.start(flags.split(), perfect=True, polite=polite)
    call = stage.call
    await theirs.channel("theirs")
    if audio_before:
        await theirs.audio()
    if not theirs.negotiates:
        await theirs.offer()
    await stage.both_open("theirs")
    wanted = "m=audio" if audio_before else "m=application"
    offered = await theirs.next(lambda line: line.get("type") == "offer" and wanted in line["sdp"], "offer", 0)
    await theirs.stable(offered)
    since = len(ours.lines), len(theirs.lines)
    call.hold()
    await change()
    await theirs.audio()
    if not theirs.negotiates:
        await theirs.offer()
    await call.holds_offers_of(ours, theirs)
    loser, winner = (theirs, ours) if polite else (ours, theirs)
    again = len(loser.lines), len(winner.lines)
    call.release()
    await theirs.wait(lambda line: line.get("event") == "collision", "collision", since[1])
    if polite and not theirs.negotiates:
        await winner.stable(again[1])
        await theirs.offer()
    reoffered = await loser.next(lambda line: line.get("type") == "offer" and "m=audio" in line["sdp"],
                                 "second offer of what was rolled back", again[0])
    answering = await winner.next(lambda line: line.get("event") == "state" and line["state"] == "have-remote-offer",
                                  "signalingState have-remote-offer", again[1])
    await asyncio.gather(loser.stable(reoffered), winner.stable(answering))
    ours.send("after the glare", "theirs")
    await theirs.heard("after the glare", since[1])
    theirs.send("here too", "theirs")
    await ours.heard("here too", since[0])
    rejected = any(port == "0" for _, port in media_lines(call.descriptions(loser, "answer")[-1]))
    check(not rejected or (loser is theirs and audio_before and stage.kind == "chromium"), "an m-line is rejected")
    return CHROMIUM_SECOND_MLINE if rejected else None


AIORTC_NO_ROLLBACKS = Fault(AIORTC_NO_ROLLBACK, 'Cannot handle offer in signaling state "have-local-offer"')
NO_ROLLBACKS = {"aiortc": AIORTC_NO_ROLLBACKS,
                "pion": Fault(PION_NO_ROLLBACK, "invalid proposed signaling state transition")}


@row("glare, we roll back", faults={"aiortc": AIORTC_UFRAG_EVERYWHERE, "pion": PION_REVERSES_ROLES})
async def glare_polite(stage):
    return await glare(stage, "--answer", False, stage.ours.audio)


@row("glare, they roll back their audio for our ICE restart", faults=NO_ROLLBACKS)
async def glare_impolite(stage):
    return await glare(stage, "--answer --impolite", True, stage.ours.restart)


@row("glare, they roll back their second audio for ours", faults={**NO_ROLLBACKS, "aiortc": AIORTC_UFRAG_EVERYWHERE})
async def glare_impolite_second_audio(stage):
    return await glare(stage, "--answer --impolite", True, stage.ours.audio, audio_before=True)


@row("glare, they roll back their first audio for ours",
     faults={**NO_ROLLBACKS, "chromium": Fault(CHROMIUM_KEEPS_IDS, "RTP extension ID reassignment")})
async def glare_impolite_audio(stage):
    return await glare(stage, "--answer --impolite", True, stage.ours.audio)


def without_udp(sender, signal):
    """The signal with its candidates over UDP taken out."""
    if signal["type"] == "candidate":
        return signal if " tcp " in signal["candidate"].lower() else None
    if "sdp" in signal:
        lines = [line for line in signal["sdp"].split("\r\n") if not (line.startswith("a=candidate:") and " tcp " not in line.lower())]
        return {**signal, "sdp": "\r\n".join(lines)}
    return signal


async def no_udp(stage):
    stage.network.drop_udp("a", True)
    try:
        await we_offer(stage, ["--tcp"], tcp=True)
        await talk(stage)
        return await stage.ours.pair()
    finally:
        stage.network.drop_udp("a", False)


NO_TCP = "aioice has no TCP: a candidate with \"tcp\" is passed over"


@row("ICE-TCP, they connect to us, no UDP", aiortc=NO_TCP, pion="Pion's ice 2.3 connects to no TCP candidate, it only listens")
async def ice_tcp(stage):
    await no_udp(stage)
    theirs = [signal["candidate"] for who, signal in stage.call.sent if who is stage.theirs and " tcp " in signal.get("candidate", "")]
    check(all("tcptype active" in each for each in theirs), f"their TCP candidates: {theirs}")


@row("ICE-TCP, we connect to them, no UDP", aiortc=NO_TCP, chromium="Chromium only connects: all its TCP candidates are active (the row above sees to it)")
async def ice_tcp_active(stage):
    pair = await no_udp(stage)
    theirs = [signal["candidate"] for who, signal in stage.call.sent if who is stage.theirs and " tcp " in signal.get("candidate", "")]
    check(theirs and all("tcptype passive" in each for each in theirs), f"their TCP candidates: {theirs}")
    check(pair["protocol"] == "tcp", f"selected {pair}")


@row("TCP candidates beside UDP, which wins")
async def tcp_beside_udp(stage):
    await we_offer(stage, ["--tcp"], tcp=True)
    await talk(stage)
    ours = [signal["candidate"] for who, signal in stage.call.sent if who is stage.ours and " tcp " in signal.get("candidate", "")]
    check({each.split("tcptype ")[1].split(" ")[0] for each in ours} >= {"active", "passive"}, f"our TCP candidates: {ours}")
    # A pair over TCP may pass first and carry data for a moment.
    await stage.ours.wait(lambda line: line.get("event") == "pair" and line["protocol"] == "udp", "selected pair over UDP")


@row("mDNS names instead of addresses", aiortc="aioice resolves names and hides nothing: see the row below")
async def mdns(stage):
    """Both hide. Chromium does as it comes, without the permission that makes it show addresses."""
    if stage.kind != "chromium":
        return await hidden(stage, stage.ours, stage.theirs)
    async with stage.world.hiding_browser() as browser:
        stage.theirs.browser = browser
        try:
            return await hidden(stage, stage.ours, stage.theirs)
        finally:
            await stage.theirs.stop()  # before its browser


@row("only we hide our addresses behind mDNS names")
async def mdns_ours(stage):
    return await hidden(stage, stage.ours)


async def hidden(stage, *who):
    await we_offer(stage, ["--mdns"], mdns=True)
    await talk(stage)
    for each in who:
        await each.wait(lambda line: ".local " in line.get("candidate", ""), "candidate with a name")
