"""/customers/me/addresses: where a customer has parcels sent."""

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec.structs import asdict

from src.commands.decisions.people import (
    account,
    change_address,
    drop_address,
    keep_address,
    kept_address,
)
from src.commands.decisions.preconditions import at_version
from src.commands.rejections import Unknown
from src.commands.view import Decide, View
from src.commands.wish import Held
from src.events.customer import Address
from src.events.identifiers import CUSTOMER, derived, public_id, stream
from src.events.ports import Sealed
from src.http.answers import answer, held_answer
from src.http.buyers import AddressRequest, address_of
from src.http.controllers.customers import known_profile
from src.http.guards import customers_only
from src.http.parameters import IdInPath
from src.http.preconditions import expected_of
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.page import Page


class KeptAddress(Address, frozen=True, kw_only=True):
    """An address and its id, for `shipping_address_id` and `billing_address_id`."""

    address_id: str


class AddressController(Controller):
    """Addresses that a customer keeps; an entity tag's version is the whole account's."""

    path = "/customers/me/addresses"
    tags = ["Customers"]
    guards = [customers_only]

    @get()
    async def list_addresses(
        self, shop: NamedDependency[Shop], request: ShopRequest
    ) -> Response[Page[KeptAddress]]:
        """List the caller's addresses; there are never more than one page of them."""
        customer_id = request.customer().customer_id
        kept = await shop.ledger.look(lambda view: account(view, customer_id).addresses)
        opened = [(key, await shop.people.open(kept[key], Address)) for key in sorted(kept)]
        shown = [_document(key, address) for key, address in opened if address is not None]
        return answer(Page(shown, None))

    @post(status_code=201)
    async def keep_address(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[AddressRequest]
    ) -> Response[KeptAddress]:
        """Keep one more address; 422 `limit-reached` when there are as many as may be kept."""
        customer_id = request.customer().customer_id
        address_id = public_id("addr", derived(request.seen.command_id, "address"))
        address, sealed = await _sealed(shop, customer_id, data)
        name = stream(CUSTOMER, customer_id)
        position = None
        if request.again:
            position = await shop.book.has_command(name, request.seen.command_id)
        if position is not None:
            document = _document(address_id, address)
            version = await shop.ledger.look(lambda view: view.version(name))
            return answer(document, status=201, version=version, position=position)
        held = await _write(
            shop, request, lambda view: keep_address(view, customer_id, address_id, sealed)
        )
        return await _answer(shop, customer_id, _document(address_id, address), held, status=201)

    @get("/{address_id:str}")
    async def get_address(
        self, shop: NamedDependency[Shop], request: ShopRequest, address_id: IdInPath
    ) -> Response[KeptAddress]:
        """Look at one address."""
        customer_id = request.customer().customer_id

        def question(view: View) -> tuple[Sealed, int]:
            sealed = kept_address(view, customer_id, address_id)
            return sealed, view.version(stream(CUSTOMER, customer_id))

        sealed, version = await shop.ledger.look(question)
        address = await shop.people.open(sealed, Address)
        if address is None:
            raise Unknown("address", address_id)
        return answer(_document(address_id, address), version=version)

    @put("/{address_id:str}")
    async def change_address(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        address_id: IdInPath,
        data: JSONBody[AddressRequest],
    ) -> Response[KeptAddress]:
        """Keep another address under the same id; orders that were placed keep the old one."""
        customer_id = request.customer().customer_id
        await shop.ledger.look(lambda view: kept_address(view, customer_id, address_id))
        address, sealed = await _sealed(shop, customer_id, data)
        held = await _write(
            shop, request, lambda view: change_address(view, customer_id, address_id, sealed)
        )
        return await _answer(shop, customer_id, _document(address_id, address), held)

    @delete("/{address_id:str}", status_code=204)
    async def drop_address(
        self, shop: NamedDependency[Shop], request: ShopRequest, address_id: IdInPath
    ) -> Response[None]:
        """Keep an address no longer."""
        customer_id = request.customer().customer_id
        held = await _write(shop, request, lambda view: drop_address(view, customer_id, address_id))
        return answer(None, status=204, position=held.position, recorded_at=held.recorded_at)


async def _sealed(shop: Shop, customer_id: str, data: AddressRequest) -> tuple[Address, Sealed]:
    profile, _ = await known_profile(shop, customer_id)
    address = address_of(data, profile)
    return address, await shop.people.seal(customer_id, address)


async def _write(shop: Shop, request: ShopRequest, decide: Decide) -> Held:
    name = stream(CUSTOMER, request.customer().customer_id)
    checked = at_version(name, await expected_of(shop, request, name), decide)
    return await shop.ledger.transact(request.cause(), checked)


def _document(address_id: str, address: Address) -> KeptAddress:
    return KeptAddress(address_id=address_id, **asdict(address))


async def _answer(
    shop: Shop, customer_id: str, document: KeptAddress, held: Held, status: int = 200
) -> Response[KeptAddress]:
    version = await shop.ledger.glance(lambda view: view.version(stream(CUSTOMER, customer_id)))
    return held_answer(document, version, held, status=status)
