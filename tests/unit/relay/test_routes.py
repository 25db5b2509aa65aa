"""The table of handlers: one for each type of frame, and none forgotten."""

import pytest

from relay.desk.actors import CustomerActor
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.wire import customer


def handle(_actor: CustomerActor, _frame: object, _reply: Reply) -> None: ...


def test_a_frame_type_has_one_handler() -> None:
    routes: Routes[CustomerActor] = Routes()
    routes.add(customer.Send, handle)
    with pytest.raises(ValueError, match="Send has a handler already"):
        routes.add(customer.Send, handle)


def test_a_table_without_a_frame_of_the_union_is_refused() -> None:
    routes: Routes[CustomerActor] = Routes()
    routes.add(customer.Send, handle)
    frames = customer.Hello | customer.Send | customer.Close
    with pytest.raises(ValueError, match="no handler for Close"):
        routes.complete(frames)
    routes.add(customer.Close, handle)
    assert set(routes.complete(frames)) == {customer.Send, customer.Close}
