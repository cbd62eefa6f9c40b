"""``python -m mesocast``."""

import sys

from mesocast.cli.main import main

sys.exit(main())
