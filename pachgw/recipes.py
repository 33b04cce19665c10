"""
Settings to paste into S3 clients, for the endpoint that is served here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from pachgw.settings import Settings

KEY = "any-word"
"""
What stands for the credentials while nobody asks for them; clients want some all the same.
"""


PLACE_OF_KEY = "YOUR-TOKEN"
"""
What stands for them where somebody may ask.
"""


def recipes(url: str, key: str = KEY) -> Mapping[str, str]:
    """
    What to paste, by client.

    @param url: where S3 is served, C{http://host:port}.
    @param key: access key and secret key, both the Pachyderm token.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return {
        "mc": f"mc alias set pach {url} {key} {key} --api S3v4 --path on",
        "aws": (
            f"export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={key} AWS_DEFAULT_REGION=us-east-1 AWS_ENDPOINT_URL={url}\naws s3 ls"
        ),
        "s3cmd": (
            f"s3cmd --access_key={key} --secret_key={key} --host={parts.netloc} --host-bucket={parts.netloc}"
            f"{'' if secure else ' --no-ssl'} ls"
        ),
        "boto3": (
            f'boto3.client("s3", endpoint_url="{url}", aws_access_key_id="{key}", aws_secret_access_key="{key}", region_name="us-east-1")'
        ),
        "DuckDB": (
            f"CREATE SECRET pach (TYPE s3, KEY_ID '{key}', SECRET '{key}', ENDPOINT '{parts.netloc}', URL_STYLE 'path',"
            f" USE_SSL {'true' if secure else 'false'}, REGION 'us-east-1');"
        ),
    }


def recipes_of(settings: Settings, urls: Sequence[str]) -> Mapping[str, str]:
    """
    What to paste for a gateway. A pachd may ask for tokens, and so does a store that was given one.

    @param urls: where S3 is served; with none there is nothing to paste.
    """
    asks = settings.pachd or settings.root_token
    return recipes(urls[0], PLACE_OF_KEY if asks else KEY) if urls else {}
