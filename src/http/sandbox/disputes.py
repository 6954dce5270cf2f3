"""/v1/disputes: what customers took to their banks, and what the merchant says to it."""

import re
from typing import Any, cast

from msgspec.structs import replace

from src.http.sandbox import checks
from src.http.sandbox.account import Account
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.dispute_life import EVIDENCE_FIELDS, MOVES, make
from src.http.sandbox.entities import Collection, Dispute, collection
from src.http.sandbox.orders import EXPAND
from src.http.sandbox.refusals import Refusal, invalid
from src.http.sandbox.webhooks import announce

EXPANSIONS = frozenset({"payment", "transaction.settlement"})
SUMMARY_CHARACTERS_MAX = 1_000
PROOFS = tuple(
    name for name in EVIDENCE_FIELDS if name not in ("summary", "others", "submitted_at")
)
CONTEST_FIELDS = frozenset({"amount", "summary", *PROOFS, "others", "action"})
DOCUMENT_ID = re.compile(r"doc_[A-Za-z0-9]{14}")


def list_all(account: Account, call: Call) -> Collection:
    query = call.query(*PAGING, EXPAND)
    _check_expansions(query)
    return collection(account.entities.page(Dispute, page(query), {}))


def fetch(account: Account, call: Call) -> Dispute:
    _check_expansions(call.query(EXPAND))
    return account.entities.get(Dispute, call.ids[0])


def accept(account: Account, call: Call) -> Dispute:
    """The merchant gives in: lost, and not to be taken back."""
    dispute = _answerable(account, call)
    checks.only_fields(call.object(), frozenset())
    lost, happened = make(account, dispute, MOVES["lose"])
    announce(account, happened)
    return lost


def contest(account: Account, call: Call) -> Dispute:
    """Keep the merchant's evidence, and with `"action": "submit"` send it to the bank."""
    dispute = _answerable(account, call)
    body = call.object()
    contested = replace(dispute, evidence=_evidence(dispute, body))
    if body.get("action", "draft") == "draft":
        account.entities.save(contested)
        return contested
    if not any(contested.evidence[name] for name in (*PROOFS, "others")):
        raise invalid("At least one document is required to contest a dispute.")
    reviewed, happened = make(account, contested, MOVES["under_review"])
    announce(account, happened)
    return reviewed


def _answerable(account: Account, call: Call) -> Dispute:
    dispute = account.entities.get(Dispute, call.ids[0])
    if dispute.status != "open":
        raise invalid(f"Action not allowed when dispute is in {dispute.status} status.")
    if account.clock.seconds() > dispute.respond_by:
        raise invalid("Action not allowed as deadline to respond has elapsed.")
    return dispute


def _evidence(dispute: Dispute, body: dict[str, Any]) -> dict[str, Any]:
    """What was said before, with what is said now."""
    checks.only_fields(body, CONTEST_FIELDS)
    if body.get("action", "draft") not in ("draft", "submit"):
        raise invalid("The selected action is invalid.", "action")
    if checks.integer(body.get("amount", 0)) > dispute.amount:
        raise invalid("contest amount cannot be greater than dispute amount.", "amount")
    if len(str(body.get("summary"))) > SUMMARY_CHARACTERS_MAX:
        raise invalid("The summary may not be greater than 1000 characters.", "summary")
    for name in PROOFS:
        _check_documents(body.get(name))
    _check_others(body.get("others"))
    return {**dispute.evidence, **{name: body[name] for name in body if name != "action"}}


def _check_others(sent: object) -> None:
    if sent is None:
        return
    if not isinstance(sent, list):
        raise invalid("The others must be an array.", "others")
    for each in cast("list[object]", sent):
        other = checks.as_object(each)
        if other is None or not isinstance(other.get("type"), str):
            raise invalid("The others type field is required.", "others")
        _check_documents(other.get("document_ids"))


def _check_documents(sent: object) -> None:
    """Nobody uploads documents here, so every id is good that looks like one."""
    ids = cast("list[object]", sent) if isinstance(sent, list) else [sent]
    if sent is None or all(isinstance(each, str) and DOCUMENT_ID.fullmatch(each) for each in ids):
        return
    raise invalid(
        "Invalid file id provided or merchant is unauthorized to access the fileId(s) provided"
    )


def _check_expansions(query: dict[str, list[str]]) -> None:
    """Disputes say no in a shape of their own."""
    if set(query.get(EXPAND, [])) <= EXPANSIONS:
        return
    kinds = "payment, transaction.settlement"
    errors = [f"Value of each expand must be one of following types: {kinds}", "Status Code: 400"]
    raise Refusal(400, {"status_code": 400, "success": False, "errors": errors})
