"""`helpdesk.toml`: where it is looked for, and what is said of one that is wrong."""

import os
from importlib import import_module
from pathlib import Path
from socket import AF_UNIX, socket

import pytest

from relay.errors import StartError
from relay.settings import load
from relay.settings.load import LONGEST


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "config/helpdesk").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("HELPDESK_CONFIG", raising=False)


def test_without_a_file_everything_is_as_documented() -> None:
    assert load().port == 8765


def test_the_nearest_file_is_read_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config/helpdesk/helpdesk.toml").write_text("port = 1\nburst = 7")
    assert (load().port, load().burst) == (1, 7)
    (tmp_path / "here/helpdesk.toml").write_text("port = 2")
    assert (load().port, load().burst) == (2, 20)
    (tmp_path / "named.toml").write_text("port = 3")
    monkeypatch.setenv("HELPDESK_CONFIG", "~/named.toml")
    assert load().port == 3
    (tmp_path / "flagged.toml").write_text("port = 4")
    assert load(tmp_path / "flagged.toml").port == 4


def test_the_file_of_the_machine_is_read_where_there_is_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines = tmp_path / "etc.toml"
    monkeypatch.setattr(import_module("relay.settings.load"), "OF_THE_MACHINE", machines)
    assert load().port == 8765
    machines.write_text("port = 5")
    assert load().port == 5
    (tmp_path / "here/helpdesk.toml").write_text("port = 2")
    assert load().port == 2


def test_a_flag_beats_a_variable_and_that_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here/helpdesk.toml").write_text("port = 1\nburst = 1\ndesk_name = 'File'")
    monkeypatch.setenv("HELPDESK_PORT", "2")
    monkeypatch.setenv("HELPDESK_BURST", "2")
    settings = load(port="3", burst=None)
    assert (settings.port, settings.burst, settings.desk_name) == (3, 2, "File")


def test_a_site_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "helpdesk.toml"
    file.write_text(
        '[sites.shop]\norigins = ["https://shop.example"]\ngreeting = "Welcome"\n'
        '[sites.shop.identity_keys]\n2026 = "secret"\n'
    )
    shop = load(file).site("shop")
    assert shop
    assert shop.origins == ("https://shop.example",)
    assert (shop.greeting, shop.identity_keys) == ("Welcome", {"2026": "secret"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", r"^prot in .*helpdesk\.toml: there is no such setting; perhaps port is"),
        ("port = 1\nport = 2", r"helpdesk\.toml is no TOML: Cannot overwrite a value"),
        ("port = 'x'", r"^port in .*helpdesk\.toml: it has to be a whole number"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "helpdesk.toml"
    file.write_text(text)
    with pytest.raises(StartError, match=said):
        load(file)


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere\.toml is not there"):
        load(tmp_path / "nowhere.toml")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "helpdesk.toml"
    file.write_bytes("port = 7".encode("utf-8-sig"))
    assert load(file).port == 7


@pytest.mark.parametrize(("encoding", "line"), [("latin-1", 2), ("utf-16", 1)])
def test_a_file_in_another_encoding_is_told_as_that(
    tmp_path: Path, encoding: str, line: int
) -> None:
    file = tmp_path / "helpdesk.toml"
    file.write_bytes('port = 7\ndesk_name = "Büro"\n'.encode(encoding))
    with pytest.raises(StartError, match=rf"is not in UTF-8 \(line {line}\); save it in that"):
        load(file)


def test_a_folder_in_the_place_of_the_file_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "here/helpdesk.toml").mkdir()
    for named in (None, tmp_path / "here/helpdesk.toml"):
        with pytest.raises(StartError, match=r"helpdesk\.toml is a folder \(a container makes one"):
            load(named)


def test_only_a_regular_file_of_some_size_is_read(tmp_path: Path) -> None:
    pipe, listener, large = (tmp_path / name for name in ("pipe", "socket", "large"))
    os.mkfifo(pipe)
    large.write_bytes(b"#" * (LONGEST + 1))
    with socket(AF_UNIX) as bound:
        bound.bind(str(listener))
        for file in (pipe, listener, Path("/dev/zero")):
            with pytest.raises(StartError, match=f"^{file} cannot be read .*; name another"):
                load(file)
    with pytest.raises(StartError, match="more than 1,048,576 bytes"):
        load(large)
