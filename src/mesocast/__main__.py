"""``python -m mesocast``."""

import sys

from mesocast.cli import main

sys.exit(main())
