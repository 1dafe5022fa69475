"""The door for changes made behind our back. So far: what a look at the disk noticed, and a scan at every start.

The watcher that is told by the kernel comes with a later issue; it will call the same `observe`.
"""
