"""Functions that no policy may call, whatever the engine."""

from __future__ import annotations

REFUSED = {
    "http.send": "a policy may not reach the network: have the fact put into the bundle's data",
    "net.lookup_ip_addr": "a policy may not reach the network",
    "opa.runtime": "it would show the environment of the machine",
    "rand.intn": "it is different each time, so that no decision could be replayed",
    "uuid.rfc4122": "it is different each time, so that no decision could be replayed",
}
"""The function, and why. `time.now_ns` is left: policies about opening hours need it where the
input has no `now`; a decision that used it can be explained and not replayed."""
