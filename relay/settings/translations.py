"""Default greeting and away message in the widget's languages. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from relay.settings.types import Takes

GREETING = "Hello! How can we help you?"
AWAY_MESSAGE = "Nobody is at the desk right now; leave your message, and we will answer it here."
GREETINGS = MappingProxyType(
    {
        "de": "Guten Tag! Wie können wir Ihnen helfen?",
        "fr": "Bonjour ! Comment pouvons-nous vous aider ?",
        "es": "¡Hola! ¿En qué podemos ayudarle?",
        "pt": "Olá! Como podemos ajudar?",
        "ar": "مرحبًا! كيف يمكننا مساعدتك؟",
        "ja": "こんにちは。どのようなご用件でしょうか。",
        "en": GREETING,
    }
)
AWAY_MESSAGES = MappingProxyType(
    {
        "de": "Gerade ist niemand da. Schreiben Sie uns; wir antworten hier.",
        "fr": "Personne ne peut répondre pour le moment ; écrivez-nous, la réponse viendra ici.",
        "es": "Ahora no hay nadie; deje su mensaje y le responderemos aquí.",
        "pt": "Não há ninguém agora; deixe sua mensagem e responderemos aqui.",
        "ar": "لا يوجد أحد الآن؛ اترك رسالتك وسنجيب عنها هنا.",
        "ja": "ただいま担当者が不在です。メッセージを残していただければ、ここで回答します。",
        "en": AWAY_MESSAGE,
    }
)

Translations = Annotated[
    Mapping[
        Annotated[str, Field(pattern="^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
        Annotated[str, Field(min_length=1)],
    ],
    Takes('a text for each language in lower case, such as `{"de": "Guten Tag!"}`'),
]


def all_languages(
    text: str, texts: Mapping[str, str], default: Mapping[str, str]
) -> Mapping[str, str]:
    """Return *texts* by language; *default* is added to them if *text* is its English text.

    A desk that changes the text for everybody has it in all languages that *texts* leaves out.
    """
    return {**default, **texts} if text == default["en"] else dict(texts)
