"""A small network of namespaces: "a" is rtclab's machine, "b" the other peer's, "t" the TURN server's, all on one switch.

Everything has both families. Names carry a prefix, so that several networks can exist side by side.
"""
import contextlib
import ctypes
import os
import subprocess
import time

ADDRESSES = {
    "a": ("10.77.0.1", "fd77::1"),
    "b": ("10.77.0.2", "fd77::2"),
    "t": ("10.77.0.3", "fd77::3"),
}


def sh(command):
    subprocess.run(["sh", "-ec", command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


class Network:
    def __init__(self, prefix):
        self.prefix = prefix
        self.hub = f"{prefix}-hub"

    def ns(self, machine):
        return f"{self.prefix}-{machine}"

    def command(self, machine, argv):
        return ["ip", "netns", "exec", self.ns(machine), *argv]

    @contextlib.contextmanager
    def inside(self, machine):
        """What is opened within belongs to the machine; os.setns() is newer than Debian 12's Python."""
        libc = ctypes.CDLL(None, use_errno=True)

        def enter(path):
            with open(path) as namespace:
                if libc.setns(namespace.fileno(), 0x40000000):  # CLONE_NEWNET
                    raise OSError(ctypes.get_errno(), path)

        outside = f"/proc/{os.getpid()}/task/{os.getpid()}/ns/net"
        with open(outside) as back:
            enter(f"/run/netns/{self.ns(machine)}")
            try:
                yield
            finally:
                if libc.setns(back.fileno(), 0x40000000):
                    raise OSError(ctypes.get_errno(), outside)

    def __enter__(self):
        try:
            self._build()
        except subprocess.CalledProcessError as error:
            self.__exit__()
            raise RuntimeError(f"cannot build the network (it takes root): {error.stderr.strip()}") from error
        return self

    def _build(self):
        sh(f"ip netns add {self.hub}; ip -n {self.hub} link add br0 type bridge; ip -n {self.hub} link set br0 up")
        for machine, (v4, v6) in ADDRESSES.items():
            ns = self.ns(machine)
            # nodad: an address counts at once, without the second of duplicate address detection.
            sh(f"""ip netns add {ns}; ip -n {ns} link set lo up
                   ip -n {ns} link add eth0 type veth peer name v-{machine} netns {self.hub}
                   ip -n {self.hub} link set v-{machine} master br0 up
                   ip -n {ns} addr add {v4}/24 dev eth0; ip -n {ns} addr add {v6}/64 dev eth0 nodad
                   ip -n {ns} link set eth0 up""")
        # Browsers gather nothing without a default route, and coturn 4.6.1 gives up an allocation when a peer has none.
        for machine, gateway in (("a", "b"), ("b", "a"), ("t", "a")):
            sh(f"ip -n {self.ns(machine)} route add default via {ADDRESSES[gateway][0]}")
        for machine in ADDRESSES:
            self._wait_for_carrier(machine)

    def _wait_for_carrier(self, machine):
        """The kernel reports the carrier up to a second late; until then the interface counts for nobody."""
        for _ in range(600):
            shown = subprocess.run(["ip", "-n", self.ns(machine), "link", "show", "eth0"], capture_output=True, text=True)
            if "state UP" in shown.stdout:
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.ns(machine)}: eth0 does not come up")

    def only_v6(self, machines, on):
        """Takes IPv4 away from machines, and gives it back."""
        for machine in machines:
            ns, v4 = self.ns(machine), ADDRESSES[machine][0]
            if on:
                sh(f"ip -n {ns} addr del {v4}/24 dev eth0")
            else:
                sh(f"ip -n {ns} addr add {v4}/24 dev eth0")
                gateway = ADDRESSES["b" if machine == "a" else "a"][0]
                sh(f"ip -n {ns} route replace default via {gateway}")

    def drop_udp(self, machine, on):
        """Whether all UDP into the machine is dropped."""
        sh(f"ip netns exec {self.ns(machine)} iptables -{'A' if on else 'D'} INPUT -p udp -j DROP")

    def __exit__(self, *_):
        for name in [*map(self.ns, ADDRESSES), self.hub]:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
