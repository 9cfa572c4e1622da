"""The register of people: its extract, its daily changes, and the history of everybody's numbers.

`row` checks one person, `load` stores an extract, `delta` a day's changes. Formats
and rules: `specs/register.md`. Its SQL is in `issuer.store.people_store` and `issuer.store.delta_store`.
"""

from issuer.people.load import PeopleLoaded, load_people, read_extract
from issuer.people.row import COLUMNS, PersonRow

__all__ = ["COLUMNS", "PeopleLoaded", "PersonRow", "load_people", "read_extract"]
