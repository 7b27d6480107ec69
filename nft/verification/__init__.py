"""
Checking documents: ordered checks over a document and whatever the reader brings.

* `files`: the report on any file; `certificate`, `extract`, `bundle`: that on each kind
* `claims`, `issuer`, `work`, `statement`, `voucher`, `blocks`, `chain`, `status`, `anchor`: what
  they check
* `inputs`: what the reader brings; `report`: what comes out; `words`: every sentence in it

Pure: nodes, files and hashes are gathered elsewhere and passed in. A check that could not run says
so and is never taken for a pass. The same report answers the command line, the API and the page.
"""

from nft.verification.bundle import verify_archive, verify_bundle
from nft.verification.certificate import verify
from nft.verification.claims import MAX_MEDIA, Claims, NotACertificate, read_claims
from nft.verification.extract import verify_extract
from nft.verification.files import (
    Wanted,
    claims_of,
    verify_document,
    verify_evidence,
    verify_file,
    wanted_blocks,
)
from nft.verification.inputs import (
    ChainEvidence,
    Evidence,
    NodeHashes,
    read_hashes,
)
from nft.verification.reading import read_json
from nft.verification.report import BlockTrust, Check, Finding, Report, Result

__all__ = [
    "MAX_MEDIA",
    "BlockTrust",
    "ChainEvidence",
    "Check",
    "Claims",
    "Evidence",
    "Finding",
    "NodeHashes",
    "NotACertificate",
    "Report",
    "Result",
    "Wanted",
    "claims_of",
    "read_claims",
    "read_hashes",
    "read_json",
    "verify",
    "verify_archive",
    "verify_bundle",
    "verify_document",
    "verify_evidence",
    "verify_extract",
    "verify_file",
    "wanted_blocks",
]
