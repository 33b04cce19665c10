"""
C{twistd pachs3}.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from twisted.application.service import IServiceMaker
from twisted.plugin import IPlugin
from twisted.trial.unittest import SynchronousTestCase

import pachgw
from pachgw import tap
from pachgw.gateway import Gateway


class TapTests(SynchronousTestCase):
    """
    The plugin and the module that it names.
    """

    def plugin(self) -> object:
        """The plugin, as it is in a checkout or an installation."""
        path = Path(pachgw.__file__).parents[1] / "twisted_plugins" / "pachs3_plugin.py"
        if not path.exists():
            return importlib.import_module("twisted.plugins.pachs3_plugin").pachs3
        names: dict[str, object] = {}
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
        return names["pachs3"]

    def test_plugin(self) -> None:
        """C{twistd} finds a command of that name."""
        maker = self.plugin()
        self.assertTrue(IPlugin.providedBy(maker))
        self.assertEqual(IServiceMaker(maker).tapname, "pachs3")
        self.assertIs(IServiceMaker(maker).options, tap.Options)

    def test_service(self) -> None:
        """The options become a gateway, which does nothing before it is started."""
        options = tap.Options()
        options.parseOptions(["--listen", "tcp:0:interface=127.0.0.1", "--data-dir", "/does/not/exist", "--log-level", "info"])
        gateway = tap.makeService(options)
        self.assertIsInstance(gateway, Gateway)
        self.assertEqual((gateway.settings.data_dir, gateway.ports), (Path("/does/not/exist"), []))
