"""What linking leaves for people: a queue for health station and police, two people for every correction.

`specs/worklist.md` tells states, roles and rules. Nothing here knows of the web; `issuer.web` shows it.
"""
