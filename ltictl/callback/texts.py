"""Every sentence of the callback's pages in English; catalogues have the translations."""

from typing import Final

from ltictl.callback.languages import Spoken, translate
from ltictl.model.sentence import Sentence

TEXTS: Final[dict[str, str]] = {
    "confirm_title": "Connect {tool} to {lms}",
    "where": "Learning platform",
    "school": "School or account",
    "organization": "Organization",
    "organization_whose": "your account with {tool}",
    "organization_choose": "Which organization is this for?",
    "organization_none": "Choose…",
    "no_organization_chosen": "Choose the organization first.",
    "organization_type": "Which organization is this for? Type its short name.",
    "organization_hint": "You received it together with the registration link, for example: acme",
    "services": "{tool} will be able to",
    "no_services": "It asks for no service of the platform.",
    "messages": "In {lms}, people will be able to",
    "data": "Data shared at each launch",
    "hosts": "Hosts that receive data",
    "host_both": "receives this registration now, and later what {tool} sends to {lms}",
    "host_now": (
        "receives this registration, with the key to it that {lms} has issued; your learning "
        "platform names this host as a part of itself"
    ),
    "host_later": "later receives what {tool} sends to {lms}",
    "host_tool": "receives this data whenever someone opens {tool}",
    "host_tool_plain": "is visited whenever someone opens {tool}",
    "no_data": "It asks for no personal data.",
    "details": "Technical details",
    "effect_register": (
        "When you press Register, ltictl sends one request to add {tool} to {lms}; you can delete "
        "it there at any time."
    ),
    "effect_update": "When you press Update, ltictl sends one request to update {tool} in {lms}.",
    "effect_again": (
        "When you press Register, ltictl sends one request to {lms}, which updates {tool} there or "
        "adds it once more."
    ),
    "policy": "Privacy policy",
    "terms": "Terms of use",
    "valid_until": "This link is valid until {time}.",
    "warnings": "Please note",
    "updates": "The platform asks to update the existing integration {id}.",
    "update_waits": (
        "The update was submitted to {host}. "
        "It takes effect when an administrator accepts it there."
    ),
    "accept_update": "Accept the update of {tool} there: {place}",
    "earlier": "This organization has been connected to this platform before.",
    "earlier_add": "Add another one beside {id}, which stays as it is",
    "earlier_decides": (
        "Leave it to {lms}: where it updates the tool of {id}, that is updated; where it adds a "
        "tool, another one is added beside it"
    ),
    "earlier_replace": (
        "Use the new tool for {id} from now on. {lms} then has two tools, and activities that were "
        "made with the first one need it: they fail as soon as it is deleted"
    ),
    "earlier_gone": "Use the new tool for {id}, whose tool {lms} does not have any more",
    "register": "Register",
    "update": "Update",
    "updating": "Updating… This takes a few seconds.",
    "update_title": "Update {tool} in {lms}",
    "cancel": "Cancel",
    "working": "Registering… This takes a few seconds.",
    "next": "What comes next",
    "done": "Done",
    "close": "Close",
    "closing": "This window closes in {seconds} s.",
    "stay": "Keep it open",
    "tab": "If this window stays open after Done, you can close it.",
    "title_registered": "Registered",
    "title_updated": "Updated",
    "title_refused": "The platform refused",
    "title_failed": "This did not work",
    "title_cancelled": "Cancelled",
    "title_clicked": "Paste this link into your learning platform",
    "recorded": "{tool} is now connected to {host}.",
    "what_to_do": "What to do",
    "cancelled": "Nothing was sent, and the registration link can be used again.",
    "updated": "{tool} is up to date at {host}.",
    "integration": "Reference for support",
    "copy": "Copy",
    "copied": "Copied.",
    "not_copied": "The browser does not copy here: the text is marked, copy it yourself.",
    "footer": "Shown by ltictl, on behalf of the makers of {tool}.",
    "clicked": (
        "This link is meant to be pasted into your learning platform, not to be opened directly."
    ),
    "clicked_why": ("It was opened without the information that a learning platform adds to it."),
    "clicked_fix": (
        "Copy the link. In the platform's administration of external (LTI) tools paste it where a "
        "tool URL or registration URL is asked for. {example}"
    ),
    "no_such_organization": "There is no organization of that name.",
    "no_such_organization_fix": "Type the short name exactly as you received it.",
    "ask_makers": "Please contact the person who sent you the link.",
    "title_unusable": "This link cannot be used here",
    "unusable": (
        "It may be incomplete, meant for another page, or no longer in use. Nothing was sent."
    ),
    "guessed": "This link was closed: too many names were typed that are not of an organization.",
    "stale": "This page is too old or was used from somewhere else.",
    "stale_fix": "Start again in your learning platform.",
    "languages": "Language",
    "in_lms": "In {lms}: {steps}.",
    "original": "Original message (English)",
    "failed": "The registration could not be completed.",
    "fault_elsewhere": (
        "The fault is on the side of the person who sent you the link, not in your learning "
        "platform."
    ),
    "bad_parameter": (
        "Your learning platform opened this page with the parameter {parameter}, which cannot be "
        "used: it {problem}."
    ),
    "refused": "Your learning platform did not accept the registration.",
    "again": (
        "Start again in your learning platform. If this page appears again, contact the person who "
        "sent you the link."
    ),
    "mail_greeting": "Hello,",
    "mail_intro": (
        "We would like to connect {tool} to {lms}. An administrator of {lms} can do this in a few "
        "minutes."
    ),
    "mail_paste": "Please paste this address into {lms}; do not open it directly:",
    "mail_here": (
        "It works only in a browser on the computer of the person who sent you this mail, while "
        "'ltictl register' runs there."
    ),
    "mail_send_back": "Send that deployment id to the person who sent you this mail",
    "mail_valid": "The address works once, until {time}.",
    "mail_contact": "Questions? Write to {contact}.",
    "relay_title": "Connect {tool} to your learning platform",
    "relay_lead": (
        "Your learning platform has opened this page to register the tool. Nothing has been sent "
        "yet, and this page sends nothing: you choose how to go on."
    ),
    "relay_here": "Or do you run ltictl on this computer yourself?",
    "relay_here_why": (
        "This is for the makers of {tool}. Start 'ltictl register' first; then this button opens "
        "its page in a new tab."
    ),
    "relay_here_button": "Continue on this computer",
    "relay_opened": (
        "Go on in the new tab. If it stays empty, 'ltictl register' is not running on this "
        "computer: start it, and press the button again."
    ),
    "relay_blocked": "The browser has blocked the new tab. Allow it, and press the button again.",
    "relay_elsewhere": "Send this sealed block to the makers of {tool}",
    "relay_elsewhere_why": (
        "It holds what your learning platform has sent, encrypted in this browser. Only the "
        "makers of {tool} can open it; for anybody else it is worthless."
    ),
    "relay_until": "They can use it once, until",
    "relay_copy": "Copy",
    "relay_copied": "Copied. Paste it into a mail or a message to them.",
    "relay_not_copied": "The browser does not copy here: mark the text and copy it yourself.",
    "relay_mail": "Write to {contact}",
    "relay_subject": "Registration of {tool}: sealed block",
    "relay_next_send": "Copy the block and send it to the makers of {tool}, by mail or message.",
    "relay_next_wait": "They complete the registration and tell you. You can close this window.",
    "relay_next_lms": (
        "Then {tool} stands in your learning platform's list of tools, waiting to be activated."
    ),
    "relay_insecure": (
        "This browser encrypts nothing here, since the page or the platform around it is not on "
        "https."
    ),
    "relay_insecure_tab": "Open this page in a tab of its own.",
    "relay_no_script": (
        "This page needs JavaScript, to encrypt what your learning platform has sent before you "
        "copy it."
    ),
    "relay_footer": "Made with ltictl, on behalf of the makers of {tool}.",
}


def sentence(name: str, **values: str) -> Sentence:
    """Return a sentence that a page puts into its language each time it is shown.

    A person may choose another language on the page of a result that was made before.
    """
    return Sentence(TEXTS[name], **values)


def text(name: str, **values: str) -> Spoken:
    """Return a sentence in the language in use, with its values filled in."""
    return Spoken(translate(sentence(name, **values)))
