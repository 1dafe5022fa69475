"""`make bench`: ours beside Radicale, Xandikos and nginx, the same made-up household, interleaved in one run.

Wall time, CPU time of the server's whole process tree, memory, and the ratio to the best peer, for the rows of
`rows.py`. Not a timed test: it asserts that answers are right, never how long they took. A wrong answer prints FAILS,
a peer that is not installed is named.
"""
