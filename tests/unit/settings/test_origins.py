"""Origins of pages: their spelling, wildcards, and what each allows."""

import pytest

from relay.settings import AllowedOrigins, origins


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("https://shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example/ ", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://Straße.example", "https://xn--strae-oqa.example"),
        ("https://βόλος.example", "https://xn--nxasmm1c.example"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_an_origin_is_spelled_as_browsers_spell_it(written: str, spelled: str) -> None:
    assert origins.origin(written) == spelled


@pytest.mark.parametrize(
    "written",
    [
        "",
        "*",
        "null",
        "shop.example",
        "shop.example:443",
        "https://",
        "https://*.example",
        "https://shop.example/cart",
        "https://shop.example?x",
        "https://shop.example#x",
        "https://ada@shop.example",
        "https://shop.example:99999",
        "https://[shop",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_origin_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match="is no origin; write scheme"):
        origins.origin(written)


def test_the_origin_of_an_address_leaves_out_where_on_the_site_it_is() -> None:
    assert origins.origin_of("https://desk.example:443/help?x#y") == "https://desk.example"


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("https://*.shop.example", "https://*.shop.example"),
        (" HTTPS://*.Shop.Example:443/ ", "https://*.shop.example"),
        ("http://*.shop.example:8080", "http://*.shop.example:8080"),
        ("https://*.straße.example", "https://*.xn--strae-oqa.example"),
        ("https://*.例え.jp", "https://*.xn--r8jz45g.jp"),
        ("https://*.shop.co.uk", "https://*.shop.co.uk"),
        ("https://*.ada.github.io", "https://*.ada.github.io"),
        ("https://shop.example", "https://shop.example"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_a_star_may_stand_for_the_first_labels_of_a_name(written: str, spelled: str) -> None:
    assert origins.origin_or_wildcard(written) == spelled


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("*", "is no origin; write scheme"),
        ("https://*", "is no origin; write scheme"),
        ("*.shop.example", "is no origin; write scheme"),
        ("*://*.shop.example", "is no origin; write scheme"),
        ("https://*shop.example", "is no origin; write scheme"),
        ("https://shop.*", "is no origin; write scheme"),
        ("https://www.*.example", "is no origin; write scheme"),
        ("https://*.*.shop.example", "is no origin; write scheme"),
        ("https://*.shop.example:*", "is no origin; write scheme"),
        ("https://*.shop.example/cart", "is no origin; write scheme"),
        ("https://*.", "is no origin; write scheme"),
        ("https://*.com", "name a domain of your own"),
        ("https://*.localhost", "name a domain of your own"),
        ("https://*.127.0.0.1", "name a domain of your own"),
        ("https://*.[::1]", "name a domain of your own"),
        ("capacitor://*.shop.example", "name a domain of your own"),
        ("https://*.co.uk", "one by one"),
        ("https://*.com.au:8443", "one by one"),
        ("https://*.github.io", "one by one"),
        ("https://*.run.app", "one by one"),
        ("https://*.me.uk", "one by one"),
        ("https://*.amazonaws.com", "one by one"),
        ("https://*.s3.eu-central-1.amazonaws.com", "one by one"),
    ],
)
def test_a_star_for_pages_of_many_owners_is_refused_with_what_to_do(
    written: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        origins.origin_or_wildcard(written)


ALLOWED = AllowedOrigins(
    ["https://*.shop.example", "http://*.dev.example:8080", "https://desk.example", "app://desk"]
)


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.shop.example",
        "https://a.b.shop.example",
        "https://xn--strae-oqa.shop.example",
        "https://with_underscore.shop.example",
        "http://a.dev.example:8080",
        "https://desk.example",
        "app://desk",
    ],
)
def test_a_wildcard_allows_the_names_below_it(origin: str) -> None:
    assert origin in ALLOWED


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",  # not the bare domain
        "https://myshop.example",  # whole labels only
        "https://www.myshop.example",
        "https://shop.example.evil.example",
        "https://www.shop.example.",
        "http://www.shop.example",  # the scheme is the setting's
        "https://www.shop.example:8443",  # and so is the port
        "https://www.shop.example:443",
        "http://a.dev.example",
        "http://a.dev.example:80800",
        "https://.shop.example",
        "https://-.evil.example#.shop.example",
        "https://evil.example/.shop.example",
        "https://evil.example?.shop.example",
        "https://evil.example\\.shop.example",
        "https://ada@www.shop.example",
        "https://WWW.shop.example",
        "https://straße.shop.example",
        "https://*.shop.example:1",
        "https://www.shop.example\n",
        "https://www.shop.example https://desk.example",
        "https://" + "a." * 5000 + "evil.example",
        "www.desk.example",
        "https://www.desk.example",
        "null",
        "",
        None,
    ],
)
def test_nothing_else_is_allowed(origin: str | None) -> None:
    assert origin not in ALLOWED
