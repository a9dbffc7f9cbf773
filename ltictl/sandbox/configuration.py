"""The platform's endpoints, and the OpenID configuration that lists them for tools.

The paths are chosen here and nowhere else; nothing here knows about tools or requests.
"""

from typing import Any

from ltictl.lti.vocabulary import PLATFORM_CONFIGURATION
from ltictl.sandbox.family import PlayedFamily

CONFIGURATION_PATH = "/.well-known/openid-configuration"
AUTHORIZATION_PATH = "/auth"
TOKEN_PATH = "/token"  # noqa: S105 - an address, not a secret
JWKS_PATH = "/jwks"
REGISTRATION_PATH = "/registration"
ADMIN_PATH = "/admin"


def openid_configuration(issuer: str, family: PlayedFamily) -> dict[str, Any]:
    """Return the document of LTI Dynamic Registration 1.0, in the shape of recording 02."""
    return {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": issuer + JWKS_PATH,
        "authorization_endpoint": issuer + AUTHORIZATION_PATH,
        "registration_endpoint": issuer + REGISTRATION_PATH,
        "scopes_supported": list(family.scopes),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": list(family.claims),
        PLATFORM_CONFIGURATION: {
            "product_family_code": family.code.value,
            "version": family.version,
            "messages_supported": list(family.messages),
            "variables": list(family.variables),
        },
    }
