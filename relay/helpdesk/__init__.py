"""Where a command becomes stored events and these become frames for who watches, in that order.

``helpdesk``   who said what: each frame to its handler; comings, goings and the passing of time
``greeting``   who may come in: ``hello`` and ``welcome``
``customers``  what customers' frames do
``agents``     what agents' frames do to requests
``lookup``     lists and search, beside the writer
``following``  the desk's events, for who follows them
``admins``     what admins' frames do to agents and canned responses
``work``       decide and append, within a transaction; runs in the writer's thread
``erasure``    what is erased and what the audit log says of it; in the writer's thread
``purging``    an admin's purge, planned and then done step by step
``hooks``      how webhooks stand, and what is done about what they did not take
``publisher``  append is done: who is told what, and how often
``pace``       how often a request is pushed
``typing``     who is writing, and for how long that holds
``retention``  what is closed and too old goes
``usage``      how much the desk is used, counted from its log
``ledger``      what the operator learns of the desk
``directory``  the agents and the canned responses, known by heart
``answers``    answers that fit into one frame
``context``    the parts that handlers share
``config``     what of the settings the desk goes by

The only place where the rules, the store and the hub meet. It opens no socket.
"""

from relay.helpdesk.config import DeskConfig, SiteConfig
from relay.helpdesk.helpdesk import Helpdesk

__all__ = ["DeskConfig", "Helpdesk", "SiteConfig"]
