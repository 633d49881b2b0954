"""coturn on the machine "t": TURN over UDP, TCP and TLS, with one user."""
import asyncio
import subprocess

from net import ADDRESSES

USER, PASSWORD, REALM = "user", "secret", "interop.example"


class Turn:
    def __init__(self, network, folder):
        self.network, self.folder = network, folder / "coturn"

    async def __aenter__(self):
        self.folder.mkdir()
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", f"/CN={REALM}", "-addext", f"subjectAltName=DNS:{REALM},IP:{ADDRESSES['t'][0]}",
                        "-out", str(certificate), "-keyout", str(key)], check=True, capture_output=True)
        self.certificate = certificate
        v4, v6 = ADDRESSES["t"]
        argv = ["turnserver", "-n", f"--listening-ip={v4}", f"--listening-ip={v6}", f"--relay-ip={v4}", f"--relay-ip={v6}",
                "--lt-cred-mech", f"--user={USER}:{PASSWORD}", f"--realm={REALM}", "--no-cli", "--no-dtls",
                f"--cert={certificate}", f"--pkey={key}", "--log-file=stdout", "--simple-log", "-v",
                f"--pidfile={self.folder}/pid", f"--userdb={self.folder}/db"]
        self.process = await asyncio.create_subprocess_exec(
            *self.network.command("t", argv), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=self.folder)
        self.log = b""
        self._reading = asyncio.create_task(self._read())
        await self._answers()
        return self

    async def _read(self):
        while part := await self.process.stdout.read(65536):
            self.log = (self.log + part)[-100_000:]

    async def _answers(self):
        """Waits until the ports are open: coturn says nothing of it."""
        for _ in range(600):
            shown = subprocess.run(self.network.command("t", ["ss", "-ltn"]), capture_output=True, text=True).stdout
            if ":3478" in shown and ":5349" in shown:
                return
            await asyncio.sleep(0.05)
        raise RuntimeError(f"coturn does not listen: {self.log.decode(errors='replace')[-500:]}")

    async def __aexit__(self, *_):
        self.process.terminate()
        await self.process.wait()
        self._reading.cancel()
