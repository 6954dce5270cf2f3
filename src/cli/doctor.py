"""`khata doctor`: every setting and connection by name, and how to mend what is wrong."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer

from src.cli.complaint import Complaint
from src.cli.database_findings import book, database, place_of, server
from src.cli.engines_here import with_engines
from src.cli.finding import Finding
from src.cli.key_findings import master_key, master_key_file, other_keys
from src.cli.local_calls import NoAnswerError, ask
from src.cli.mail_findings import mail
from src.cli.place_findings import home, traces
from src.cli.ports import bind
from src.cli.shop_place import absence
from src.cli.shop_record import read_shop
from src.cli.variables import unknown_variables
from src.commands.gateway import GatewayError
from src.embedded import EngineError
from src.http.places import LOOPBACK_HOST
from src.http.razorpay.client import RazorpayGateway
from src.settings import Settings, SettingsError

REDIS_MIN = 7
REDIS_TIMEOUT_SECONDS = 2.0
RECEIPT = "khata-doctor"


def examine(environ: Mapping[str, str]) -> int:
    """Print every finding; returns 1 when something is to be mended."""
    absent = absence(environ)
    if absent is not None:
        typer.echo(f"WRONG KHATA_HOME: {absent}")
        return 1
    try:
        findings = _findings(Settings.from_environ(environ))
    except SettingsError as wrong:
        findings = [
            Finding("settings", problem, "correct the variable") for problem in wrong.problems
        ]
    for finding in findings:
        _print(finding)
    for name in unknown_variables(environ):
        typer.echo(f"warn  {name}: Khata reads no variable of this name; is it misspelt?")
    wrong_ones = [finding for finding in findings if finding.mend]
    typer.echo(f"{len(wrong_ones)} to mend" if wrong_ones else "all is well")
    return 1 if wrong_ones else 0


def _findings(settings: Settings) -> list[Finding]:
    outside = [
        *other_keys(settings),
        *_ports(settings),
        *_account(settings),
        *traces(settings),
    ]
    try:
        # A database that was given is looked at, and never changed.
        with with_engines(settings, migrating=settings.database_url is None) as addressed:
            key, *inside = asyncio.run(_connections(addressed))
    except EngineError as error:
        key = master_key_file(settings)
        inside = [Finding("engines", str(error), "see the message, or set DATABASE_URL")]
    return [home(settings), key, *outside, *inside]


def _print(finding: Finding) -> None:
    mark = "ok   " if finding.mend is None else "WRONG"
    typer.echo(f"{mark} {finding.what}: {finding.says}")
    if finding.mend is not None:
        typer.echo(f"      {finding.mend}")


def _ports(settings: Settings) -> list[Finding]:
    """A port is well when it is free, or when it is our own shop that answers there."""
    found = [_port("KHATA_PORT", settings.host, settings.port, settings)]
    if settings.has_own_razorpay:
        found.append(_port("KHATA_SANDBOX_PORT", LOOPBACK_HOST, settings.sandbox_port, settings))
    return found


def _port(name: str, host: str, port: int, settings: Settings) -> Finding:
    try:
        bind(host, port, name).close()
    except Complaint as complaint:
        if _is_ours(port, settings.home):
            return Finding(name, f"{host}:{port}, where the running shop answers")
        return Finding(
            name, str(complaint).removeprefix(f"{name}: "), f"stop that program, or set {name}"
        )
    return Finding(name, f"{host}:{port} is free")


def _is_ours(port: int, home: Path) -> bool:
    running = read_shop(home)
    urls = [] if running is None else [running.api_url, running.sandbox_url or ""]
    return any(url.endswith(f":{port}") for url in urls)


def _account(settings: Settings) -> list[Finding]:
    """What of the account can be said without asking it."""
    razorpay = settings.razorpay
    found = [_webhook_secret(settings), Finding("KHATA_CAPTURE", razorpay.capture.value)]
    if razorpay.previous_key_secrets:
        said = f"{len(razorpay.previous_key_secrets)} still good for payments under way"
        found.append(Finding("RAZORPAY_PREVIOUS_KEY_SECRETS", said))
    return found


def _webhook_secret(settings: Settings) -> Finding:
    if settings.razorpay.webhook_secrets:
        return Finding(
            "RAZORPAY_WEBHOOK_SECRETS", f"{len(settings.razorpay.webhook_secrets)} known"
        )
    return Finding(
        "RAZORPAY_WEBHOOK_SECRETS",
        "not set, so that every webhook is refused",
        "set it to the secret that the webhook has in Razorpay's dashboard",
    )


async def _connections(settings: Settings) -> list[Finding]:
    return [
        await master_key(settings),
        await database("DATABASE_URL", settings.app_url, book),
        await database("KHATA_OWNER_DATABASE_URL", settings.owner_url, server),
        await database("KHATA_READ_DATABASE_URL", settings.read_url, server),
        await _redis(settings),
        await _razorpay(settings),
        *await mail(settings),
    ]


async def _redis(settings: Settings) -> Finding:
    from redis.asyncio import Redis  # noqa: PLC0415 - half of the start of every other command
    from redis.exceptions import AuthenticationError, RedisError  # noqa: PLC0415 - the same

    try:
        async with Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # untyped there
            settings.cache_url, socket_timeout=REDIS_TIMEOUT_SECONDS
        ) as redis:
            said = await redis.info("server")  # pyright: ignore[reportUnknownMemberType]  # as above
            version = str(said["redis_version"])
    except AuthenticationError:
        says = f"{place_of(settings.cache_url)}: it does not take user and password"
        return Finding("REDIS_URL", says, "correct user and password in it, or leave them out")
    except (RedisError, OSError, ValueError) as error:
        return Finding(
            "REDIS_URL",
            f"{place_of(settings.cache_url)}: no answer ({type(error).__name__})",
            "start it, or correct it; rediss:// speaks TLS, redis:// does not",
        )
    if int(version.split(".", maxsplit=1)[0]) < REDIS_MIN:
        return Finding("REDIS_URL", f"Redis {version}", "use Redis 7 or newer, or Valkey")
    return Finding("REDIS_URL", f"Redis or Valkey, compatible with {version}")


async def _razorpay(settings: Settings) -> Finding:
    """The sandbox is only there while the shop runs; that is no fault."""
    account = settings.razorpay
    said = f"{account.url}, key {account.key_id}"
    if settings.has_own_razorpay and not _answers(account.url):
        return Finding(
            "RAZORPAY_KEY_ID", f"not set: the sandbox plays it, with key {account.key_id}"
        )
    gateway = RazorpayGateway(account)
    try:
        await gateway.find_order(RECEIPT)
    except GatewayError as error:
        return Finding(
            "RAZORPAY_KEY_ID", f"{said}: {error}", "correct key, secret or RAZORPAY_BASE_URL"
        )
    finally:
        gateway.close()
    return Finding("RAZORPAY_KEY_ID", said)


def _answers(url: str) -> bool:
    try:
        ask(url, "GET", "/_sandbox/webhooks")
    except NoAnswerError:
        return False
    return True
