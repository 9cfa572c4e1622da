"""`account add`, `move`, `reset`, `reset-second`, `close`: who may use the console. Passwords come on stdin alone."""

import argparse
import getpass
import sys

from issuer.commands.context import Context, Subparsers
from issuer.worklist import accounts, second_factor
from issuer.worklist.roles import Role

__all__ = ["add_parser", "run"]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("account", help="who may use the console")
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="a new account; its first password is read from stdin and must be changed")
    add.add_argument("--login", required=True)
    add.add_argument("--staff-number", required=True, help="one officer has one account")
    add.add_argument("--name", required=True, help="as shown in the console")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument(
        "--area", default="", metavar="CODE", help="commune 5, district 3, province 2 digits; ministry none"
    )
    for name, words in (
        ("reset", "a new first password from stdin; ends all sessions"),
        ("reset-second", "take the second factor away from who lost the phone; ends all sessions"),
        ("close", "for good"),
    ):
        action = actions.add_parser(name, help=words)
        action.add_argument("--login", required=True)
    move = actions.add_parser(
        "move", help="to another area in the same role: an officer who is posted, communes that merge"
    )
    move.add_argument("--login", required=True)
    move.add_argument("--area", required=True, metavar="CODE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Add, move, reset, take the second factor away or close."""
    now, actor = context.now(), context.actor
    if arguments.action == "add":
        accounts.add_account(
            context.engine,
            login=arguments.login,
            staff_number=arguments.staff_number,
            name=arguments.name,
            role=Role(arguments.role),
            area_code=arguments.area,
            password=_password(),
            now=now,
            actor=actor,
        )
    elif arguments.action == "reset":
        accounts.reset_password(context.engine, arguments.login, _password(), now=now, actor=actor)
    elif arguments.action == "move":
        accounts.move_account(context.engine, arguments.login, arguments.area, now=now, actor=actor)
    elif arguments.action == "reset-second":
        second_factor.remove(context.engine, arguments.login, now=now, actor=actor)
    else:
        accounts.close_account(context.engine, arguments.login, now=now, actor=actor)
    context.out.write(f"account {arguments.login}: {_DONE[arguments.action]}\n")
    return 0


_DONE = {
    "add": "added; the password is changed at the first sign-in",
    "reset": "new first password; all sessions ended",
    "reset-second": "second factor taken away; all sessions ended",
    "move": "moved to the other area",
    "close": "closed",
}


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Mật khẩu / password: ")
    return sys.stdin.readline().rstrip("\n")
