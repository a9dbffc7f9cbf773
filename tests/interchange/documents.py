"""Sample documents of other runtimes and of ltictl."""

import json
from pathlib import Path
from typing import Any


def write(path: Path, document: Any) -> Path:
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return path


def endpoints(issuer: str) -> dict[str, str]:
    return {
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
    }


def complete(issuer: str, **changes: Any) -> dict[str, Any]:
    """The format of ltictl itself, with one integration of acme."""
    integration = {
        "id": "acme-moodle",
        "organization": "acme",
        "status": "active",
        "client_id": "client-1",
        "platform": {"issuer": issuer, "audience": f"{issuer}/token", **endpoints(issuer)},
        "deployments": [{"id": "1", "label": "", "source": "registration"}],
        "scopes": {"requested": [], "answered": None, "granted": None},
        "created_at": "2026-01-02T03:04:05Z",
    }
    return {
        "format": "ltictl",
        "version": 1,
        "organizations": [{"slug": "acme", "name": "Acme School"}],
        "integrations": [integration | changes],
    }


def pylti1p3(issuer: str = "https://lms.invalid", **changes: Any) -> dict[str, Any]:
    """A file of PyLTI1p3 with two clients of one issuer."""
    client = {
        "default": True,
        "client_id": "client-1",
        "auth_login_url": f"{issuer}/auth",
        "auth_token_url": f"{issuer}/token",
        "auth_audience": None,
        "key_set_url": f"{issuer}/jwks",
        "key_set": None,
        "private_key_file": "private.key",
        "deployment_ids": ["1", "2"],
    }
    second = client | {"default": False, "client_id": "client-2", "auth_audience": "https://aud"}
    return {issuer: [client | changes, second]}


MANUAL = """
[[integrations]]
organization = "acme"
issuer = "https://lms.invalid"
client_id = "client-1"
authorization_endpoint = "https://lms.invalid/auth"
token_endpoint = "https://lms.invalid/token"
jwks_uri = "https://lms.invalid/jwks"
family = "BlackboardLearn"
status = "active"
deployments = ["d1", "d2"]
"""
