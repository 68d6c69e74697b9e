"""`python -m config.embedded destroy <data root>`: delete the clusters, even those that no longer start."""

import sys
from pathlib import Path

from . import destroy

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["destroy", root]:
            destroy(Path(root))
        case _:
            sys.exit("usage: python -m config.embedded destroy <data root>")
