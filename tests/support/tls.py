"""The tests' own certificate authority, for platforms on https."""

import datetime as dt
import ssl
from pathlib import Path

import trustme


class Tls:
    """An authority whose certificate is in ``ca_file``, and server certificates from it.

    Args:
        folder: where ``ca_file`` is written.
        names: what the server certificate is for; leave out the right one for a wrong certificate.
        not_after: when the server certificate ends; in the past for an expired one.
        intermediate: whether an authority between the two issues it.
    """

    def __init__(
        self,
        folder: Path,
        *names: str,
        not_after: dt.datetime | None = None,
        intermediate: bool = False,
    ) -> None:
        root = trustme.CA()
        self._authority = root.create_child_ca() if intermediate else root
        self._names = names or ("127.0.0.1", "localhost")
        self._not_after = not_after
        self.ca_file = folder / "test-ca.pem"
        root.cert_pem.write_to_path(str(self.ca_file))

    def server_context(self) -> ssl.SSLContext:
        """The certificate and key of a server on these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = self._authority.issue_cert(*self._names, not_after=self._not_after)
        certificate.configure_cert(context)
        return context

    def leaf_only(self, folder: Path) -> ssl.SSLContext:
        """A server that forgets to send what lies between its certificate and the authority."""
        certificate = self._authority.issue_cert(*self._names)
        file = folder / "leaf.pem"
        leaf, *_ = certificate.cert_chain_pems
        file.write_bytes(certificate.private_key_pem.bytes() + leaf.bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def certificate_files(self, folder: Path) -> tuple[Path, Path]:
        """Key and certificate chain as files, for servers that want paths."""
        certificate = self._authority.issue_cert(*self._names, not_after=self._not_after)
        key, chain = folder / "server-key.pem", folder / "server-chain.pem"
        certificate.private_key_pem.write_to_path(str(key))
        chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        return key, chain
