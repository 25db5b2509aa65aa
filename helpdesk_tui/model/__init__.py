"""What an agent sees of the desk: a fold over the relay's frames.

``objects``     requests and messages, cleaned: the only way in for a string from outside
``timeline``    a request's messages by seq, and what is missing between
``outbox``      texts that the relay has not acknowledged
``connection``  whether the relay is there, and if not, why, and when it is tried again
``desk``        the fold: every frame changes it the same way, however often it comes
``seat``        the desk as one agent works at it: what is open, and what the agent does
``sending``     what the agent sends, and when it may go out
``asking``      what is asked of the relay, until it is answered
``drafting``    what is being written, answers and notes apart
``hearing``     what the relay says, taken in at a seat
``effects``     what follows, for the app to carry out
``refusals``    the words for what the relay refuses
``listing``     the sections, the order and the words of the request list
``room``        how much of what was said is kept in memory
``conversation``  the words of the chat
``profile``     the words of the side pane
``unread``      how many of a customer's texts are new, or at most
``waiting``     how long a customer has waited, in words
``numbers``     what a week's requests come to
``colleagues``  who else is at a request
``canned``      canned responses with the names filled in
``tags``        what a tag may be
``links``       the links in a conversation
``events``      what happens, in a line each
``telling``     when to tell an agent who looks elsewhere
``typing``      when to say that the agent writes

No Textual, no sockets, no asyncio, no clock, no disk: time and ids come in as arguments.
"""
