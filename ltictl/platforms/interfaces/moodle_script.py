"""The PHP program that gives a registration token on Moodle's own host.

Moodle has no web service for that (its page startltiadvregistration.php does the same for a person
who has signed in), so an administrator of the host runs this, and can read all of it before.
"""

from collections.abc import Mapping
from typing import Final

_SCRIPT: Final = r"""<?php
// Made by ltictl. It prints two lines for ltictl's command 'register': the address of this
// Moodle's OpenID configuration, and a registration token, good for one hour and one tool.
// It changes nothing in Moodle, and connects to nothing but Moodle's own database.
//
// Run it as the user of the web server, with the folder that holds Moodle's config.php:
//   php ltictl-moodle.php /var/www/moodle
//
// For: %(organization)s
// Tool: %(url)s

// Moodle lets a program run from the command line only if it says so first.
define('CLI_SCRIPT', true);

if ($argc !== 2 || !is_file($argv[1] . '/config.php')) {
    fwrite(STDERR, "Usage: php {$argv[0]} FOLDER, where FOLDER holds Moodle's config.php\n");
    exit(2);
}

// Loads Moodle: its settings, its database, its classes.
require($argv[1] . '/config.php');

// The two helpers of Moodle's own page for registrations. They moved in later versions.
if (class_exists('\core_ltix\local\ltiopenid\jwks_helper')) {
    $keys = '\core_ltix\local\ltiopenid\jwks_helper';
    $helper = '\core_ltix\local\ltiopenid\registration_helper';
} else {
    $keys = '\mod_lti\local\ltiopenid\jwks_helper';
    $helper = '\mod_lti\local\ltiopenid\registration_helper';
}

// The private key with which Moodle signs everything for tools. It is used here and not shown.
$key = $keys::get_private_key();

// The client id that the new tool will get: random, as Moodle's page makes it.
$clientid = class_exists($helper) && method_exists($helper, 'get')
    ? $helper::get()->new_clientid()
    : random_string(15);

// The token: 'reg' allows one registration, within an hour from now.
$now = time();
$claims = ['sub' => $clientid, 'scope' => 'reg', 'iat' => $now, 'exp' => $now + 3600];
$token = \Firebase\JWT\JWT::encode($claims, $key['key'], 'RS256', $key['kid']);

// Where tools read what this Moodle is. The page moved too.
$moved = is_file($CFG->dirroot . '/ltix/openid-configuration.php');
$page = $moved ? '/ltix/openid-configuration.php' : '/mod/lti/openid-configuration.php';
$configuration = new moodle_url($page);

echo $configuration->out(false), "\n", $token, "\n";
fwrite(STDERR, "Give both lines to the person who runs ltictl, within the hour.\n");
"""


def moodle_script(facts: Mapping[str, str]) -> str:
    """Return the program's text.

    Args:
        facts: ``organization``, empty for none, and ``url`` of the tool.
    """
    values = {
        "organization": _comment(facts.get("organization", "")) or "any organization",
        "url": _comment(facts.get("url", "")),
    }
    return _SCRIPT % values


# A comment of PHP ends at a line end and at '?>'.
def _comment(text: str) -> str:
    """Return a text that stays inside a one-line comment of PHP."""
    return "".join(each for each in text if each.isprintable()).replace("?>", "? >")
