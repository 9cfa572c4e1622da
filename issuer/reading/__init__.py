"""What a cell means, as people type it: a date, a number, a name, a vaccine; and the closed list of what can be wrong.

Pure, one cell or a few at a time. Whoever takes lists in, cleans them or mends them reads cells by these rules alone.
"""
