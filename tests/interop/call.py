"""Two peers and the signalling between them."""
import asyncio

# What can go from one peer to the other; everything else they say is news.
SIGNALS = ("offer", "answer", "pranswer", "candidate", "end-of-candidates")


class Call:
    """Carries signals both ways, in order, as they come. `filter` may change a signal (None: it is lost)."""

    def __init__(self, one, other, filter=lambda sender, signal: signal):
        self.filter = filter
        self.sent = []  # (sender, signal), in order
        self._held = None
        self._news = asyncio.Condition()
        self._tasks = [asyncio.create_task(self._carry(one, other)), asyncio.create_task(self._carry(other, one))]

    async def _carry(self, sender, receiver):
        at = 0
        while True:
            async with sender._news:
                while at == len(sender.lines):
                    await sender._news.wait()
            signal, at = sender.lines[at], at + 1
            if signal.get("type") not in SIGNALS or "event" in signal:
                continue
            signal = self.filter(sender, signal)
            if signal is None:
                continue
            self.sent.append((sender, signal))
            if self._held is None:
                receiver.deliver(signal)
            else:
                self._held.append((receiver, signal))
            async with self._news:
                self._news.notify_all()

    def hold(self):
        """From now on signals wait, so that both sides can offer before either hears of it."""
        self._held = []

    async def holds_offers_of(self, *senders):
        """Returns when an offer of each is among what waits."""
        def waits_for(sender):
            return any(receiver is not sender and signal["type"] == "offer" for receiver, signal in self._held)
        async with self._news:
            await self._news.wait_for(lambda: all(map(waits_for, senders)))

    def release(self):
        held, self._held = self._held, None
        for receiver, signal in held:
            receiver.deliver(signal)

    def descriptions(self, sender, kind):
        return [signal["sdp"] for who, signal in self.sent if who is sender and signal["type"] == kind]

    def close(self):
        for task in self._tasks:
            task.cancel()
