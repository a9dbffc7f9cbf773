"""Open edX's LTI consumer without the rest of Open edX: its Django app, as a platform.

It runs in an environment of its own, as a process. Arguments: the database file, the address of
the tool's key set, and the file into which the block's client id and its passport are written.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from peer_server import serve

DATABASE, KEY_SET, FACTS = sys.argv[1:]

settings.configure(
    SECRET_KEY="of the test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "lti_consumer",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    USAGE_ID_PATTERN=r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))",
    LMS_ROOT_URL="http://127.0.0.1",
    LTI_BASE="http://127.0.0.1",
    LTI_API_BASE="http://127.0.0.1",
    PLATFORM_NAME="Test edX",
    STATIC_URL="/static/",
)
django.setup()
logging.disable()

from lti_consumer.models import Lti1p3Passport, LtiConfiguration  # noqa: E402 - after setup

urlpatterns = [path("api/", include("lti_consumer.plugin.urls"))]


def block() -> Any:
    """An LTI Consumer block, as Studio would save it."""
    passport = Lti1p3Passport.objects.create(lti_1p3_tool_keyset_url=KEY_SET)
    LtiConfiguration.objects.create(
        version=LtiConfiguration.LTI_1P3,
        config_store=LtiConfiguration.CONFIG_ON_DB,
        lti_1p3_passport=passport,
    )
    return passport


if __name__ == "__main__":
    call_command("migrate", "--verbosity", "0")
    made = block()
    facts = {"client_id": made.lti_1p3_client_id, "passport": str(made.passport_id)}
    Path(FACTS).write_text(json.dumps(facts))
    serve(get_wsgi_application())
