"""Sockets and nothing else: bytes in, bytes out, and the life of the process around them.

``relay``       opens, listens, drains and closes; what the commands start
``connection``  one socket: the library's Sans-I/O protocol in an ``asyncio.Protocol``
``incoming``    what comes in by a socket, a slice at a time
``outgoing``    what leaves by a socket, and how the socket ends
``house``       what all connections of a listener share
``inbox``       frames that wait to be taken
``rest``        a pause in taking them, after long answers
``handshake``   what a request is answered: a web page, a refusal, or a WebSocket
``gate``        how many may come: per address, without a hello, in a second, at all
``arrival``     one connection at the gate
``addresses``   what counts as one address, and which proxy's word counts
``pages``       the widget's files, the demo page, and how the relay is
``files``       those files, compressed and named by what is in them
``crowd``       who is connected: keepalive, and the end of them all
``metrics``     the figures as Prometheus reads them, and who may
``witness``     what the operator learns of one connection
``config``      the settings, as each part wants them

No rule of the desk is here, and nothing here reads what a frame says.
"""

from relay.server.relay import control_only, serve

__all__ = ["control_only", "serve"]
