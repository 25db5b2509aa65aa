"""Acts of customers and agents, as jobs for a transaction."""

from collections.abc import Callable
from itertools import count

from relay.desk import commands
from relay.desk.contact import Contact
from relay.desk.events import Author, Millis, Role
from relay.desk.request import Customer, Visit
from relay.service import use_cases
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange

Work = Callable[[Transaction], use_cases.Change]

_MOMENTS = count(1_795_343_700_000)
VISIT = Visit("https://shop.example/cart", "Cart", None, "en-GB", "Firefox")


def now() -> Millis:
    """Return a moment that nobody had before."""
    return Millis(next(_MOMENTS))


def opens(
    key: str,
    text: str | None = None,
    ref: str = "open",
    name: str | None = None,
    *,
    email: str | None = None,
    verified: bool = False,
) -> Work:
    """Open a request as the customer with that *key*."""
    person = Customer(0, "default", key, Contact(), verified=verified)
    contact = Contact(name=name, email=email)
    opening = use_cases.Opening(person, VISIT, contact, "Welcome!", text, ref, now())
    return lambda transaction: use_cases.open_request(transaction, opening)


def says(key: str, text: str, ref: str, number: int | None = None) -> Work:
    """Send a text as the customer with that *key*."""
    message = use_cases.CustomerText(text, ref, now())
    return lambda transaction: use_cases.customer_send(transaction, key, number, message)


def agent_says(agent: int, number: int, command: commands.Send | commands.Note, ref: str) -> Work:
    """Send a text or a note as *agent*."""
    stamp = use_cases.Stamp(Author(Role.AGENT, agent, f"Agent {agent}"), now())
    return lambda transaction: use_cases.agent_send(transaction, number, command, stamp, ref)


def agent_does(agent: int, number: int, command: commands.Command) -> Work:
    """Carry out a command as *agent*, who is an admin."""
    stamp = use_cases.Stamp(Author(Role.AGENT, agent, f"Agent {agent}"), now(), admin=True)
    return lambda transaction: use_cases.execute(
        transaction, use_cases.find_request(transaction, number), command, stamp
    )


def closes(key: str, *, keep: bool = True) -> Work:
    """Close as the customer with that *key*; delete if it is not to be kept."""
    at = now()
    return lambda transaction: use_cases.customer_close(transaction, key, at, keep=keep)


def log(number: int) -> Callable[[Transaction], MessagePage]:
    """Read the whole log of a request."""
    return lambda transaction: transaction.messages(number, MessageRange(Role.AGENT))


def add_agents(transaction: Transaction) -> None:
    """Store two agents, 1 and 2."""
    for agent in ("Sam", "Kim"):
        transaction.people.add_agent(agent, "agent", f"hash of {agent}", now())


def ended(first: int, last: int, text: str) -> Callable[[Transaction], None]:
    """Open and close a request for each number from *first* up to *last*, and say so in *text*."""

    def job(transaction: Transaction) -> None:
        for number in range(first, last + 1):
            opens(f"key {number}", text.format(number))(transaction)
            closes(f"key {number}")(transaction)

    return job
