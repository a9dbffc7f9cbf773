"""``python -m tests.languages`` adds new sentences to the catalogues and compiles them."""

import sys

from tests.languages.catalogues import FOLDER, TRANSLATED, as_mo, as_po, brought_up_to_date


def main() -> None:
    """Write each catalogue in both forms, and count the sentences without a translation."""
    for tag in TRANSLATED:
        catalogue = brought_up_to_date(tag)
        (FOLDER / f"{tag}.po").write_bytes(as_po(catalogue))
        (FOLDER / f"{tag}.mo").write_bytes(as_mo(catalogue))
        missing = sum(not each.string for each in catalogue if each.id)
        sys.stdout.write(f"{tag}: {missing} sentences without a translation\n")


if __name__ == "__main__":
    main()
