"""Pages of figures: sales, the funnel, payments and late money, as charts and as tables."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from src.http.analytics import Question, question
from src.http.answers import written_answer
from src.http.console.charts import Chart
from src.http.console.drawing import Colours, Width, pixels
from src.http.console.filters import TextInQuery, one_of, text
from src.http.console.journey_sheet import journey_sheet
from src.http.console.payment_sheets import late_money_sheet, payment_sheet
from src.http.console.render import Console, show
from src.http.console.sales_sheet import sales_sheet
from src.http.console.sheets import Sheet
from src.http.page_files import TYPES
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.analytics import abandonment, funnel, late_money, payments, sales
from src.queries.analytics.periods import Period
from src.queries.reading import Reading

PATH = "/console/charts"
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""A picture styles itself and loads nothing; what it could say as a page of its own ends there."""
KEEP_SECONDS = 24 * 60 * 60

Draws = Callable[[Reading, Question, Period], Awaitable[Sheet]]
FromInQuery = Annotated[str | None, QueryParameter(name="from", max_length=10)]
ToInQuery = Annotated[str | None, QueryParameter(name="to", max_length=10)]


class Subject(Struct, frozen=True):
    """One page of figures."""

    name: str
    title: str
    views: Sequence[str]
    """What it is made from."""
    sheet: Draws
    has_periods: bool = False


SUBJECTS = {
    each.name: each
    for each in (
        Subject("sales", "Sales", sales.VIEWS, sales_sheet, has_periods=True),
        Subject(
            "funnel",
            "Funnel",
            (*funnel.VIEWS, *abandonment.VIEWS),
            lambda db, asked, _: journey_sheet(db, asked),
        ),
        Subject(
            "payments",
            "Payments",
            payments.VIEWS,
            lambda db, asked, _: payment_sheet(db, asked),
        ),
        Subject(
            "late-money",
            "Late money",
            late_money.VIEWS,
            lambda db, asked, _: late_money_sheet(db, asked),
        ),
    )
}


class Asked(Struct, frozen=True, kw_only=True):
    """What a page of figures was asked for."""

    subject: Subject
    question: Question
    by: Period

    @property
    def query(self) -> str:
        """The same question as an address has it."""
        scope = self.question.scope
        return urlencode({"from": scope.first_day, "to": scope.last_day, "by": self.by})


class FiguresPage(Controller):
    """Figures for analysts."""

    path = PATH

    @get(["/", "/{name:str}"])
    async def figures(  # one for each field of the form
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        name: FromPath[str] = "sales",
        first: FromInQuery = None,
        last: ToInQuery = None,
        by: TextInQuery = None,
    ) -> Response[None]:
        """Show one subject; the last 30 days unless said."""
        asked = await _asked(shop, name, first, last, by)
        sheet = await asked.subject.sheet(shop.analytics, asked.question, asked.by)
        keys = [console.pictures.keep(each.chart) for each in sheet.figures]
        return show(
            console,
            request,
            "figures.html",
            sheet=sheet,
            subjects=list(SUBJECTS.values()),
            asked=asked,
            pictures=[
                _addresses(asked, each.chart.name, key)
                for each, key in zip(sheet.figures, keys, strict=True)
            ],
            pixels=pixels,
            path=PATH,
            periods=list(Period),
        )

    @get("/{name:str}/pictures/{chart:str}")
    async def picture(  # which picture, and what it was asked for
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        name: FromPath[str],
        chart: FromPath[str],
        first: FromInQuery = None,
        last: ToInQuery = None,
        by: TextInQuery = None,
        key: TextInQuery = None,
        colours: TextInQuery = None,
        width: TextInQuery = None,
    ) -> Response[None]:
        """Draw a chart of a page with the page's own numbers, or else with those of now."""
        ground = one_of("colours", Colours, colours) or Colours.LIGHT
        room = one_of("width", Width, width) or Width.WIDE
        part = chart.removesuffix(".svg")
        wanted = console.pictures.find(key or "", part)
        if wanted is None:
            asked = await _asked(shop, name, first, last, by)
            sheet = await asked.subject.sheet(shop.analytics, asked.question, asked.by)
            wanted = sheet.chart(part)
        if wanted is None:
            raise NotFoundException
        return await svg(console, wanted, ground, room, key)


async def svg(
    console: Console, chart: Chart, colours: Colours, width: Width, key: str | None
) -> Response[None]:
    """Answer with a picture; one with the numbers that were asked for may be kept."""
    is_asked_for = chart.key == key
    kept = f"private, max-age={KEEP_SECONDS}, immutable" if is_asked_for else "no-store"
    headers = {"cache-control": kept, "content-security-policy": PICTURE_POLICY}
    body = await console.pictures.drawn(chart, colours, width)
    return written_answer(None, body, 200, TYPES["svg"], headers)


def _addresses(asked: Asked, chart: str, key: str) -> dict[str, str]:
    """Return where each form of a picture is, by `wide-dark` and the like."""
    path = f"{PATH}/{asked.subject.name}/pictures/{chart}.svg?{asked.query}&key={key}"
    return {f"{w}-{c}": f"{path}&colours={c}&width={w}" for w in Width for c in Colours}


async def _asked(
    shop: Shop, name: str, first: str | None, last: str | None, by: str | None
) -> Asked:
    subject = SUBJECTS.get(name)
    if subject is None:
        raise NotFoundException
    asked = await question(
        shop,
        subject.views,
        first_day=_day("from", first),
        last_day=_day("to", last),
        time_zone=None,
        as_of=None,
    )
    return Asked(subject=subject, question=asked, by=one_of("by", Period, by) or Period.DAY)


def _day(field: str, given: str | None) -> date | None:
    wanted = text(given)
    try:
        return None if wanted is None else date.fromisoformat(wanted)
    except ValueError:
        raise InvalidInput.of(field, "must be a day, as 2026-01-31") from None
