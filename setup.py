"""
How pachgw is built and installed; the tools' settings are in C{pyproject.toml}.
"""

import re
from pathlib import Path

from setuptools import find_namespace_packages, setup

here = Path(__file__).parent
(version,) = re.findall(r'^__version__ = "(.+)"$', (here / "pachgw" / "__init__.py").read_text(encoding="utf-8"), re.MULTILINE)

setup(
    name="pachgw",
    version=version,
    description="An S3 gateway to versioned data: Pachyderm's branches and commits as buckets, or a store of its own",
    long_description=(here / "README.rst").read_text(encoding="utf-8"),
    long_description_content_type="text/x-rst",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=[*find_namespace_packages(include=["pachgw", "pachgw.*"]), "twisted.plugins"],
    package_dir={"twisted.plugins": "twisted_plugins"},
    package_data={"pachgw": ["py.typed"], "pachgw.pfs.proto": ["*.proto", "*.pyi"], "pachgw.embedded.schema": ["*.sql"]},
    install_requires=[
        "Twisted[tls]>=24.3",
        "treq>=24.9",
        "txaio>=23.1",
        "grpcio>=1.80",
        "protobuf>=7.35.1",
        "zope.interface>=6",
        "lxml>=5",
        "awscrt>=0.31",
    ],
    extras_require={
        "test": ["pytest>=8", "pytest-timeout>=2.3", "hypothesis>=6.100", "docutils>=0.20", "botocore==1.44.8"],
        "benchmarks": ["matplotlib"],
        "dev": [
            "ruff",
            "mypy",
            "mypy-zope",
            "types-protobuf",
            "grpc-stubs",
            "lxml-stubs",
            "pydoctor",
            "coverage>=7",
            "towncrier",
            "build",
            "types-docutils",
            "grpcio-tools",
        ],
    },
    zip_safe=False,
)
