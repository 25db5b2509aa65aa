"""The directory: agents and canned responses in memory."""

import pytest
from msgspec.structs import replace

from relay.desk.request import Agent
from relay.errors import Code, Refused
from relay.service.directory import Directory
from relay.wire.objects import Canned

SAM, KIM = Agent(3, "Sam", "agent"), Agent(5, "Kim", "admin")


def known() -> Directory:
    return Directory({"hash-of-sam": SAM, "hash-of-kim": KIM}, {"b": "B", "a": "A"})


def test_an_agent_is_found_by_token_id_and_name() -> None:
    directory = known()
    assert directory.by_token("hash-of-sam") == SAM
    assert directory.by_token("hash-of-nobody") is None
    assert (directory.find(5), directory.find("Kim")) == (KIM, KIM)


def test_a_name_is_found_without_regard_to_case_and_spelling() -> None:
    directory = known()
    assert directory.find("ｋＩＭ") == KIM  # noqa: RUF001 - full-width
    directory.put(Agent(6, "KIM", "agent"))
    assert (directory.find("KIM").id, directory.find("Kim").id) == (6, 5)
    with pytest.raises(Refused) as refused:
        directory.find("kim")
    assert refused.value.code is Code.CONFLICT


@pytest.mark.parametrize("wanted", [4, "Lee", "5", ""])
def test_who_is_not_there_is_not_found(wanted: int | str) -> None:
    with pytest.raises(Refused) as refused:
        known().find(wanted)
    assert refused.value.code is Code.NOT_FOUND


def test_a_disabled_agent_is_kept_but_cannot_come_in_or_be_named() -> None:
    directory = known()
    directory.put(replace(SAM, disabled=True))
    assert directory.by_token("hash-of-sam") is None
    assert directory.agents[3].disabled
    with pytest.raises(Refused):
        directory.find("Sam")
    directory.put(SAM)
    assert directory.by_token("hash-of-sam") == SAM


def test_a_new_token_is_the_only_one() -> None:
    directory = known()
    directory.set_token(3, "new")
    assert directory.by_token("new") == SAM
    assert directory.by_token("hash-of-sam") is None
    assert directory.by_token("hash-of-kim") == KIM


def test_canned_responses_come_by_name() -> None:
    assert known().canned_list() == [Canned("a", "A"), Canned("b", "B")]
