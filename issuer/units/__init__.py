"""Administrative units of Vietnam with the days on which they were valid, and what each became.

`units` answers questions from the shipped data (`data/`, provenance and licences in `data/NOTICE.md`); `load` puts the
same data into the database, for joins. Explained in `specs/units.md`.
"""
