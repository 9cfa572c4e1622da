"""What the issuing and the verifying side agree on: the wire format and the closed lists.

Nothing here holds a key, reads a clock or opens a connection.
"""
