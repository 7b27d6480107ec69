"""
An IPFS node (Kubo) on a private repository in the data folder.

It talks to nobody by itself: no bootstrap peers, no discovery, the swarm on the loopback
interface only. Whoever wants to publish runs a node of their own and sets IPFS_API.
"""

import json
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from api.local.errors import CannotStart, WrongInput
from api.local.folder import DataFolder, write_whole
from api.local.ports import HOST, free_port
from api.local.processes import Child, Launch, Pause, wait_until


@dataclass(slots=True)
class KuboServer:
    """One daemon over one repository."""

    program: Path
    folder: DataFolder
    port: int
    pause: Pause = time.sleep
    child: Child | None = None

    @property
    def api(self) -> str:
        """The address of its RPC, as IPFS_API wants it."""
        return f"/ip4/{HOST}/tcp/{self.port}/http"

    def launch(self) -> None:
        """Make the repository when there is none and start the daemon, without waiting."""
        if not os.access(self.program, os.X_OK):
            raise WrongInput(f"{self.program} is not a program that can be run")
        if not (self.folder.kubo / "config").exists():
            self._initialise()
        self._configure()
        self.child = Launch(
            name="kubo",
            command=[self.program, "daemon", "--migrate=false"],
            log=self.folder.log("kubo"),
            record=self.folder.record("kubo"),
            environment=self._environment(),
        ).start()

    def wait(self) -> None:
        """Wait until its RPC answers."""
        answered = wait_until(
            lambda: self.has_failed() or self.is_answering(), patience=60, pause=self.pause
        )
        if self.has_failed() or not answered:
            last = (self.child.output() if self.child else "").splitlines()[-1:]
            raise CannotStart(
                f"the IPFS node did not start: {''.join(last)} (see {self.folder.log('kubo')})"
            )

    def has_failed(self) -> bool:
        """Whether it has ended by itself."""
        return self.child is not None and self.child.has_ended()

    def is_answering(self) -> bool:
        """Whether the RPC answers now."""
        request = urllib.request.Request(f"http://{HOST}:{self.port}/api/v0/version", method="POST")
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "IPFS_PATH": str(self.folder.kubo), "IPFS_TELEMETRY": "off"}

    def _initialise(self) -> None:
        child = Launch(
            name="kubo-init",
            command=[self.program, "init", "--empty-repo"],
            log=self.folder.log("kubo"),
            environment=self._environment(),
        ).run(patience=60, pause=self.pause)
        if child.process.returncode != 0:
            raise CannotStart(f"{self.program} could not make a repository: {child.output(400)}")

    def _configure(self) -> None:
        path = self.folder.kubo / "config"
        config = json.loads(path.read_text("utf-8"))
        config["Bootstrap"] = []
        config["AutoConf"] = {"Enabled": False}
        config["AutoTLS"] = {"Enabled": False}
        config["Routing"] = {"Type": "none", "DelegatedRouters": []}
        config["DNS"] = {"Resolvers": {}}
        config["Ipns"] = {**config.get("Ipns", {}), "DelegatedPublishers": []}
        config["Discovery"] = {"MDNS": {"Enabled": False}}
        config["Swarm"] = {**config.get("Swarm", {}), "DisableNatPortMap": True}
        config["Addresses"] = {
            **config["Addresses"],
            "API": f"/ip4/{HOST}/tcp/{self.port}",
            "Gateway": f"/ip4/{HOST}/tcp/{free_port()}",
            "Swarm": [f"/ip4/{HOST}/tcp/0"],
        }
        write_whole(path, json.dumps(config, indent=2).encode())
