"""The long proofs, by `make soak`: what is claimed of a thousand is tried with a hundred thousand, and is printed.

A proof asserts what must hold and prints what it saw; no figure of time is ever a reason to fail. The sizes stand at
the top of each file; together they take less than half an hour on two cores.
"""
