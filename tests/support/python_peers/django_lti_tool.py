"""A tool made with django-lti; it runs in that library's own environment, as a process.

Arguments: the database file, then ``serve`` or a management command of Django with its arguments.
"""

import json
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path
from peer_server import serve

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"

settings.configure(
    SECRET_KEY="of the test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "lti_tool",
    ],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from lti_tool.views import LtiLaunchBaseView, OIDCLoginInitView, jwks  # noqa: E402 - after setup


class Launch(LtiLaunchBaseView):  # type: ignore[misc]
    """Shows what it was launched with."""

    def handle_resource_launch(self, _request: Any, lti_launch: Any) -> HttpResponse:
        message = lti_launch.get_message_launch()
        token = message.get_service_connector().get_access_token([SCORE])
        facts = {
            "registration": str(lti_launch.registration.uuid),
            "deployment": lti_launch.deployment.deployment_id,
            "claims": lti_launch.get_launch_data(),
            "access_token": bool(token),
        }
        return HttpResponse(f"<pre id='facts'>{json.dumps(facts)}</pre>")


def home(_request: Any) -> JsonResponse:
    return JsonResponse({})


urlpatterns = [
    path("", home),
    path("lti/login/<uuid:registration_uuid>/", OIDCLoginInitView.as_view()),
    path("lti/launch", Launch.as_view()),
    path(".well-known/jwks.json", jwks),
]

if __name__ == "__main__":
    if sys.argv[2] == "serve":
        serve(get_wsgi_application())
    else:
        call_command(*sys.argv[2:])
