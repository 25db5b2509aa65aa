"""The signature, against the example that Standard Webhooks gives, and by hand."""

import hashlib
import hmac
from base64 import b64decode, b64encode

from relay.settings.model import key
from relay.webhooks.http_post import signature_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_it_is_the_one_that_the_standard_gives_as_its_example() -> None:
    made = signature_headers([key(SECRET)], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_secret_signs_so_that_one_can_be_changed() -> None:
    old, new = b64decode(SECRET[6:]), b"n" * 32
    made = signature_headers([new, old], "e:7", 1, BODY)["webhook-signature"].split()
    digests = [hmac.new(one, b"e:7.1." + BODY, hashlib.sha256).digest() for one in (new, old)]
    assert made == [f"v1,{b64encode(digest).decode()}" for digest in digests]
