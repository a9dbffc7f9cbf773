"""The LMSs that a registration may reach; ``inspect_platform`` checks them."""

from msgspec import Struct
from msgspec.structs import replace

from ltictl.model.web_address import WebAddress
from ltictl.net.policy import GuardPolicy


class Reach(Struct, frozen=True):
    """The addresses that the operator lets a registration reach.

    Attributes:
        policy: the limits of the requests.
        platform: origin of the only LMS, ``None`` for any.
        accepted_issuer: issuer to accept at another host than its configuration; empty for none.
    """

    policy: GuardPolicy
    platform: str | None = None
    accepted_issuer: str = ""

    @property
    def ancestors(self) -> tuple[str, ...]:
        """The origins that may frame the page (CSP 3, 6.4.2): every LMS that ltictl may reach."""
        # An LMS on loopback may have any name then, so that no list of hosts would do.
        if self.policy.allow_private:
            return ("https:", "http:")
        # Ports are free: in containers they differ from run to run.
        private = (f"http://{host}:*" for host in sorted(self.policy.http_hosts))
        return ("https:", "http://127.0.0.1:*", "http://localhost:*", *private)

    def pinned_to(self, platform: str | None) -> "Reach":
        """Return the same reach for one LMS alone; ``None`` changes nothing."""
        if not platform:
            return self
        return replace(self, platform=WebAddress.parse(platform, "--platform").origin)
