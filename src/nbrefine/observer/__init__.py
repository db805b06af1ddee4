"""Runs inside the user's kernel and says what each cell did.

Nothing here imports anything but the standard library, so that the files can be sent as text into
a kernel where nbrefine is not installed, on Python 3.9 and later. Libraries that the user works
with are found in ``sys.modules``, never imported.
"""
