"""Find the page of a running embedded LMS on which an integration can be launched."""

import asyncio

from ltictl.errors import LtictlError
from ltictl.model.integration import Integration
from ltictl.model.web_address import WebAddress
from ltictl.net.client import GuardedClient
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import Reply
from ltictl.operations.context import Context

_DEADLINE = 5.0
_OK = 200


# The embedded LMS keeps everything in memory, so the one at the integration's issuer must still
# run.
def launch_page(context: Context, identifier: str) -> tuple[Integration, str]:
    """Return an integration and the address of its course in the embedded LMS.

    Raises:
        NotFoundError: there is no such integration.
        LtictlError: ``not_in_sandbox``, ``sandbox_not_running``, ``sandbox_forgot``.
    """
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    address = WebAddress.parse(integration.platform.issuer, "issuer")
    if address.scheme != "http" or address.host != "127.0.0.1" or not integration.deployments:
        raise LtictlError(
            "not_in_sandbox",
            f"{identifier} is at {address.authority}, which is not the embedded LMS.",
            why="Only the embedded LMS can be launched from here.",
            fix="At a real LMS, open the tool in a course. 'ltictl show' says where.",
        )
    url = f"{address.origin}/launch/{integration.deployments[0].id}"
    _require_course(asyncio.run(_fetch(url, address)), integration)
    return integration, url


async def _fetch(url: str, address: WebAddress) -> Reply:
    async with GuardedClient(GuardPolicy(allow_private=True)) as client:
        try:
            return await client.get(url, deadline=_DEADLINE, accept="text/html")
        except LtictlError as error:
            raise LtictlError(
                "sandbox_not_running",
                f"No embedded LMS answers at {address.authority}.",
                why="It forgets everything when it ends, this integration included.",
                fix=f"Run 'ltictl sandbox --port {address.port}' and register once more.",
            ) from error


def _require_course(reply: Reply, integration: Integration) -> None:
    # The mark of the embedded LMS: another program may listen on its port by now.
    known = reply.status == _OK and b"data-embedded-lms" in reply.body
    if not known or integration.client_id.encode() not in reply.body:
        raise LtictlError(
            "sandbox_forgot",
            f"The LMS at {integration.platform.host} does not know {integration.id} (any more).",
            why="It was started again since, and keeps nothing; or another program answers there.",
            fix=f"Register once more: ltictl register --org {integration.organization}"
            " --allow-private",
        )
