"""A help request with all that stands around it and is not in its log. Data alone."""

from relay.desk.request import HelpRequest
from relay.value import Value


class Customer(Value, frozen=True):
    """Who asks. ``key`` is what proves them: a hash of their token, or of site and subject."""

    id: int
    site: str
    key: str
    name: str | None
    email: str | None
    verified: bool


class Visit(Value, frozen=True):
    """Where the customer is, as their browser says it: hostile text, cleaned."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    locale: str | None = None
    user_agent: str | None = None


class Mark(Value, frozen=True, order=True):
    """How far somebody has read: the same place in the agents' and in the customers' numbers."""

    seq: int = 0
    customer_seq: int = 0


class Record(Value, frozen=True):
    """All that is known of a request but its messages. ``read_by_agent`` is one mark for all."""

    request: HelpRequest
    customer: Customer
    visit: Visit
    read_by_customer: Mark = Mark()
    read_by_agent: Mark = Mark()


class Agent(Value, frozen=True):
    """Who answers. ``role`` is ``agent`` or ``admin``."""

    id: int
    name: str
    role: str
    disabled: bool = False

    @property
    def admin(self) -> bool:
        """Whether the agent may run the desk."""
        return self.role == "admin"
