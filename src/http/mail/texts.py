"""The words of every letter: what it is, how long it is good, and what to do if it was not you."""

from string import Template

from msgspec import Struct


class Text(Struct, frozen=True):
    """A letter before it knows its reader; `$` stands where something is filled in."""

    subject: Template
    body: Template


_FOOT = """
A machine wrote this at $shop; nobody reads what you answer.
"""


def _text(subject: str, body: str) -> Text:
    return Text(Template(subject), Template(body.lstrip("\n") + _FOOT))


CLAIM = _text(
    "Your orders at $shop",
    """
Hello,

somebody asked to keep the orders that were placed as a guest with this e-mail
address together in one account. If that was you, open this link and choose a
password:

  $link

Or enter this code where the shop asks for it:

  $secret

Both are good once, until $until.

The account will show every order that was placed with this address so far.
Orders that are placed as a guest later are not in it until you ask again.

If it was not you, do nothing. Without this letter nobody gets to see anything.
""",
)

CLAIM_JOINS_ACCOUNT = _text(
    "Your orders at $shop",
    """
Hello,

somebody asked to keep the orders that were placed as a guest with this e-mail
address together in one account. There is an account for this address already:
the orders will join it, and its password stays as it is.

Did you open that account yourself? Anybody can open one with an address that is
not theirs. If you did not, or are not sure, choose a new password first: ask for
it where the shop says "password forgotten". The old password and every login
made with it end then.

If you asked for this, and the account is yours, open this link:

  $link

Or enter this code where the shop asks for it:

  $secret

Both are good once, until $until.

If it was not you, do nothing. Without this letter nobody gets to see anything.
""",
)

RESET = _text(
    "A new password at $shop",
    """
Hello,

somebody asked for a new password for the account of this e-mail address. If that
was you, open this link and choose one:

  $link

Or enter this code where the shop asks for it:

  $secret

Both are good once, until $until.

The old password, and every login made with it, end when you choose the new one.

If it was not you, do nothing: the password stays as it is.
""",
)

ORDER = _text(
    "Your order $number at $shop",
    """
Hello,

somebody asked to see order $number, which was placed with this
e-mail address. If that was you, here it is:

  $link

The link is good until $until. It opens this order, and lets
whoever has it cancel the order while that is still possible: do not pass it on.

If it was not you, do nothing. Nobody but you has got this link.
""",
)

ORDER_OF_ACCOUNT = _text(
    "Your order $number at $shop",
    """
Hello,

somebody asked to see order $number, which was placed by the
account of this e-mail address. If that was you, log in, and you will find it
among your orders:

  $link

If it was not you, do nothing. Nobody has got to see anything.
""",
)

PASSWORD_CHANGED = _text(
    "Your password at $shop was changed",
    """
Hello,

the password of the account with this e-mail address was changed on
$changed. Every login made with the former one has ended.

If it was you, all is well. If it was not, somebody else can read your mail or
knew your password: choose a new password now, where the shop says "password
forgotten", and make sure that this mailbox is yours alone.

  $link
""",
)
