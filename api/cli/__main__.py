"""`python -m api.cli`, which the supervisor uses to start its children."""

import sys

from api.cli import main

sys.exit(main())
