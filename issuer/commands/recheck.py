"""What follows a change in the register of people: the doses that it touches are linked and checked again."""

from issuer.clean.schedule import check_schedules
from issuer.commands.context import Context, print_counts
from issuer.link.run import recheck_changed
from issuer.worklist.queue import open_records

__all__ = ["follow", "recheck"]


def recheck(context: Context, *, threads: int, memory: str) -> None:
    """Re-check and print the classes."""
    with context.progress("doses") as progress:
        linked = recheck_changed(
            context.engine,
            now=context.now(),
            actor=context.actor,
            threads=threads,
            memory=memory,
            progress=progress,
        )
    print_counts(context.out, "doses re-checked", linked.looked_at, {one.value: n for one, n in linked.classes.items()})
    context.out.write(f"stored anew or changed: {linked.stored:,}\n")
    follow(context)


def follow(context: Context) -> None:
    """What comes after linking: the schedules of those linked, and the worklist in line with the links."""
    with context.progress("people") as progress:
        found = check_schedules(context.engine, progress=progress)
    if found:
        print_counts(context.out, "problems of schedule, of the people linked last", sum(found.values()), found)
    waiting = open_records(context.engine, now=context.now())
    context.out.write(f"worklist: {waiting.opened + waiting.reopened:,} records opened, {waiting.closed:,} settled\n")
