"""
Where our contracts stand: what comes with the program, and what the settings add.
"""

from pathlib import Path

import nft.chain
from api.settings import Settings
from nft.chain.deployments import Deployment, load_all

OURS = Path(nft.chain.__path__[0]) / "deployments"


def deployments(settings: Settings) -> dict[int, Deployment]:
    """Every deployment by chain id; the folder named in the settings wins."""
    given = [settings.deployments_dir] if settings.deployments_dir else []
    return load_all(*(folder for folder in (OURS, *given) if folder.is_dir()))
