"""Chromium without a window, driven over the DevTools protocol on a pipe (file descriptors 3 and 4)."""
import asyncio
import json
import os
import shutil
import tempfile
from pathlib import Path

# Debian's /usr/bin/chromium is a script that insists on settings of a desktop.
PROGRAM = "/usr/lib/chromium/chromium"
PAGE = Path(__file__).resolve().parent / "page.html"  # from a file: about:blank has no cameras


class Page:
    def __init__(self, browser, target, session):
        self.browser, self.target, self.session = browser, target, session

    def post(self, line):
        # Nobody waits for the result: the page reports by itself.
        self.browser.send("Runtime.evaluate", {"expression": f"take({json.dumps(line)})"}, self.session)

    async def close(self):
        self.browser.listeners.pop(self.session, None)
        await self.browser.call("Target.closeTarget", {"targetId": self.target})


class Chromium:
    """One browser. Pages are peers."""

    def __init__(self, network, mdns=False):
        self.network, self.mdns = network, mdns
        self.listeners = {}
        self._calls, self._last = {}, 0
        self._tasks = set()

    async def __aenter__(self):
        self.profile = tempfile.mkdtemp(prefix="rtclab-chromium-")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        features = ["Translate", "MediaRouter", "OptimizationHints"] + ([] if self.mdns else ["WebRtcHideLocalIpsWithMdns"])
        # Chromium takes the permission for cameras for one to show addresses.
        devices = [] if self.mdns else ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        argv = [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
                f"--user-data-dir={self.profile}", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-default-apps", "--disable-extensions", "--disable-features=" + ",".join(features),
                "--autoplay-policy=no-user-gesture-required", *devices,
                "about:blank"]
        shell = ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash"]
        self.process = await asyncio.create_subprocess_exec(
            *shell, *self.network.command("b", argv), pass_fds=(theirs_in, theirs_out), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "HOME": self.profile})
        os.close(theirs_in)
        os.close(theirs_out)
        self._out = os.fdopen(ours_out, "wb", buffering=0)
        reader = asyncio.StreamReader(limit=1 << 24)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours_in, "rb"))
        self._reading = asyncio.create_task(self._read(reader))
        version = await asyncio.wait_for(self.call("Browser.getVersion"), 60)
        self.version = version["product"]
        return self

    async def _read(self, reader):
        while True:
            try:
                message = json.loads((await reader.readuntil(b"\0"))[:-1])
            except asyncio.IncompleteReadError:
                return
            if message.get("id") in self._calls:
                self._calls.pop(message["id"]).set_result(message)
            elif message.get("method") == "Runtime.bindingCalled" and message["sessionId"] in self.listeners:
                await self.listeners[message["sessionId"]](json.loads(message["params"]["payload"]))

    def send(self, method, params=None, session=None):
        self._last += 1
        message = {"id": self._last, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        return self._last

    async def call(self, method, params=None, session=None):
        future = asyncio.get_running_loop().create_future()
        self._calls[self.send(method, params, session)] = future
        answer = await future
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    async def open_page(self, note):
        target = (await self.call("Target.createTarget", {"url": "about:blank"}))["targetId"]
        session = (await self.call("Target.attachToTarget", {"targetId": target, "flatten": True}))["sessionId"]
        self.listeners[session] = note
        await self.call("Runtime.enable", session=session)
        await self.call("Runtime.addBinding", {"name": "report"}, session)
        await self.call("Page.navigate", {"url": PAGE.as_uri()}, session)
        return Page(self, target, session)

    async def revive(self):
        """Starts the browser anew if it has ended by itself, so that one crash is one cell's failure."""
        if self.process.returncode is not None:
            await self.__aexit__()
            self.listeners.clear()
            self._calls.clear()
            await self.__aenter__()

    async def __aexit__(self, *_):
        try:
            await asyncio.wait_for(self.call("Browser.close"), 3)
            await asyncio.wait_for(self.process.wait(), 5)
        except (asyncio.TimeoutError, RuntimeError, OSError):
            if self.process.returncode is None:
                self.process.kill()
        self._reading.cancel()
        shutil.rmtree(self.profile, ignore_errors=True)
