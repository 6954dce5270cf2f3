"""Who wrote a fact, as the book names them; behind a member of staff may stand why.

`customer:<id>`, `guest:<cart>`, `razorpay`, `khata:<worker>` and
`staff:<roles>:<subject>`, where the last may go on with ` because: <reason>`.
The reason stands here when the fact has no words of its own, so that every
action of staff says why without a new shape for every fact.
"""

STAFF = "staff:"
BECAUSE = " because: "


def staff_actor(roles: str, subject: str, reason: str | None = None) -> str:
    """Name a member of staff, and say why, in words that name no person."""
    who = f"{STAFF}{roles}:{subject}"
    return who if reason is None else f"{who}{BECAUSE}{reason}"


def is_staff(actor: str) -> bool:
    """Whether a person who works here did it."""
    return actor.startswith(STAFF)
