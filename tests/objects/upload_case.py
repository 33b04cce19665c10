"""
Uploads on a fake PFS, for tests of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from pachgw.objects import part_checks
from pachgw.objects.store import ObjectStore
from pachgw.objects.values import CompletedPart, Part, Written
from pachgw.s3.conditions import NONE, Conditions
from pachgw.s3.metadata import Checksum, Metadata
from tests.objects.bodies import FakeBody
from tests.objects.store_case import BUCKET, CALLER, StoreTestCase

OWN = "_pachgw_"


def named(*parts: Part) -> list[CompletedPart]:
    """
    Parts as a Complete names them.
    """
    return [CompletedPart(part.number, part.etag) for part in parts]


class UploadTestCase(StoreTestCase):
    """
    Parts may be small here, but for the tests of how small.
    """

    def setUp(self) -> None:
        """
        Make the store.
        """
        super().setUp()
        self.patch(part_checks, "SMALLEST", 3)

    def begin(self, key: str = "dir/big", **options: Any) -> str:
        """
        Begin an upload.
        """
        return self.now(self.store.create_upload(CALLER, BUCKET, key, Metadata(user={"colour": "blue"}), **options)).id

    def part(
        self, id: str, number: int, content: bytes, key: str = "dir/big", sums: Sequence[Checksum] = (), store: Optional[ObjectStore] = None
    ) -> Part:
        """
        Upload a part.
        """
        body = FakeBody(content, checksums=sums)
        return self.now((store or self.store).upload_part(CALLER, BUCKET, key, id, number, body))

    def complete(
        self,
        id: str,
        parts: Sequence[CompletedPart],
        key: str = "dir/big",
        conditions: Conditions = NONE,
        checksum: Optional[Checksum] = None,
        size: Optional[int] = None,
        store: Optional[ObjectStore] = None,
    ) -> Written:
        """
        Complete an upload.
        """
        return self.now((store or self.store).complete_upload(CALLER, BUCKET, key, id, parts, conditions, checksum, size))

    def hidden(self) -> list[str]:
        """
        The files about uploads on the gateway's own branch.
        """
        return sorted(path for path in self.pfs.head(OWN).files if not path.startswith(("/objects/", "/parts/")))
