"""The signature of a delivery, as Standard Webhooks has it: only who has the secret can make it.

Pure.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence


def headers(keys: Sequence[bytes], delivery: str, at: int, body: bytes) -> dict[str, str]:
    """Return what goes with *body*: the *delivery*'s id, *at* (seconds since 1970), a signature.

    There is a signature for each of *keys*, so that a secret can be changed without a gap.
    """
    signed = b"%s.%d.%s" % (delivery.encode(), at, body)
    made = (b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }
