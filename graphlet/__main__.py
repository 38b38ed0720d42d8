"""``python -m graphlet``"""

import sys

from graphlet.cli import main

sys.exit(main())
