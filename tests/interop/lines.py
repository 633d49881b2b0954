"""A program that speaks lines of JSON on its standard input and output."""
import asyncio
import json
import os
import signal


class Failure(Exception):
    """A step of a call did not come about; its text goes into the table's footnotes."""


class LineProcess:
    def __init__(self, name):
        self.name = name
        self.lines = []  # everything it said, in order
        self.stderr = b""
        self._news = asyncio.Condition()
        self.process = None
        self._ended = False

    async def spawn(self, argv, **options):
        self.process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            limit=1 << 24, start_new_session=True, **options)
        self._readers = [asyncio.create_task(self._read_lines()), asyncio.create_task(self._read_stderr())]

    async def _read_lines(self):
        while line := await self.process.stdout.readline():
            try:
                await self.note(json.loads(line))
            except ValueError:
                await self.note({"event": "noise", "text": line.decode(errors="replace").strip()})
        self._ended = True
        async with self._news:
            self._news.notify_all()

    async def _read_stderr(self):
        while part := await self.process.stderr.read(65536):
            self.stderr = (self.stderr + part)[-4000:]

    async def note(self, line):
        if os.environ.get("INTEROP_VERBOSE"):
            print(f"{self.name}: {json.dumps(line)[:300]}", flush=True)
        self.lines.append(line)
        async with self._news:
            self._news.notify_all()

    def write(self, line):
        if os.environ.get("INTEROP_VERBOSE"):
            print(f"  -> {self.name}: {json.dumps(line)[:300]}", flush=True)
        if not self._ended:
            self.process.stdin.write(json.dumps(line).encode() + b"\n")

    async def wait(self, wanted, what, since=0, timeout=15):
        """The first line from index `since` on for which wanted(line) holds."""
        at = since

        async def look():
            nonlocal at
            async with self._news:
                while True:
                    while at < len(self.lines):
                        at += 1
                        if wanted(self.lines[at - 1]):
                            return self.lines[at - 1]
                    if self._ended:
                        raise Failure(f"{self.name} ended while waiting for {what}: {self.stderr.decode(errors='replace')[-300:]}")
                    await self._news.wait()

        try:
            return await asyncio.wait_for(look(), timeout)
        except asyncio.TimeoutError:
            what = what if len(what) < 80 else what[:80] + "…"
            errors = [line for line in self.lines if line.get("event") == "error"]
            raise Failure(f"{self.name}: no {what} within {timeout} s" + (f"; {errors[-1]}" if errors else "")) from None

    async def stop(self):
        if self.process is None:
            return
        if not self._ended:
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), 3)
            except asyncio.TimeoutError:
                os.killpg(self.process.pid, signal.SIGKILL)
                await self.process.wait()
        await asyncio.gather(*self._readers)
        self.process = None
