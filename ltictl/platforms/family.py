"""What can be different from LMS to LMS, as the shape of one record."""

from dataclasses import dataclass, field

from ltictl.model.integration import Updatable


@dataclass(frozen=True, slots=True)
class Cause:
    """What one refusal means in one LMS.

    Attributes:
        why: the cause, in that LMS's terms.
        fix: the way out.
    """

    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Family:
    """One LMS product.

    Attributes:
        slug: part of integration ids and value of ``--platform`` filters and ``--instructions``.
        codes: values of ``product_family_code`` that mean it, matched exactly.
        title: what people call it.
        paste: the clicks that lead to where the registration URL is pasted, in order.
        activate: the clicks that switch the new tool on, in order.
        switch: where the LMS's own switch is, in one line.
        https_only: whether the LMS refuses a registration URL that is not https.
        updatable: how a registration can be changed without a new one.
        subject_is_client: whether the ``sub`` of its registration tokens is the client_id to be.
        causes: what it says when it refuses (beginning of its words), and what that means.
    """

    slug: str
    codes: tuple[str, ...]
    title: str
    paste: tuple[str, ...]
    activate: tuple[str, ...]
    switch: str
    https_only: bool = False
    updatable: Updatable = Updatable.NO
    subject_is_client: bool = False
    causes: dict[str, Cause] = field(default_factory=dict)
