"""Is an answer whole, though it had to be taken apart?"""

import re
from functools import cache


def fences(text: str) -> str:
    """The mark of the code fence that is open at the end of a text."""
    mark, depth = "", 0
    for number, line in enumerate(text.split("\n")):
        indent = " {0,3}" if number else " *"  # at the beginning of a message it belongs to a list in the one before
        if not mark and (found := re.fullmatch(rf"({indent}| *(?:-|1\.) +)(?:(`{{3,}})[^`]*|(~{{3,}}).*)", line)):
            mark, depth = found[2] or found[3], len(found[1]) + 3
        elif mark and re.fullmatch(rf" {{0,{depth}}}{mark[0]}{{{len(mark)},}}[ \t]*", line):
            mark = ""
    return mark


def is_whole(parts: list[str], text: str) -> bool:
    """Are these the text, but for blanks at the splits, closed and opened fences, and repeated heads of tables?"""

    # A fence that ends at a split may be closed there in a way of its own.
    dropped = re.compile(r"(?:[ \n]*\n| *)(?: {0,3}(?:`{3,}|~{3,})[ \t]*(?:\n+|$))?")

    @cache
    def fits(number: int, position: int) -> bool:
        latest = dropped.match(text, position).end()
        if number == len(parts):
            return not text[latest:].strip()
        each = parts[number]
        begins, ends = {0}, {len(each)}
        if number and re.match(r" *(?:`{3,}|~{3,})", each):
            begins.add(each.find("\n") + 1)
        if number and (head := re.match(r"\|.*\n\|.*\n", each)):
            begins.add(head.end())
        if re.fullmatch(r" *(?:`{3,}|~{3,})", each[each.rfind("\n") + 1 :]):
            ends |= {each.rfind("\n"), each.rfind("\n") + 1}
        return any(
            text.startswith(each[begin:end], start) and fits(number + 1, start + len(each[begin:end]))
            for start in range(position, latest + 1)
            for begin in begins
            for end in ends
            if begin <= end
        )

    return fits(0, 0)
