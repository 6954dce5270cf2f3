"""Invented people: who buys, and where to; sealed before anything else sees them."""

from random import Random

from msgspec import Struct

from src.commands.decisions.intent import Buyer
from src.commands.people import People
from src.events.customer import Address, Profile
from src.events.identifiers import named, public_id
from src.events.ports import Sealed

FIRST = (
    *("Aarav", "Aditi", "Amit", "Ananya", "Anil", "Anjali", "Arjun", "Asha", "Bhavna", "Chetan"),
    *("Deepa", "Devika", "Divya", "Farah", "Gaurav", "Geeta", "Harish", "Imran", "Isha", "Jaya"),
    *("Kabir", "Karan", "Kavita", "Kiran", "Lakshmi", "Leela", "Manoj", "Meera", "Mohan", "Nadia"),
    *("Neha", "Nikhil", "Pooja", "Prakash", "Priya", "Rahul", "Rajesh", "Rekha", "Rohan", "Sameer"),
    *("Sanjay", "Sarita", "Shalini", "Sunil", "Tara", "Uma", "Varun", "Vidya", "Vikram", "Zoya"),
)
LAST = (
    *("Bose", "Chopra", "Das", "Desai", "Dutta", "Fernandes", "Gill", "Gupta", "Iyer", "Jain"),
    *("Joshi", "Kapoor", "Khan", "Kulkarni", "Kumar", "Mehta", "Menon", "Mishra", "Nair", "Patel"),
    *("Pillai", "Rao", "Reddy", "Roy", "Shah", "Sharma", "Singh", "Thomas", "Varma", "Yadav"),
)
STREETS = ("Example Road", "Sample Street", "Model Lane", "Specimen Marg", "Pattern Nagar")
PLACES = (
    ("Bengaluru", "Karnataka", "5600"),
    ("Mumbai", "Maharashtra", "4000"),
    ("Delhi", "Delhi", "1100"),
    ("Hyderabad", "Telangana", "5000"),
    ("Chennai", "Tamil Nadu", "6000"),
    ("Pune", "Maharashtra", "4110"),
    ("Kolkata", "West Bengal", "7000"),
    ("Ahmedabad", "Gujarat", "3800"),
    ("Jaipur", "Rajasthan", "3020"),
    ("Kochi", "Kerala", "6820"),
)


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who may buy."""

    customer_id: str
    has_account: bool
    profile: Profile
    address: Address

    @property
    def email(self) -> str:
        """Where letters would go; nobody has an address at example.in."""
        return self.profile.email

    @property
    def phone(self) -> str:
        """A number that nobody has."""
        return self.profile.phone or ""


class Known(Struct, frozen=True, kw_only=True):
    """A person as the book may know them."""

    person: Person
    contact: Sealed
    address: Sealed
    mailbox: str
    wish: str

    @property
    def buyer(self) -> Buyer:
        """Who buys."""
        return Buyer(
            customer_id=self.person.customer_id,
            guest=not self.person.has_account,
            mailbox=self.mailbox,
            contact=self.contact,
        )


def invented(name: str, chance: Random, *, has_account: bool) -> Person:
    """Make somebody up; nobody else has this name's e-mail address."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    email = f"{first}.{last}.{name}@example.in".lower()
    phone = f"+9190000{chance.randrange(10**5):05}"
    city, state, pin = chance.choice(PLACES)
    address = Address(
        name=f"{first} {last}",
        phone=phone,
        line1=f"{chance.randint(1, 240)} {chance.choice(STREETS)}",
        line2=None,
        city=city,
        state=state,
        postal_code=f"{pin}{chance.randint(1, 99):02}",
        country="IN",
    )
    return Person(
        customer_id=public_id("cust", named("sample person", email)),
        has_account=has_account,
        profile=Profile(email=email, name=f"{first} {last}", phone=phone),
        address=address,
    )


async def sealed(people: People, person: Person) -> Known:
    """Seal what the book keeps of somebody, with a key that is durable then."""
    return Known(
        person=person,
        contact=await people.seal(person.customer_id, person.profile),
        address=await people.seal(person.customer_id, person.address),
        mailbox=people.mailbox(person.email),
        wish=people.wish(person.customer_id, person.profile, person.address, None),
    )
