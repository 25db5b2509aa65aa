"""The rules of the desk: what may happen to a help request, and what it is afterwards.

``events``   what has happened, in the past tense, and who did it
``commands`` what somebody wants, in the imperative
``request``  a help request as the fold of its log
``rules``    the table of what is allowed, and ``decide``
``plain``    an event as plain data and back, one shape for disk, wire and file
``tally``    what a purge counts
``figures``  what requests come to: times, ratings, by day and agent
``record``   a request with all that stands around it: its customer, page and read marks

Knows nothing of sockets, frames, tables or the time of day, and never will: numbers, times and
names come in as arguments.
"""
