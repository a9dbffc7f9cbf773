"""Load a fixture into Open edX's LTI consumer, twice, and print what the database holds then.

It runs in an environment of its own, as a process. Arguments: the database file and the fixture.
"""

import json
import sys

database, fixture = sys.argv[1:]
sys.argv[1:] = [database, "", ""]

from django.core.management import call_command  # noqa: E402 - after the arguments
from openedx_lms import Lti1p3Passport, LtiConfiguration  # noqa: E402

if __name__ == "__main__":
    call_command("migrate", "--verbosity", "0")
    for _ in range(2):
        call_command("loaddata", fixture, "--verbosity", "0")
    (configuration,) = LtiConfiguration.objects.all()
    configuration.clean()
    (passport,) = Lti1p3Passport.objects.all()
    found = {
        "client_id": configuration.get_lti_consumer().client_id,
        "passport": str(passport.passport_id),
        "keys": passport.lti_1p3_public_jwk,
    }
    sys.stdout.write(json.dumps(found))
