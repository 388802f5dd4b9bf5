"""make reference: writes the tables in the documents that come from the code."""

import sys

from docs.reference.pages import PAGES, MissingWords, written


def main() -> int:
    try:
        for page in PAGES:
            text = written(page)
            if text != page.read_text(encoding="utf-8"):
                page.write_text(text, encoding="utf-8")
                print(f"{page} is written anew.")
    except MissingWords as error:
        print(f"make reference: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
