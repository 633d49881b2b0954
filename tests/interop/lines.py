"""A program that speaks lines of JSON on its standard input and output."""
import asyncio
import json
import os
import signal

SHOWN = int(os.environ.get("INTEROP_VERBOSE", 0))  # so many characters of each line are printed


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
        if SHOWN:
            print(f"{self.name}: {json.dumps(line)[:SHOWN]}", flush=True)
        self.lines.append(line)
        async with self._news:
            self._news.notify_all()

    def write(self, line):
        if SHOWN:
            print(f"  -> {self.name}: {json.dumps(line)[:SHOWN]}", flush=True)
        if not self._ended:
            self.process.stdin.write(json.dumps(line).encode() + b"\n")

    async def error(self):
        """Returns when the peer reports an error, which no row expects: nothing that is waited for comes after one."""
        return await self.wait(lambda line: line.get("event") == "error", "error", timeout=None)

    async def next(self, wanted, what, since):
        """The index after the first line from `since` on for which wanted(line) holds."""
        line = await self.wait(wanted, what, since)
        return next(i for i in range(since, len(self.lines)) if self.lines[i] is line) + 1

    async def wait(self, wanted, what, since=0, timeout=30):
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
            async with asyncio.timeout(timeout):  # wait_for of Python 3.11 can lose a cancellation
                return await look()
        except asyncio.TimeoutError:
            what = what if len(what) < 80 else what[:80] + "…"
            errors = [line for line in self.lines if line.get("event") == "error"]
            raise Failure(f"{self.name}: no {what} within {timeout} s" + (f"; {errors[-1]}" if errors else "")) from None

    async def stop(self, patience=3):
        """Ends the program, by force if it is not gone after so many seconds. Its exit code, or None when none ran."""
        if self.process is None:
            return None
        if not self._ended:
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), patience)
            except asyncio.TimeoutError:
                os.killpg(self.process.pid, signal.SIGKILL)
        code = await self.process.wait()
        await asyncio.gather(*self._readers)
        self.process = None
        return code
