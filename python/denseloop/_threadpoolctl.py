"""The controller by which threadpoolctl's limits hold for denseloop too."""

import os
from pathlib import Path

from threadpoolctl import LibController, register

from denseloop import _core, _threads

FILE = os.path.realpath(_core.__file__)


class CoreController(LibController):
    """Limits what calls in the same Python thread take by default, as that of OpenMP does."""

    user_api = internal_api = "denseloop"
    filename_prefixes = (Path(FILE).name.lower(),)
    check_symbols = ("PyInit__core",)

    def set_additional_attributes(self):
        if not os.path.samefile(self.filepath, FILE):
            self.dynlib = None  # another package's module of this name, to be left alone

    def get_num_threads(self):
        return _threads.within_limit()

    def set_num_threads(self, num_threads):
        _threads.limit_this_thread(max(num_threads, 1))

    def get_version(self):
        return _core.version


register(CoreController)
