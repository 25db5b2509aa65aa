"""Process of the fuzzer: searches one claim from its seeds until the time is over or it fails.

Started by `tests.fuzz.search`; libFuzzer ends the process itself.
"""

import hashlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["relay", "websockets"], enable_loader_override=False):
    from tests.fuzz import mutate, seeds
    from tests.fuzz.claims import CLAIMS

MUTATIONS: Mapping[str, Callable[[bytes, Random], bytes]] = {
    "wire": mutate.line,
    "session": mutate.conversation,
    "identity": mutate.line,
}
"""How the inputs of a target change as frames; they change as bytes too."""


def main(target: str, folder: Path, seconds: int) -> None:
    """Search for an input that breaks the claim *target*; keep it in *folder*."""
    corpus = folder / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds.of(target):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    dictionary = folder / f"{target}.dict"
    dictionary.write_text("".join(f"{_quoted(word)}\n" for word in seeds.words()))
    options = [
        f"-max_total_time={seconds}",
        "-print_final_stats=1",
        "-max_len=70000",
        "-len_control=20",
        "-timeout=10",
        "-rss_limit_mb=1024",
        f"-dict={dictionary}",
        f"-artifact_prefix={folder}/{target}-",
    ]
    changes = MUTATIONS.get(target)
    custom = {} if changes is None else {"custom_mutator": _mutator(changes)}
    atheris.Setup([sys.argv[0], *options, str(corpus)], CLAIMS[target], **custom)
    atheris.Fuzz()


def _mutator(changes: Callable[[bytes, Random], bytes]) -> Callable[[bytes, int, int], bytes]:
    def mutated(data: bytes, longest: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.randrange(2):
            return bytes(atheris.Mutate(data, longest))
        return changes(data, chance)[:longest]

    return mutated


def _quoted(word: str) -> str:
    data = word.encode()
    return '"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
